"""The wire, over a real connection to a server whose engine copies the source."""

import asyncio
import math
import threading
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np
import pytest
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

from service.server import Server
from service.servicer import TranslationServicer
from service.translator import Translator
from tests.service.conftest import VOCABULARY, CopyingEngine, refusal

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
    length = len(tokens) + 1
    assert result.hypotheses[0].score == pytest.approx(-0.5 * length / ((5 + length) / 6))
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


async def test_beam_search(stub: Any) -> None:
    """Hypotheses come best first, each with its own tokens; the first one's were streamed."""
    beam = pb.BeamSearch(width=4, num_hypotheses=3)
    _, tokens, result = await events(stub, text=TEXT, decoding={"beam_search": beam})
    best, *others = result.hypotheses
    assert "".join(token.text for token in tokens) == best.text == TEXT
    assert not best.tokens
    assert len(others) == 2
    scores = [hypothesis.score for hypothesis in result.hypotheses]
    assert scores == sorted(scores, reverse=True)
    for other in others:
        assert "".join(token.text for token in other.tokens) == other.text != TEXT
        assert all(sum(token.attention) == pytest.approx(1) for token in other.tokens)
        ended = other.finish_reason == pb.FINISH_REASON_END_OF_SENTENCE
        end = other.log_prob - sum(token.log_prob for token in other.tokens)
        assert (end < -0.4) == ended
        assert other.words


async def test_provisional_tokens(stub: Any, engine: CopyingEngine) -> None:
    """What is provisional follows what is decided, and what is decided is never taken back."""
    engine.gate = threading.Semaphore(0)
    beam = pb.BeamSearch(width=4, provisional=True)
    request = pb.TranslateRequest(text=TEXT, decoding=pb.DecodingOptions(beam_search=beam))
    responses = []
    async for response in stub.Translate(request):
        responses.append(response)
        engine.gate.release()
    text, provisional = "", 0
    for response in responses[1:-1]:
        text += "".join(token.text for token in response.tokens.tokens)
        assert TEXT.startswith(text)
        provisional += len(response.tokens.provisional)
    assert text == TEXT
    assert provisional
    assert not responses[-2].tokens.provisional


async def test_sampling(stub: Any) -> None:
    """A sampled translation tells its seed, and the seed gives it again."""
    sampling = pb.Sampling(temperature=3)
    _, _, drawn = await events(stub, text=TEXT * 3, decoding={"sampling": sampling})
    assert drawn.HasField("seed")
    sampling.seed = drawn.seed
    _, _, again = await events(stub, text=TEXT * 3, decoding={"sampling": sampling})
    assert again.hypotheses[0].text == drawn.hypotheses[0].text
    _, _, greedy = await events(stub, text=TEXT * 3)
    assert not greedy.HasField("seed")
    assert greedy.hypotheses[0].text != drawn.hypotheses[0].text


@pytest.mark.parametrize("search", [{}, {"beam_search": {"width": 3}}])
async def test_target_prefix(stub: Any, search: dict[str, Any]) -> None:
    """A translation begins with the prefix, whose tokens are streamed with what they are worth."""
    decoding = {"target_prefix": "우리는", "max_tokens": 9, **search}
    _, tokens, result = await events(stub, text=TEXT, decoding=decoding)
    assert result.hypotheses[0].text.startswith("우리는")
    assert -9 in [token.log_prob for token in tokens]  # what the model would not have written
    assert all(sum(token.attention) == pytest.approx(1) for token in tokens)


async def test_lengths(stub: Any) -> None:
    """A translation is as long as it must be, and no longer than it may be."""
    _, tokens, result = await events(stub, text=TEXT, decoding={"min_tokens": 12})
    assert len(tokens) >= 12
    _, tokens, result = await events(stub, text=TEXT, decoding={"min_tokens": 9, "max_tokens": 9})
    assert len(tokens) == 9
    assert result.hypotheses[0].words


