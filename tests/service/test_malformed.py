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
        (b"\x1a\x03\x1a\x01\xff", "decoding.target_prefix"),
        (b"\x78\x01" * 1000 + b"\x0a\x01\xff", "text"),
        (b"\x78\x01" * 3000 + b"\x0a\x01\xff", ""),  # beyond what is looked at
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


async def test_a_malformed_text_of_a_batch_is_named(channel: grpc.aio.Channel) -> None:
    """The field of a text in a batch has its index."""
    batch: Any = channel.unary_stream("/jumok.v1.TranslationService/TranslateBatch")
    error, named = await refusal(batch(b"\x0a\x01a\x0a\x01b\x0a\x01\xff"))
    assert (error.code(), named) == (grpc.StatusCode.INVALID_ARGUMENT, ["texts[2]"])


async def test_what_grpc_itself_refuses_has_a_documented_status(channel: grpc.aio.Channel) -> None:
    """A request of more than 4 MiB gets RESOURCE_EXHAUSTED, without a time to retry."""
    translate: Any = channel.unary_stream("/jumok.v1.TranslationService/Translate")
    error, named = await refusal(translate(b"\x0a" * (4 * 2**20 + 1)))
    assert (error.code(), named) == (grpc.StatusCode.RESOURCE_EXHAUSTED, [])
    error, named = await refusal(translate(b"\x0a" * 4 * 2**20))
    assert (error.code(), named) == (grpc.StatusCode.INVALID_ARGUMENT, ["text"])


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
