"""Errors of the `runtime` package."""


class RuntimeSetupError(Exception):
    """The requested provider or precision does not work here; the message says what to do."""
