"""The wire, over a real connection to a server whose engine copies the source."""

import asyncio
import threading
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

from service.server import Server
from tests.service.conftest import CopyingEngine, refusal

TEXT = "나는 학생입니다"


async def events(stub: Any, **fields: object) -> tuple[pb.Source, list[pb.Token], pb.Result]:
    request = pb.TranslateRequest(**fields)  # type: ignore[arg-type]
    responses = [response async for response in stub.Translate(request)]
    kinds = [response.WhichOneof("event") for response in responses]
    assert kinds == ["source", *["tokens"] * (len(kinds) - 2), "result"]
    tokens = [token for response in responses[1:-1] for token in response.tokens.tokens]
    return responses[0].source, tokens, responses[-1].result


@pytest.fixture
def stub(channel: grpc.aio.Channel) -> Any:
    return TranslationServiceStub(channel)


async def test_translation(stub: Any) -> None:
    """A translation is its source, its tokens and its result, and they fit together."""
    source, tokens, result = await events(stub, text=TEXT)
    assert [TEXT[word.start : word.end] for word in source.words] == ["나는", "학생입니다"]
    assert source.tokens[-1].piece == "</s>"
    assert not source.tokens[-1].HasField("word")
    assert "".join(token.text for token in tokens) == result.hypotheses[0].text == TEXT
    assert all(len(token.attention) == len(source.tokens) for token in tokens)
    assert [token.best_position for token in tokens] == list(range(len(tokens)))
    assert result.finish_reason == pb.FINISH_REASON_END_OF_SENTENCE
    assert result.hypotheses[0].log_prob == pytest.approx(-0.5 * (len(tokens) + 1))
    assert result.hypotheses[0].score == pytest.approx(-0.5)
    links = [(link.source_word, link.target_word) for link in result.hypotheses[0].alignment]
    assert links == [(0, 0), (1, 1)]
    assert result.model == "copy"
    assert result.model_fingerprint == "f" * 64
    assert result.timings.total.ToNanoseconds() >= result.timings.first_token.ToNanoseconds() > 0


@pytest.mark.parametrize(
    "text",
    [
        "  나는\t학생입니다 \n",
        unicodedata.normalize("NFD", TEXT),
        "나는 똠방각하👩‍🎓 입니다",
        "ﬁ ㈜ ＡＢＣ 나는",
    ],
)
async def test_offsets_count_characters_of_the_text_as_sent(stub: Any, text: str) -> None:
    """Spans of tokens and words lie in the text as sent, in order, on visible characters."""
    source, _, _ = await events(stub, text=text)
    assert [text[word.start : word.end] for word in source.words] == text.split()
    place = 0
    for token in source.tokens[:-1]:
        assert place <= token.start <= token.end <= len(text)
        assert text[token.start : token.end] == text[token.start : token.end].strip()
        word = source.words[token.word]
        assert token.start == token.end or word.start <= token.start < token.end <= word.end
        place = token.start
    covered = {i for token in source.tokens for i in range(token.start, token.end)}
    assert covered >= {
        i for i, c in enumerate(text) if "가" <= c <= "힣" or (c.isascii() and c.isalpha())
    }


async def test_a_character_is_never_split(stub: Any) -> None:
    """A syllable made of byte pieces is sent whole, and the deltas still join to the text."""
    text = "똠방각하 나는 쀍"
    _, tokens, result = await events(stub, text=text)
    assert any(token.piece.startswith("<0x") for token in tokens)
    assert "�" not in "".join(token.text for token in tokens)
    assert "".join(token.text for token in tokens) == result.hypotheses[0].text == text


async def test_a_cut_character_is_marked_and_nothing_is_lost(stub: Any) -> None:
    """A translation cut inside a character ends with the replacement character."""
    decoding = pb.DecodingOptions(max_tokens=2)
    _, tokens, result = await events(stub, text="똠", decoding=decoding)
    assert result.finish_reason == pb.FINISH_REASON_LENGTH
    assert "".join(token.text for token in tokens) == result.hypotheses[0].text == "�"


