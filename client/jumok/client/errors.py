"""Errors of the client.

    ClientError
    ├── InvalidRequest    the request is wrong: change it
    ├── Unauthenticated   the server requires an API key, or does not know this one
    ├── ModelNotFound     no such model
    ├── NotExplainable    the model cannot explain its tokens
    ├── Overloaded        too many sentences wait, or a limit of the key is reached: try again after
    │                     `retry_after` seconds
    ├── Unavailable       no server answers, or it is draining
    ├── Timeout           no answer within the client's `timeout`
    ├── Cancelled         the call was cancelled, or the client closed, before it ended
    └── ServerError       the server failed, or its response violates the contract

The message of each is one sentence that says what to do.
"""

# ruff: noqa: N818 - the names say what happened, which "Error" would not add to


class ClientError(Exception):
    """Base class of the errors of this package."""


class InvalidRequest(ClientError):
    """The request is wrong; the same request will be refused again."""

    def __init__(self, message: str, *, field: str = "", description: str = "") -> None:
        """Keep the `field` of the request that is wrong, as spelt on the wire, and the reason."""
        super().__init__(message)
        self.field = field
        self.description = description


class Unauthenticated(ClientError):
    """The server requires an API key, or does not know the one that was sent."""


class ModelNotFound(ClientError):
    """The server has no model of that name, or for these languages."""

    def __init__(self, message: str, *, field: str = "") -> None:
        """Keep the `field` of the request that no model matches, as spelt on the wire."""
        super().__init__(message)
        self.field = field


class NotExplainable(ClientError):
    """The model cannot explain its tokens, because an older jumok exported it."""


class Overloaded(ClientError):
    """Too many sentences wait at the server, or a limit of the API key is reached."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Keep the seconds after which to try again, if the server named them."""
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(ClientError):
    """No server answers at the address, or it takes no requests at present."""


class Timeout(ClientError):
    """The response was not complete in time."""


class Cancelled(ClientError):
    """The call was cancelled by this side, a proxy or the server."""


class ServerError(ClientError):
    """The server failed, or its response violates the contract."""
