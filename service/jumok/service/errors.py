"""Errors of requests and of the service; each message is one sentence for the caller.

ServiceError
├── InvalidRequestError     a field of the request is wrong
├── ModelNotFoundError      no such model is served
├── NotExplainableError     the model cannot explain its tokens
├── UnauthenticatedError    the call has no valid API key
├── OverloadedError         too many sentences are waiting, or a limit of the caller is reached
├── ResponseFullError       the response of a batch has no room for another translation
├── DeadlineError           the caller's deadline passed
├── ReaderStoppedError      the client stopped reading
├── EngineError             the engine failed; not the caller's fault
├── UnavailableError        the service is draining, or its engine hangs; another one may serve
└── StartupError            the service cannot start
    └── KeyFileError        the file of API keys is wrong
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
    """No model with this name, or for these languages, is served."""

    def __init__(self, field: str, description: str) -> None:
        """Describe the error; `field` is the field of the request that no model satisfies."""
        super().__init__(description)
        self.field = field


class NotExplainableError(ServiceError):
    """The bundle of the model does not tell the stages of attention."""

    def __init__(self, model: str) -> None:
        """Name the model and say what to do."""
        super().__init__(
            f"the model {model} cannot explain its tokens; if it has attention, export it again "
            "with this version of jumok"
        )


class UnauthenticatedError(ServiceError):
    """The call has no valid API key."""


class OverloadedError(ServiceError):
    """Too many sentences are waiting, or a limit of the caller is reached; retry later."""

    def __init__(self, description: str, retry_seconds: float) -> None:
        """Describe the error, and say after how many seconds to try again."""
        super().__init__(description)
        self.retry_seconds = retry_seconds


class ResponseFullError(ServiceError):
    """The response of a batch has no room for another translation."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("the response is full; send this text in another batch")


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


class KeyFileError(StartupError):
    """The file of API keys cannot be read or changed."""
