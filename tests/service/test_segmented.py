"""Texts of several segments, over a real connection to an engine that copies the source."""

import asyncio
import threading
from typing import Any

import grpc
import pytest

from jumok.service import checked_text, wire
from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, events, until
from tests.service.conftest import CopyingEngine, refusal

SENTENCES = ["나는 학생입니다.", "그는 학교에 갑니다!", "우리는 책을 읽습니다."]
PARAGRAPH = "\n\n- 나는 학생입니다. 그는 학교에 갑니다!\r\n---\n- 우리는 책을 읽습니다.\n"


async def test_layout_is_kept(stub: Any) -> None:
    """The translation of a text has the line breaks and list markers of the source."""
    source, tokens, result = await events(stub, text=PARAGRAPH)
    assert result.hypotheses[0].text == PARAGRAPH
    assert "".join(token.text for token in tokens) == PARAGRAPH.removesuffix("\n")
    assert [PARAGRAPH[each.start : each.end] for each in source.segments] == SENTENCES
    assert result.finish_reason == pb.FINISH_REASON_END_OF_SENTENCE


@pytest.mark.parametrize(
    "text", ["---\n나는 학생입니다.", "나는 학생입니다.\n---\n", "1\n- 나는 학생입니다.\n2"]
)
async def test_layout_around_one_sentence_is_kept(stub: Any, text: str) -> None:
    """A single sentence between lines that are not translated keeps them."""
    source, tokens, result = await events(stub, text=text)
    best = result.hypotheses[0]
    assert best.text == text
    assert text.startswith("".join(token.text for token in tokens))
    assert [text[word.start : word.end] for word in source.words] == ["나는", "학생입니다."]
    assert source.words == best.words
    response = await stub.TranslateBatch(pb.TranslateBatchRequest(texts=[text]))
    assert response.items[0].translation.result.hypotheses[0].text == text


async def test_invisible_lines_are_layout(stub: Any) -> None:
    """Lines without letters do not prevent the translation of others."""
    text = "가\n\u200b\n34\n나"
    source, _, result = await events(stub, text=text)
    assert result.hypotheses[0].text == text
    assert [text[each.start : each.end] for each in source.segments] == ["가", "나"]


