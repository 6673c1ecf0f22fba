"""Requests that are not protobuf or name no method, over a real connection."""

from typing import Any

import grpc
import pytest

from benchmarks.abuse.messages import documented_statuses, over_sockets, requests
from jumok.service.server import Server
from tests.service.conftest import refusal


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"\x0a\x03\xed\xa0\x80", "text"),  # U+D800, which is half of a surrogate pair
        (b"\x0a\x01\xff", "text"),
        (b"\x0a\x03abc\x12\x01\xff", "model"),
        (b"\x0a\x7fshort", ""),
        (b"\xff\xff\xff", ""),
    ],
)
async def test_malformed_protobuf_is_refused(
    channel: grpc.aio.Channel, content: bytes, field: str
) -> None:
    """A request that cannot be parsed gets INVALID_ARGUMENT, with the field if it is known."""
    translate: Any = channel.unary_stream("/jumok.v1.TranslationService/Translate")
    describe: Any = channel.unary_unary("/jumok.v1.TranslationService/GetModel")
    error, named = await refusal(translate(content))
    assert (error.code(), named) == (grpc.StatusCode.INVALID_ARGUMENT, [field])
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await describe(b"\xff\xff\xff")
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_unknown_method_is_unimplemented(channel: grpc.aio.Channel) -> None:
    """A path that names no method gets UNIMPLEMENTED."""
    for path in ("/a/b/c", "/jumok.v1.TranslationService/Other", "/jumok.v1.Other/Translate"):
        method: Any = channel.unary_unary(path)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await method(b"")
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


async def test_damaged_requests_get_documented_statuses(server: Server) -> None:
    """However a request is damaged, its status is one that the .proto lists."""
    found = await over_sockets(f"localhost:{server.port}", requests(150, start=2))
    assert {status for _, status in found} <= documented_statuses()