async def test_attention_as_asked(stub: Any) -> None:
    """Attention comes dense, as the best position, or not at all; dense is the default."""
    sizes = {}
    for mode in pb.Attention.values():
        _, tokens, result = await events(stub, text=TEXT, attention=mode)
        token = tokens[0]
        links = len(result.hypotheses[0].alignment)
        sizes[mode] = (len(token.attention), token.HasField("best_position"), links)
    width = sizes[pb.ATTENTION_DENSE][0]
    assert width > 0
    assert sizes[pb.ATTENTION_UNSPECIFIED] == sizes[pb.ATTENTION_DENSE] == (width, True, 2)
    assert sizes[pb.ATTENTION_BEST] == (0, True, 2)
    assert sizes[pb.ATTENTION_NONE] == (0, False, 0)


async def test_first_token_arrives_while_later_ones_are_undecided(
    stub: Any, engine: CopyingEngine
) -> None:
    """Streaming is real: a token is read while the engine is held before the next step."""
    engine.gate = threading.Semaphore(0)
    call = stub.Translate(pb.TranslateRequest(text=TEXT))
    assert (await anext(aiter(call))).HasField("source")
    for step in (1, 2, 3):
        engine.gate.release()
        response = await asyncio.wait_for(anext(aiter(call)), 10)
        assert len(response.tokens.tokens) == 1
        assert engine.steps == step
    call.cancel()


async def test_a_reader_that_lags_gets_several_tokens_in_one_message(
    stub: Any, engine: CopyingEngine
) -> None:
    """Tokens that were decided while nobody looked come in one message."""
    engine.gate = threading.Semaphore(0)
    stream = aiter(stub.Translate(pb.TranslateRequest(text="나는 학생입니다 " * 3)))
    await anext(stream)
    engine.gate.release(5)
    while engine.steps < 5:
        time.sleep(0.001)  # noqa: ASYNC251 - the event loop, server included, must stand still
    sizes = [len((await anext(stream)).tokens.tokens)]
    while sum(sizes) < 5:
        sizes.append(len((await anext(stream)).tokens.tokens))
    assert max(sizes) >= 4


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what the server is about to do."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for is on the engine's thread
            await asyncio.sleep(0.005)


def idle(server: Server) -> bool:
    """Tell whether no row is in use and no call is remembered."""
    return not server._translator._scheduler.running and not server._translator._outboxes


async def test_cancelling_stops_the_work(stub: Any, engine: CopyingEngine, server: Server) -> None:
    """After a cancel no more than the step under way is taken, and nothing is left behind."""
    engine.gate = threading.Semaphore(1)
    call = stub.Translate(pb.TranslateRequest(text=TEXT))
    stream = aiter(call)
    await anext(stream)
    await anext(stream)
    call.cancel()
    await until(lambda: not server._translator._outboxes)
    engine.gate.release(100)
    await until(lambda: idle(server))
    assert engine.steps <= 2


async def test_a_lost_client_stops_the_work(engine: CopyingEngine, server: Server) -> None:
    """A connection that goes away frees its rows."""
    engine.gate = threading.Semaphore(1)
    lost = grpc.aio.insecure_channel(f"localhost:{server.port}")
    call = TranslationServiceStub(lost).Translate(pb.TranslateRequest(text=TEXT))
    stream = aiter(call)
    await anext(stream)
    await anext(stream)
    await lost.close()
    await until(lambda: not server._translator._outboxes)
    engine.gate.release(100)
    await until(lambda: idle(server))
    assert engine.steps <= 2


async def test_a_deadline_stops_the_work(stub: Any, engine: CopyingEngine, server: Server) -> None:
    """A call whose deadline passes gets DEADLINE_EXCEEDED and frees its row."""
    engine.gate = threading.Semaphore(1)
    call = stub.Translate(pb.TranslateRequest(text=TEXT), timeout=0.3)
    error, _ = await refusal(call)
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    engine.gate.release(100)
    await until(lambda: idle(server))


