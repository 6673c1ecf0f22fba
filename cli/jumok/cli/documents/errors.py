"""Errors of documents; each message is one sentence that says what to do."""


class DocumentError(Exception):
    """A document cannot be read, translated or written."""