async def test_alternatives(stub: Any) -> None:
    """Each token comes with the best others and their log-probabilities."""
    _, tokens, _ = await events(stub, text=TEXT, decoding={"alternatives": 2})
    for token in tokens:
        assert [other.log_prob for other in token.alternatives] == [-2.5, -4.5]
        assert [other.id for other in token.alternatives] == [
            (token.id + 1) % VOCABULARY,
            (token.id + 2) % VOCABULARY,
        ]
        assert all(other.piece for other in token.alternatives)


async def test_attention_as_bytes(stub: Any) -> None:
    """Packed rows are the same float32 numbers."""
    _, dense, _ = await events(stub, text=TEXT, attention=pb.ATTENTION_DENSE)
    _, packed, _ = await events(stub, text=TEXT, attention=pb.ATTENTION_DENSE_BYTES)
    for one, other in zip(dense, packed, strict=True):
        assert np.frombuffer(other.attention_bytes, "<f4").tolist() == list(one.attention)
        assert not other.attention
        assert other.best_position == one.best_position


@pytest.mark.parametrize(
    ("decoding", "field", "reason"),
    [
        ({"min_tokens": 51}, "min_tokens", "0 to 50"),
        ({"min_tokens": 5, "max_tokens": 4}, "min_tokens", "0 to 4"),
        ({"alternatives": 17}, "alternatives", "0 to 16"),
        ({"target_prefix": "나" * 51}, "target_prefix", "50 are allowed"),
        ({"target_prefix": "나\0"}, "target_prefix", "NUL"),
        ({"beam_search": {"width": 0}}, "beam_search.width", "1 to 16"),
        ({"beam_search": {"width": 17}}, "beam_search.width", "1 to 16"),
        (
            {"beam_search": {"width": 2, "num_hypotheses": 3}},
            "beam_search.num_hypotheses",
            "1 to 2",
        ),
        ({"beam_search": {"length_penalty": -1}}, "beam_search.length_penalty", "0 to 10"),
        ({"beam_search": {"coverage_penalty": 11}}, "beam_search.coverage_penalty", "0 to 10"),
        ({"sampling": {"temperature": 0}}, "sampling.temperature", "0.01 to 100"),
        ({"sampling": {"temperature": float("nan")}}, "sampling.temperature", "0.01 to 100"),
        ({"sampling": {"top_k": 0}}, "sampling.top_k", "1 to 256"),
        ({"sampling": {"top_p": 0}}, "sampling.top_p", "above 0"),
        ({"sampling": {"top_p": 1.5}}, "sampling.top_p", "at most 1"),
    ],
)
async def test_options_that_cannot_be_honoured_are_refused(
    stub: Any, decoding: dict[str, Any], field: str, reason: str
) -> None:
    """An option out of its limits is named, never ignored."""
    request = pb.TranslateRequest(text=TEXT, decoding=pb.DecodingOptions(**decoding))
    error, named = await refusal(stub.Translate(request))
    assert (error.code(), named) == (grpc.StatusCode.INVALID_ARGUMENT, [f"decoding.{field}"])
    assert reason in (error.details() or "")


