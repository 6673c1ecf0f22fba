"""Errors that a user of training can cause; each message is one sentence that says what to do."""


class TrainingError(Exception):
    """Training cannot continue."""


class ConfigurationError(TrainingError):
    """The configuration is invalid."""


class DataError(TrainingError):
    """A data file is missing, unreadable or has too many malformed lines."""


class CheckpointError(TrainingError):
    """A checkpoint is missing, damaged or belongs to another configuration."""


class DivergenceError(TrainingError):
    """The loss or a gradient is not finite."""


class AlignerError(TrainingError):
    """A word aligner is missing, failed or has nothing to align."""
