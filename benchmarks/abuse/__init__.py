"""Callers that try to block, starve or exhaust the service, and what others see of it."""
