"""Explain, over a real connection."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np
import pytest

from jumok.bundle.errors import BundleError
from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub
from tests.service.calls import TEXT, events
from tests.service.conftest import CopyingEngine, refusal


async def refused(stub: Any, **fields: Any) -> tuple[grpc.aio.AioRpcError, list[str]]:
    """Return the error of a call and the fields named in its BadRequest."""

    async def call() -> Any:
        yield await stub.Explain(pb.ExplainRequest(**fields))

    return await refusal(call())


async def test_a_token_of_the_greedy_translation(stub: Any) -> None:
    """Without a target, the greedy translation is explained; the equations hold."""
    source, tokens, _ = await events(stub, text=TEXT)
    for index, token in enumerate(tokens):
        response = await stub.Explain(pb.ExplainRequest(text=TEXT, token_index=index))
        assert response.source == source
        assert [each.id for each in response.tokens[:-1]] == [each.id for each in tokens]
        assert "".join(each.text for each in response.tokens) == TEXT
        assert response.token_index == index
        attention = np.array([each.attention for each in response.positions])
        assert attention.tolist() == list(token.attention)
        scores = np.array([each.score for each in response.positions])
        exponentials = np.exp(scores - scores.max())
        assert np.allclose(exponentials / exponentials.sum(), attention)
        values = np.array([each.value for each in response.positions])
        assert np.allclose(attention @ values, response.context)
        assert response.candidates[0].id == token.id
        assert len(response.candidates) == 10
        assert response.query == [index + 0.0]  # the state of the fake engine counts the steps
    assert (response.score_function, response.wiring, response.model) == ("dot", "luong", "copy")
    assert response.tokens[-1].piece == "</s>"
    assert not response.lexical


async def test_a_token_of_a_given_translation(stub: Any) -> None:
    """A given translation is explained as it is, whatever the model would have written."""
    given = "우리는 책을"
    response = await stub.Explain(pb.ExplainRequest(text=TEXT, target=given, token_index=1))
    assert "".join(each.text for each in response.tokens) == given
    explained = response.tokens[1]
    assert explained.id != response.candidates[0].id
    assert explained.log_prob == pytest.approx(-9)
    assert explained.best_position == 1
    assert not explained.attention


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "나" * 61}, "text"),
        ({"text": TEXT, "target": " "}, "target"),
        ({"text": TEXT, "target": "나" * 51}, "target"),
        ({"text": TEXT, "token_index": 51}, "token_index"),
        ({"text": TEXT, "token_index": 40}, "token_index"),
        ({"text": TEXT, "target": "나", "token_index": 9}, "token_index"),
    ],
)
async def test_bad_requests_name_their_field(stub: Any, fields: dict[str, Any], field: str) -> None:
    """An invalid text or index is reported with its field."""
    error, named = await refused(stub, **fields)
    assert (error.code(), named) == (grpc.StatusCode.INVALID_ARGUMENT, [field])


async def test_a_bundle_without_stages(stub: Any, engine: CopyingEngine) -> None:
    """A model that an older jumok exported is served, but cannot explain; the error says so."""
    engine.stages = None
    error, _ = await refused(stub, text=TEXT)
    assert error.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "export it again" in (error.details() or "")
    _, _, result = await events(stub, text=TEXT)
    assert result.hypotheses[0].text == TEXT


async def test_a_failure_ends_only_the_explanation(
    stub: Any, engine: CopyingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the stages cannot be computed, that call is INTERNAL, and translations go on."""

    def fail(*_: object) -> Any:
        raise RuntimeError("no such tensor")

    monkeypatch.setattr(engine, "explain", fail)
    explained, translated = await asyncio.gather(refused(stub, text=TEXT), events(stub, text=TEXT))
    assert explained[0].code() == grpc.StatusCode.INTERNAL
    assert translated[2].hypotheses[0].text == TEXT


async def test_a_damaged_bundle_is_internal(
    stub: Any, engine: CopyingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the graph cannot be opened once more, the call is INTERNAL, without the reason."""

    def fail() -> None:
        raise BundleError("secret")

    monkeypatch.setattr(engine, "open_stages", fail)
    error, _ = await refused(stub, text=TEXT)
    assert error.code() == grpc.StatusCode.INTERNAL
    assert "secret" not in (error.details() or "")


@pytest.fixture
def start(model: ServedModel, config: ServiceConfig) -> Callable[[int], Server]:
    """Make a server whose responses have at most this many bytes."""

    def make(most: int) -> Server:
        small = config.model_copy(update={"max_response_bytes": most})
        return Server(small, ModelRegistry([model]))

    return make


async def test_responses_are_bounded(start: Callable[[int], Server], engine: CopyingEngine) -> None:
    """An explanation that could be larger than a response may be is refused before any work."""
    server = start(20_000)
    await server.start()
    async with grpc.aio.insecure_channel(f"localhost:{server.port}") as channel:
        stub = TranslationServiceStub(channel)
        assert await stub.Explain(pb.ExplainRequest(text=TEXT, target=TEXT))
        engine.sizes["encoder"] = 1000
        steps = engine.steps
        error, named = await refused(stub, text=TEXT, target=TEXT)
    await server.stop()
    assert (error.code(), named) == (grpc.StatusCode.INVALID_ARGUMENT, ["text"])
    assert engine.steps == steps
