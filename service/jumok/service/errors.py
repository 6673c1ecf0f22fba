"""Errors of requests and of the service; each message is one sentence for the caller.

ServiceError
├── InvalidRequestError     a field of the request is wrong
├── ModelNotFoundError      no such model is served
├── OverloadedError         too many sentences are waiting
├── DeadlineError           the caller's deadline passed
├── ReaderStoppedError      the client stopped reading
├── EngineError             the engine failed; not the caller's fault
├── UnavailableError        the service is draining, or its engine hangs; another one may serve
└── StartupError            the service cannot start
"""


class ServiceError(Exception):
    """Base class of all errors that the service raises."""


class InvalidRequestError(ServiceError):
    """A field of the request is wrong."""

    def __init__(self, field: str, description: str) -> None:
        """Describe the error; `field` is the path of the field in the .proto, with dots."""
        super().__init__(description)
        self.field = field


class ModelNotFoundError(ServiceError):
    """No model with this name is served."""


class OverloadedError(ServiceError):
    """Too many sentences are waiting; a later retry may succeed."""

    def __init__(self, description: str, retry_seconds: float) -> None:
        """Describe the error, and say after how many seconds to try again."""
        super().__init__(description)
        self.retry_seconds = retry_seconds


class DeadlineError(ServiceError):
    """The caller's deadline passed before the translation was complete."""


class ReaderStoppedError(ServiceError):
    """The client stopped reading."""

    def __init__(self, seconds: float) -> None:
        """Say for how long it did not read."""
        super().__init__(
            f"nothing was read for {seconds:g} seconds, so the translation was cut off"
        )


class EngineError(ServiceError):
    """The engine failed on this sentence."""


class UnavailableError(ServiceError):
    """This server cannot serve now; another one may."""


class StartupError(ServiceError):
    """The service cannot start as configured."""
