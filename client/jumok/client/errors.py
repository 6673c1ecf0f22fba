"""What the client raises.

    ClientError
    ├── InvalidRequest    the request is wrong: change it
    ├── ModelNotFound     no such model
    ├── Overloaded        too many sentences wait: try again after `retry_after` seconds
    ├── Unavailable       no server answers, or it is draining
    ├── Timeout           no answer within the client's `timeout`
    ├── Cancelled         the call was cancelled, given up, or the client closed, before its end
    └── ServerError       the server failed, or answered what the contract does not allow

The message of each is one sentence that says what to do.
"""

# ruff: noqa: N818 - the names say what happened, which "Error" would not add to


class ClientError(Exception):
    """Base of all that this package raises on purpose."""


class InvalidRequest(ClientError):
    """The request is wrong; the same request will be refused again."""

    def __init__(self, message: str, *, field: str = "", description: str = "") -> None:
        """Keeps which `field` of the request is wrong, as spelt on the wire, and why."""
        super().__init__(message)
        self.field = field
        self.description = description


class ModelNotFound(ClientError):
    """The server has no model of that name."""


class Overloaded(ClientError):
    """Too many sentences wait at the server."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Keeps after how many seconds to try again, if the server said so."""
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(ClientError):
    """No server answers at the address, or it takes no requests now."""


class Timeout(ClientError):
    """The answer was not complete in time."""


class Cancelled(ClientError):
    """The call ended before its end because this side, a proxy or the server gave it up."""


class ServerError(ClientError):
    """The server failed, or answered what the contract does not allow."""
