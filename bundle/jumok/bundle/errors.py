"""Errors of the `bundle` package."""


class BundleError(Exception):
    """A bundle cannot be used; the message says why in one sentence."""


class InvalidTextError(ValueError):
    """A text cannot be tokenized; the message says why in one sentence."""


class VocabularyError(ValueError):
    """A vocabulary cannot be learned from texts; the message says why in one sentence."""
