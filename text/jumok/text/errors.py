"""Errors of texts; each message is one sentence for the caller."""


class MarkupError(ValueError):
    """A text is not in the markup that it is said to be in."""