async def test_batch(stub: Any) -> None:
    """Each text of a batch gets its translation or its own status, in order."""
    texts = [TEXT, "", "우리는 책을 읽습니다", "나" * 301, *[f"{n} 학교" for n in range(40)]]
    response = await stub.TranslateBatch(pb.TranslateBatchRequest(texts=texts))
    assert len(response.items) == len(texts)
    for text, item in zip(texts, response.items, strict=True):
        if text in ("", "나" * 301):
            assert item.failure.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
            assert item.failure.field == "text"
            assert item.failure.message
        else:
            (hypothesis,) = item.translation.result.hypotheses
            assert hypothesis.text == text
            assert "".join(token.text for token in hypothesis.tokens) == text
            assert len(item.translation.source.tokens) == len(hypothesis.tokens) + 1


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({}, grpc.StatusCode.INVALID_ARGUMENT, "texts"),
        ({"texts": ["나"] * 1001}, grpc.StatusCode.INVALID_ARGUMENT, "texts"),
        ({"texts": ["나"], "model": "x"}, grpc.StatusCode.NOT_FOUND, "model"),
        (
            {"texts": ["나"], "decoding": {"beam_search": {"provisional": True}}},
            grpc.StatusCode.INVALID_ARGUMENT,
            "decoding.beam_search.provisional",
        ),
    ],
)
async def test_bad_batches_are_refused(
    stub: Any, fields: dict[str, Any], code: grpc.StatusCode, field: str
) -> None:
    """What is wrong with a batch as a whole fails it as a whole."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.TranslateBatch(pb.TranslateBatchRequest(**fields))
    assert caught.value.code() == code
    status = from_call(caught.value)  # type: ignore[arg-type]
    bad = error_details_pb2.BadRequest()
    assert status is not None
    assert status.details[0].Unpack(bad)
    assert bad.field_violations[0].field == field


@pytest.mark.parametrize("rule", pb.AlignmentRule.values())
async def test_align(stub: Any, rule: Any) -> None:
    """A given translation is scored token by token, its end too, and aligned by the rule asked."""
    response = await stub.Align(pb.AlignRequest(source=TEXT, target=TEXT, rule=rule))
    assert response.rule == (rule or pb.ALIGNMENT_RULE_POSTERIOR)
    tokens = list(response.tokens)
    assert len(tokens) == len(response.source.tokens)
    assert tokens[-1].piece == "</s>"
    assert "".join(token.text for token in tokens) == TEXT
    assert [token.best_position for token in tokens] == list(range(len(tokens)))
    assert all(token.log_prob == pytest.approx(-0.5) for token in tokens)
    assert response.log_prob == pytest.approx(-0.5 * len(tokens))
    assert response.perplexity == pytest.approx(math.exp(0.5))
    assert [TEXT[word.start : word.end] for word in response.words] == TEXT.split()
    links = [(link.source_word, link.target_word) for link in response.alignment]
    if rule != pb.ALIGNMENT_RULE_READS:
        assert links == [(0, 0), (1, 1)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"source": "", "target": TEXT}, "source"),
        ({"source": TEXT, "target": " "}, "target"),
        ({"source": TEXT, "target": "나" * 51}, "target"),
        ({"source": TEXT, "target": TEXT, "rule": 9}, "rule"),
        ({"source": TEXT, "target": TEXT, "attention": 9}, "attention"),
    ],
)
async def test_bad_pairs_are_refused(stub: Any, fields: dict[str, Any], field: str) -> None:
    """A side that cannot be read is named."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Align(pb.AlignRequest(**fields))
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    status = from_call(caught.value)  # type: ignore[arg-type]
    bad = error_details_pb2.BadRequest()
    assert status is not None
    assert status.details[0].Unpack(bad)
    assert bad.field_violations[0].field == field


class StoppedReader:
    """A call whose reader takes so many messages and then nothing any more, not even a status."""

    def __init__(self, messages: int, server: Server) -> None:
        self.messages, self.server = messages, server
        self.freed_first = False

    def time_remaining(self) -> None:
        return None

    async def write(self, message: object) -> None:
        self.messages -= 1
        if self.messages < 0:
            await asyncio.Event().wait()

    async def abort(self, code: object, details: str, metadata: object) -> None:
        self.freed_first = not self.server._translator._outboxes
        await asyncio.Event().wait()


async def test_a_reader_that_stops_is_cut_off(
    server: Server, translator: Translator, engine: CopyingEngine
) -> None:
    """After the time configured its row is freed, and only then it is told, if it listens."""
    engine.gate = threading.Semaphore(2)
    context = StoppedReader(1, server)
    servicer = TranslationServicer(translator, reader_seconds=0.2)
    async with asyncio.timeout(10):
        await servicer.Translate(pb.TranslateRequest(text=TEXT), context)
    assert context.freed_first
    engine.gate.release(100)
    await until(lambda: idle(server))
    assert engine.steps <= 4
