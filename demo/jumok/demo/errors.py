"""Why a demonstration ends early."""


class DemoError(Exception):
    """A step of the demonstration failed, or a bar was missed."""
