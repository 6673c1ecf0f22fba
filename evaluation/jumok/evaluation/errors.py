"""What a user can do wrong in an evaluation; each message is one sentence that says what to do."""


class EvaluationError(Exception):
    """An evaluation or a comparison cannot be made."""
