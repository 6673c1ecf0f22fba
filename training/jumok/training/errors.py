"""What a user can do wrong in training; each message is one sentence that says what to do."""


class TrainingError(Exception):
    """Training, evaluation or a checkpoint cannot go on."""


class ConfigurationError(TrainingError):
    """The configuration is wrong."""


class DataError(TrainingError):
    """The parallel text is missing or too much of it is malformed."""


class CheckpointError(TrainingError):
    """A checkpoint is missing, broken or of another configuration."""
