"""Hostile input: commands that show what the service and the bundle loader make of it."""
