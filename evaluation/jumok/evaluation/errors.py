"""Errors that a user of evaluation can cause; each message is one sentence that says what to do."""


class EvaluationError(Exception):
    """An evaluation or a comparison is impossible."""
