"""Errors of pictures; each message is one sentence that says what to do."""


class FontError(Exception):
    """The font that JUMOK_FONT names cannot be used."""
