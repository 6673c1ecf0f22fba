"""Explained tokens, with both clients."""

from typing import Any

import pytest

from jumok.client import responses
from jumok.client.async_client import AsyncClient
from jumok.client.errors import InvalidRequest, NotExplainable, ServerError
from jumok.client.explained import ExplainedPosition
from jumok.client.json_form import to_json
from jumok.client.sync_client import Client
from jumok.v1 import translation_pb2 as pb
from tests.client.answers import ENGLISH, TEXT


def test_token_is_explained(client: Client) -> None:
    """The result has all fields of the response, and the text."""
    explained = client.explain(TEXT, token_index=3)

    assert (explained.source_text, explained.text) == (TEXT, ENGLISH)
    assert (explained.token.piece, explained.token.attention) == ("▁stu", ())
    assert explained.positions[1] == ExplainedPosition((1.0, 2.0), (1.0, 2.0, 4.0), -1.0, 0.25)
    assert (explained.query, explained.decoder_output) == ((0.5, -0.25, 1.5),) * 2
    assert (explained.context, explained.attentional) == ((1.0, 1.75, 4.0), (0.75, -0.5))
    assert explained.lexical == (0.125, 0.25)
    assert [each.piece for each in explained.candidates] == ["▁stu", "▁other"]
    assert (explained.score_function, explained.wiring) == ("additive", "luong")
    assert (explained.model, explained.model_fingerprint) == ("ko-en", "f" * 64)


def test_what_is_asked_is_sent(client: Client, server: Any) -> None:
    """Target, index, model and languages are sent."""
    client.explain(TEXT, "I am", token_index=1, source_language="ko", target_language="en")
    (request,) = server.servicer.explanations

    assert (request.text, request.target, request.token_index) == (TEXT, "I am", 1)
    assert (request.model, request.source_language, request.target_language) == ("", "ko", "en")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"text": "\udc80"}, "text"),
        ({"target": "\udc80"}, "target"),
        ({"token_index": -1}, "token_index"),
    ],
)
def test_what_cannot_be_sent(client: Client, arguments: dict[str, Any], field: str) -> None:
    """What a message cannot hold is refused, with the field."""
    with pytest.raises(InvalidRequest) as refused:
        client.explain(**{"text": TEXT, **arguments})

    assert refused.value.field == field


def test_refusals(client: Client) -> None:
    """A wrong index names its field; a model that cannot explain has an exception of its own."""
    with pytest.raises(InvalidRequest, match=r"^token_index: the translation has 6 tokens"):
        client.explain(TEXT, token_index=6)
    with pytest.raises(NotExplainable, match="old cannot explain"):
        client.explain(TEXT, model="old")


def test_incomplete_responses_are_refused() -> None:
    """A response without the token that it explains is an error of the server."""
    with pytest.raises(ServerError, match="without the token"):
        responses.explained(TEXT, pb.ExplainResponse())


def test_as_json(client: Client) -> None:
    """An explanation is an object with one key."""
    written = to_json(client.explain(TEXT))["explained"]

    assert written["positions"][0] == {
        "key": [0.0, 2.0],
        "value": [1.0, 0.0, 4.0],
        "score": 0.0,
        "attention": 0.5,
    }


async def test_async_client_does_the_same(client: Client, server: Any) -> None:
    """Both clients give equal values."""
    async with AsyncClient(server.address, timeout=10) as async_client:
        assert await async_client.explain(TEXT) == client.explain(TEXT)
        with pytest.raises(InvalidRequest):
            await async_client.explain(TEXT, token_index=6)
