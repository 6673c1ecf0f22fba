"""Why a request or the service itself fails; each message is one sentence for the caller.

ServiceError
├── InvalidRequestError     a field of the request is wrong
├── ModelNotFoundError      no such model is served
├── OverloadedError         too many sentences wait
├── DeadlineError           the caller's deadline passed
├── ReaderStoppedError      the caller takes nothing any more
├── EngineError             the engine failed; not the caller's fault
└── StartupError            the service cannot start
"""


class ServiceError(Exception):
    """Root of what the service raises on purpose."""


class InvalidRequestError(ServiceError):
    """A field of the request is wrong."""

    def __init__(self, field: str, description: str) -> None:
        """Name the field as the .proto spells it, dots for nesting, and say what is wrong."""
        super().__init__(description)
        self.field = field


class ModelNotFoundError(ServiceError):
    """No model of that name is served."""


class OverloadedError(ServiceError):
    """Too many sentences wait; trying again later may work."""

    def __init__(self, description: str, retry_seconds: float) -> None:
        """Say what is full, and after how many seconds to try again."""
        super().__init__(description)
        self.retry_seconds = retry_seconds


class DeadlineError(ServiceError):
    """The caller's deadline passed before all was decided."""


class ReaderStoppedError(ServiceError):
    """The caller takes nothing any more."""

    def __init__(self, seconds: float) -> None:
        """Say for how long it took nothing."""
        super().__init__(
            f"nothing was read for {seconds:g} seconds, so the translation was cut off"
        )


class EngineError(ServiceError):
    """The engine failed on this sentence."""


class StartupError(ServiceError):
    """The service cannot start as configured."""