@pytest.mark.parametrize(
    ("fields", "code", "field", "reason"),
    [
        ({"text": ""}, grpc.StatusCode.INVALID_ARGUMENT, "text", "empty"),
        ({"text": " \t\n"}, grpc.StatusCode.INVALID_ARGUMENT, "text", "empty"),
        ({"text": "\u200b"}, grpc.StatusCode.INVALID_ARGUMENT, "text", "empty"),
        ({"text": "나는\0"}, grpc.StatusCode.INVALID_ARGUMENT, "text", "NUL at character 2"),
        ({"text": "나" * 61}, grpc.StatusCode.INVALID_ARGUMENT, "text", "60 are allowed"),
        ({"text": "나" * 301}, grpc.StatusCode.INVALID_ARGUMENT, "text", "300 are allowed"),
        (
            {"text": "나" * 2_000_000},
            grpc.StatusCode.INVALID_ARGUMENT,
            "text",
            "2000000 characters",
        ),
        ({"text": TEXT, "model": "x"}, grpc.StatusCode.NOT_FOUND, "model", "copy"),
        (
            {"text": TEXT, "decoding": {"max_tokens": 0}},
            grpc.StatusCode.INVALID_ARGUMENT,
            "decoding.max_tokens",
            "1 to 50",
        ),
        (
            {"text": TEXT, "decoding": {"max_tokens": 51}},
            grpc.StatusCode.INVALID_ARGUMENT,
            "decoding.max_tokens",
            "1 to 50",
        ),
        ({"text": TEXT, "attention": 9}, grpc.StatusCode.INVALID_ARGUMENT, "attention", "9"),
    ],
)
async def test_bad_input_is_refused(
    stub: Any,
    fields: dict[str, object],
    code: grpc.StatusCode,
    field: str,
    reason: str,
) -> None:
    """Bad input is refused with a status, the field's name and one sentence that says why."""
    error, named = await refusal(stub.Translate(pb.TranslateRequest(**fields)))  # type: ignore[arg-type]
    assert (error.code(), named) == (code, [field])
    assert reason in (error.details() or "")


async def test_a_text_at_the_limit_is_translated_whole(stub: Any) -> None:
    """The longest allowed text is taken, and every token of it is listed."""
    source, _, _ = await events(stub, text="쀍 " * 15)
    assert len(source.tokens) == 61


async def test_overload_says_when_to_try_again(
    stub: Any, engine: CopyingEngine, server: Server
) -> None:
    """When rows and queue are full, a call gets RESOURCE_EXHAUSTED and a RetryInfo, at once."""
    engine.gate = threading.Semaphore(0)
    calls = [stub.Translate(pb.TranslateRequest(text=TEXT))]
    await anext(aiter(calls[0]))
    await until(lambda: engine.encoded == 1)
    for _ in range(4):
        calls.append(stub.Translate(pb.TranslateRequest(text=TEXT)))
        await anext(aiter(calls[-1]))
    call = stub.Translate(pb.TranslateRequest(text=TEXT))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await anext(aiter(call))
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    retry = error_details_pb2.RetryInfo()
    status = from_call(caught.value)  # type: ignore[arg-type]
    assert status is not None
    assert status.details[0].Unpack(retry)
    assert retry.retry_delay.ToSeconds() == 1
    for call in calls:
        call.cancel()


async def test_a_failing_engine_is_an_internal_error(stub: Any, engine: CopyingEngine) -> None:
    """A call that the engine fails gets INTERNAL and no internals; the next one is served."""
    engine.failing = True
    error, _ = await refusal(stub.Translate(pb.TranslateRequest(text=TEXT)))
    assert error.code() == grpc.StatusCode.INTERNAL
    assert "fire" not in (error.details() or "")
    await events(stub, text=TEXT)


async def test_get_model(stub: Any) -> None:
    """GetModel tells what is served, its limits and what it runs on, by name or by default."""
    for name in ("", "copy"):
        model = (await stub.GetModel(pb.GetModelRequest(model=name))).model
        assert model.name == "copy"
        assert (model.source_language, model.target_language) == ("ko", "ko")
        assert model.execution_provider == "FakeExecutionProvider"
        assert (model.max_source_tokens, model.max_target_tokens) == (60, 50)
        assert model.max_text_characters == 300
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetModel(pb.GetModelRequest(model="x"))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
