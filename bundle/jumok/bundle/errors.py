"""What can be wrong with a bundle or with a text that is to be tokenized."""


class BundleError(Exception):
    """A bundle cannot be used; the message is one sentence that says why."""


class InvalidTextError(ValueError):
    """A text cannot be tokenized; the message is one sentence that says why."""


class VocabularyError(ValueError):
    """A vocabulary cannot be learned from texts; the message is one sentence that says why."""
