"""Errors of `jumok web` that a user can cause."""


class GatewayError(Exception):
    """The server cannot start; the message says why and what to do."""
