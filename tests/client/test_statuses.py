"""gRPC statuses as exceptions."""

import grpc
import grpc.aio
import pytest

from jumok.client.errors import (
    Cancelled,
    ClientError,
    InvalidRequest,
    NotExplainable,
    Overloaded,
    ServerError,
    Unauthenticated,
    Unavailable,
)
from jumok.client.statuses import client_error


def error(code: grpc.StatusCode, details: str) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details)


@pytest.mark.parametrize(
    ("code", "details", "kind", "message"),
    [
        ("INVALID_ARGUMENT", "bad", InvalidRequest, "the request was refused: bad"),
        ("RESOURCE_EXHAUSTED", "message too large", Overloaded, r"\(message too large\)"),
        (
            "UNAUTHENTICATED",
            "the key is not known",
            Unauthenticated,
            "a:1 refused the call: the key",
        ),
        ("UNAVAILABLE", "Tls handshake failed: x", Unavailable, "no TLS connection to a:1"),
        ("UNAVAILABLE", "failed to connect: Socket closed", Unavailable, "does it require TLS"),
        ("UNAVAILABLE", "DNS resolution failed for x", Unavailable, "no host is known"),
        ("UNAVAILABLE", "failed to connect to all addresses", Unavailable, "jumok serve"),
        ("UNAVAILABLE", "Socket closed", Unavailable, "connection to a:1 was lost"),
        ("UNAVAILABLE", "loading", Unavailable, r"takes no requests now \(loading\)"),
        ("FAILED_PRECONDITION", "ko-en cannot explain", NotExplainable, "^ko-en cannot explain$"),
        ("CANCELLED", "", Cancelled, "was cancelled"),
        ("ABORTED", "nothing was read for 9 seconds", Cancelled, "a:1 gave the call up, as"),
        ("UNIMPLEMENTED", "Method not found!", ServerError, "is it a jumok server"),
        ("INTERNAL", "the engine\nstopped.", ServerError, "INTERNAL: the engine stopped$"),
        ("UNKNOWN", "", ServerError, "UNKNOWN: see its log"),
    ],
)
def test_status_without_details(
    code: str, details: str, kind: type[ClientError], message: str
) -> None:
    """A status without google.rpc details becomes an exception with a message of one line."""
    converted = client_error(error(grpc.StatusCode[code], details), "a:1")

    assert type(converted) is kind
    with pytest.raises(kind, match=message):
        raise converted
    assert "\n" not in str(converted)


def test_broken_details_are_ignored() -> None:
    """A google.rpc.Status that contradicts its call does not hide the call's own status."""
    metadata = grpc.aio.Metadata(("grpc-status-details-bin", b"\x08\x05"))
    contradicted = grpc.aio.AioRpcError(
        grpc.StatusCode.INVALID_ARGUMENT, grpc.aio.Metadata(), metadata, "bad"
    )

    assert type(client_error(contradicted, "a:1")) is InvalidRequest
