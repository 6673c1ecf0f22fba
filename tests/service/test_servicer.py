"""Translate and GetModel, over a real connection to an engine that copies the source."""

import asyncio
import threading
import time
import unicodedata
from typing import Any

import grpc
import numpy as np
import pytest

from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, events
from tests.service.conftest import CopyingEngine


async def test_translation(stub: Any) -> None:
    """A stream consists of source, tokens and result, which are consistent."""
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
        "나는 똠방각하𝐀 입니다",
        "ﬁ ㈜ ＡＢＣ 나는",
    ],
)
async def test_offsets_count_characters_of_the_text_as_sent(stub: Any, text: str) -> None:
    """Spans of tokens and words refer to the text as sent, in order, to visible characters."""
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


async def test_a_text_at_the_limit_is_translated_whole(stub: Any) -> None:
    """A text of the maximum length is translated, and all its tokens are listed."""
    source, _, _ = await events(stub, text="쀍 " * 15)
    assert len(source.tokens) == 61


async def test_a_character_is_never_split(stub: Any) -> None:
    """A syllable made of byte pieces is sent whole, and the texts of tokens still join."""
    text = "똠방각하 나는 쀍"
    _, tokens, result = await events(stub, text=text)
    assert any(token.piece.startswith("<0x") for token in tokens)
    assert "�" not in "".join(token.text for token in tokens)
    assert "".join(token.text for token in tokens) == result.hypotheses[0].text == text


async def test_cut_character_becomes_the_replacement_character(stub: Any) -> None:
    """A translation cut inside a character ends with the replacement character."""
    decoding = pb.DecodingOptions(max_tokens=2)
    _, tokens, result = await events(stub, text="똠", decoding=decoding)
    assert result.finish_reason == pb.FINISH_REASON_LENGTH
    assert "".join(token.text for token in tokens) == result.hypotheses[0].text == "�"


async def test_requested_attention(stub: Any) -> None:
    """Attention is sent dense, as the best position, or not at all; dense is the default."""
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


async def test_attention_as_bytes(stub: Any) -> None:
    """Attention as bytes has the same float32 weights."""
    _, dense, _ = await events(stub, text=TEXT, attention=pb.ATTENTION_DENSE)
    _, packed, _ = await events(stub, text=TEXT, attention=pb.ATTENTION_DENSE_BYTES)
    for one, other in zip(dense, packed, strict=True):
        assert np.frombuffer(other.attention_bytes, "<f4").tolist() == list(one.attention)
        assert not other.attention
        assert other.best_position == one.best_position


async def test_first_token_arrives_while_later_ones_are_undecided(
    stub: Any, engine: CopyingEngine
) -> None:
    """A token arrives while the engine is held before the next step."""
    engine.gate = threading.Semaphore(0)
    call = stub.Translate(pb.TranslateRequest(text=TEXT))
    assert (await anext(aiter(call))).HasField("source")
    for step in (1, 2, 3):
        engine.gate.release()
        response = await asyncio.wait_for(anext(aiter(call)), 10)
        assert len(response.tokens.tokens) == 1
        assert engine.steps == step
    call.cancel()


async def test_slow_reader_gets_several_tokens_per_message(
    stub: Any, engine: CopyingEngine
) -> None:
    """Tokens decided since the last message share one message."""
    engine.gate = threading.Semaphore(0)
    stream = aiter(stub.Translate(pb.TranslateRequest(text="나는 학생입니다 " * 3)))
    await anext(stream)
    engine.gate.release(5)
    while engine.steps < 5:
        time.sleep(0.001)  # noqa: ASYNC251 - block the event loop, which the server shares
    sizes = [len((await anext(stream)).tokens.tokens)]
    while sum(sizes) < 5:
        sizes.append(len((await anext(stream)).tokens.tokens))
    assert max(sizes) >= 4


async def test_get_model(stub: Any) -> None:
    """GetModel describes the model, its limits and its runtime, by name or by default."""
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


async def test_bytes_of_an_unfinished_character_wait(
    stub: Any, engine: CopyingEngine, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first bytes of a character are sent with the rest, or as the replacement character."""
    monkeypatch.setattr(server._delivery, "_messages_per_second", 1e9)
    engine.gate = threading.Semaphore(0)
    decoding = pb.DecodingOptions(max_tokens=3)
    reading = asyncio.ensure_future(events(stub, text="똠", decoding=decoding))
    for _ in range(4):
        engine.gate.release()
        await asyncio.sleep(0.05)  # time for a token that is sent too early to arrive
    _, tokens, result = await asyncio.wait_for(reading, 10)
    assert "".join(token.text for token in tokens) == result.hypotheses[0].text == "�"
