"""Measurements of the service under abuse."""