async def test_segments_are_limited(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text with more segments than allowed is refused; one with as many is translated."""
    monkeypatch.setattr(checked_text, "MOST_SEGMENTS", 3)
    _, _, result = await events(stub, text="가\n나\n다")
    assert result.hypotheses[0].text == "가\n나\n다"
    error, named = await refusal(stub.Translate(pb.TranslateRequest(text="가\n나\n다\n라")))
    assert named == ["text"]
    assert "more than the 3 sentences" in (error.details() or "")


async def test_attention_is_over_the_tokens_of_the_segment(stub: Any) -> None:
    """Each token names its segment, and attends to the tokens of that segment."""
    source, tokens, _ = await events(stub, text=PARAGRAPH)
    assert [token.segment for token in tokens] == sorted(token.segment for token in tokens)
    assert {token.segment for token in tokens} == {0, 1, 2}
    place = 0
    for segment in source.segments:
        assert segment.first_token == place
        place += segment.token_count
        assert source.tokens[place - 1].piece == "</s>"
        assert source.tokens[place - 1].start == segment.end
    assert place == len(source.tokens)
    for token in tokens:
        segment = source.segments[token.segment]
        assert len(token.attention) == segment.token_count
        read = source.tokens[token.best_position]
        assert (read.id, token.attention[token.best_position - segment.first_token]) == (
            token.id,
            1,
        )


async def test_words_and_links_refer_to_the_text(stub: Any) -> None:
    """Words and links of all segments refer to the text as sent, and to the whole translation."""
    source, _, result = await events(stub, text=PARAGRAPH)
    best = result.hypotheses[0]
    words = [word for sentence in SENTENCES for word in sentence.split()]
    assert [PARAGRAPH[word.start : word.end] for word in source.words] == words
    assert [best.text[word.start : word.end] for word in best.words] == words
    assert [(link.source_word, link.target_word) for link in best.alignment] == [
        (number, number) for number in range(len(words))
    ]
    for token in source.tokens:
        if token.HasField("word"):
            word = source.words[token.word]
            assert word.start <= token.start <= token.end <= word.end


async def test_long_results_are_sent_in_parts(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts in which the result of a text of many words is serialized fit together."""
    text = "\n".join(["나는 나는"] * 30)
    whole = await events(stub, text=text)
    monkeypatch.setattr(wire, "_WORDS_AT_ONCE", 7)
    source, tokens, result = await events(stub, text=text)
    best = result.hypotheses[0]
    assert best.text == "".join(token.text for token in tokens) == text
    assert [text[word.start : word.end] for word in best.words] == ["나는"] * 60
    assert source.words == best.words
    assert [(link.source_word, link.target_word) for link in best.alignment] == [
        (number, number) for number in range(60)
    ]
    assert result.hypotheses == whole[2].hypotheses
    _, _, bare = await events(stub, text=text, attention=pb.ATTENTION_NONE)
    assert not bare.hypotheses[0].alignment


async def test_one_segment_is_answered_without_segments(stub: Any) -> None:
    """A single sentence has no list of segments, whether or not sentences are looked for."""
    request = {"text": f" {TEXT}\n"}
    divided = await events(stub, **request)
    whole = await events(stub, **request, segmentation=pb.SEGMENTATION_NONE)
    assert divided[0] == whole[0]
    assert divided[1] == whole[1]
    assert not divided[0].segments
    assert divided[2].hypotheses == whole[2].hypotheses


async def test_segmentation_can_be_turned_off(stub: Any) -> None:
    """With SEGMENTATION_NONE the text is one segment, line breaks included."""
    source, _, result = await events(stub, text="나는.\n너는.", segmentation=pb.SEGMENTATION_NONE)
    assert not source.segments
    assert result.hypotheses[0].text == "나는. 너는."


async def test_a_long_sentence_is_divided(stub: Any) -> None:
    """A sentence beyond the limit of the model is translated in parts, and the source tells so."""
    text = "나는 학교에 갑니다 " * 7
    source, tokens, _ = await events(stub, text=text)
    assert len(source.segments) > 1
    assert [segment.divided for segment in source.segments] == [
        *[True] * (len(source.segments) - 1),
        False,
    ]
    assert "".join(token.text for token in tokens).split() == text.split()


@pytest.mark.parametrize("width", [1, 3])
async def test_several_hypotheses(stub: Any, width: int) -> None:
    """The hypotheses of a text join those of its segments, with their tokens."""
    beam = {"width": 3, "num_hypotheses": width}
    source, tokens, result = await events(
        stub, text=PARAGRAPH, decoding={"beam_search": beam}, attention=pb.ATTENTION_DENSE_BYTES
    )
    assert len(result.hypotheses) == width
    assert result.hypotheses[0].text.startswith("".join(token.text for token in tokens))
    for hypothesis in result.hypotheses[1:]:
        assert hypothesis.text.startswith("".join(token.text for token in hypothesis.tokens))
        assert hypothesis.text.count("\n") == PARAGRAPH.count("\n")
        for token in hypothesis.tokens:
            count = source.segments[token.segment].token_count
            assert len(token.attention_bytes) == 4 * count
    scores = [hypothesis.score for hypothesis in result.hypotheses]
    assert scores == sorted(scores, reverse=True)


async def step_until_encoded(engine: CopyingEngine, count: int) -> None:
    """Let the engine step, because its first step may begin before all segments are submitted."""
    assert engine.gate is not None
    async with asyncio.timeout(20):
        while engine.encoded < count:
            engine.gate.release()
            await asyncio.sleep(0.02)


async def test_segments_run_side_by_side(stub: Any, engine: CopyingEngine) -> None:
    """The segments are encoded before the first of them is complete."""
    engine.gate = threading.Semaphore(0)
    call = stub.Translate(pb.TranslateRequest(text=PARAGRAPH))
    await anext(aiter(call))
    await step_until_encoded(engine, 3)
    assert engine.steps < len(SENTENCES[0])
    engine.gate.release(1000)
    async for _ in call:
        pass
    assert engine.steps < 2 * max(len(sentence) for sentence in SENTENCES)


async def test_cancelling_ends_all_segments(
    stub: Any, engine: CopyingEngine, server: Server
) -> None:
    """When the call is cancelled, the rows of all its segments are released."""
    engine.gate = threading.Semaphore(0)
    call = stub.Translate(pb.TranslateRequest(text=PARAGRAPH))
    await anext(aiter(call))
    await step_until_encoded(engine, 3)
    call.cancel()
    await until(lambda: not server._delivery._outboxes)
    before = engine.steps
    engine.gate.release(4)
    await until(lambda: server._delivery._scheduler.running == 0)
    assert engine.steps <= before + 2


async def test_a_batch_keeps_layout_too(stub: Any) -> None:
    """Texts of a batch are divided as well; the hypotheses have their tokens."""
    response = await stub.TranslateBatch(
        pb.TranslateBatchRequest(texts=[PARAGRAPH, TEXT, ""], attention=pb.ATTENTION_DENSE)
    )
    first, second, third = response.items
    assert first.translation.result.hypotheses[0].text == PARAGRAPH
    assert [token.segment for token in first.translation.result.hypotheses[0].tokens][-1] == 2
    assert second.translation.result.hypotheses[0].text == TEXT
    assert third.failure.field == "text"


async def test_a_prefix_belongs_to_the_first_segment(stub: Any) -> None:
    """`target_prefix` begins the translation of the first segment only."""
    _, _, result = await events(
        stub, text="나는 학생입니다.\n그는 갑니다.", decoding={"target_prefix": "우리는"}
    )
    first, second = result.hypotheses[0].text.split("\n")
    assert first.startswith("우리는")
    assert second == "그는 갑니다."


async def test_sampling_is_reproducible(stub: Any) -> None:
    """Equal seeds give equal translations of all segments."""
    decoding = {"sampling": {"seed": 2**64 - 1, "temperature": 3.0}}
    results = [await events(stub, text=PARAGRAPH, decoding=decoding) for _ in range(2)]
    assert results[0][1] == results[1][1]
    assert results[0][2].seed == 2**64 - 1


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"text": "쀍" * 120}, "text", "more than the 300 tokens"),
        ({"text": "\ufdfa" * 60}, "text", "when it is normalized"),
        ({"text": TEXT, "segmentation": 9}, "segmentation", "9"),
        ({"text": "나" * 61, "segmentation": pb.SEGMENTATION_NONE}, "text", "60 are allowed"),
    ],
)
async def test_bad_input_is_refused(
    stub: Any, fields: dict[str, object], field: str, reason: str
) -> None:
    """Texts that are too long in total, and unknown values, are refused."""
    error, named = await refusal(stub.Translate(pb.TranslateRequest(**fields)))  # type: ignore[arg-type]
    assert (error.code(), named) == (grpc.StatusCode.INVALID_ARGUMENT, [field])
    assert reason in (error.details() or "")
