"""Markup, copied text, capitals and glossaries, over a real connection to an engine that copies."""

from typing import Any

import pytest

from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, events
from tests.service.conftest import refusal

HTML, MARKDOWN, XML = pb.TEXT_FORMAT_HTML, pb.TEXT_FORMAT_MARKDOWN, pb.TEXT_FORMAT_XML


@pytest.mark.parametrize(
    ("text_format", "text"),
    [
        (HTML, "<p>나는 <b>학생입니다</b>.</p>\n<ul><li>그는 학교에 갑니다!</li></ul>"),
        (HTML, "<!-- 가 --><script>나는;</script>"),
        (XML, "<a x='1'><b>나는 <i>학생입니다</i>.</b><c>우리는</c></a>"),
        (MARKDOWN, "# 나는\n\n- 나는 **학생입니다**.\n- `x`\n\n```\n나는\n```\n"),
        (pb.TEXT_FORMAT_PLAIN, "나는 https://example.org 학생입니다.\n{name}\n"),
    ],
)
async def test_markup_is_kept(stub: Any, text_format: Any, text: str) -> None:
    """A text and its translation have the same markup, addresses and placeholders."""
    source, tokens, result = await events(stub, text=text, text_format=text_format)
    assert result.hypotheses[0].text == text
    assert text.startswith("".join(token.text for token in tokens))
    for word, written in zip(source.words, result.hypotheses[0].words, strict=True):
        assert text[slice(word.start, word.end)] == text[slice(written.start, written.end)]
    batch = pb.TranslateBatchRequest(texts=[text], text_format=text_format)
    response = await stub.TranslateBatch(batch)
    assert response.items[0].translation.result.hypotheses[0].text == text


async def test_nothing_to_translate(stub: Any) -> None:
    """A text without letters is its own translation, without tokens."""
    source, tokens, result = await events(stub, text="12:30\n")
    assert (result.hypotheses[0].text, list(tokens)) == ("12:30\n", [])
    assert not source.tokens


async def test_copied_spans_are_listed(stub: Any) -> None:
    """The source lists what is not translated, and the entry of the glossary of each term."""
    text = "나는 a@example.org 학생입니다 {x}"
    source, _, result = await events(
        stub,
        text=text,
        glossary=[
            pb.GlossaryEntry(source="없음", target="none"),
            pb.GlossaryEntry(source="나", target="Ich"),
        ],
        protected_spans=[pb.Span(start=17, end=19)],
    )
    assert [text[each.start : each.end] for each in source.copied] == [
        "나",
        "a@example.org",
        "학생",
        "{x}",
    ]
    entries = [
        each.glossary_entry if each.HasField("glossary_entry") else None for each in source.copied
    ]
    assert entries == [1, None, None, None]
    translation = result.hypotheses[0].text
    assert all(each in translation for each in ("Ich", "a@example.org", "학생", "{x}"))


async def test_every_hypothesis_has_the_copied_text(stub: Any) -> None:
    """All hypotheses of a beam search get what the model did not read."""
    decoding = pb.DecodingOptions(beam_search=pb.BeamSearch(width=3, num_hypotheses=3))
    _, _, result = await events(stub, text="나는 {x} 학생입니다.", decoding=decoding)
    assert len(result.hypotheses) == 3
    for hypothesis in result.hypotheses:
        assert hypothesis.text.count("{x}") == 1


@pytest.mark.parametrize(
    ("fields", "named", "reason"),
    [
        ({"text_format": 9}, "text_format", "not a TextFormat"),
        ({"text": "<a>나는", "text_format": XML}, "text", "line 1"),
        ({"protected_spans": [pb.Span(start=0, end=99)]}, "protected_spans[0]", "99"),
        ({"protected_spans": [pb.Span(start=2, end=2)]}, "protected_spans[0]", "a character"),
        ({"protected_spans": [pb.Span(end=1)] * 201}, "protected_spans", "only 200"),
        ({"glossary": [pb.GlossaryEntry(source="가", target="a")] * 201}, "glossary", "only 200"),
        ({"glossary": [pb.GlossaryEntry(source="가")]}, "glossary[0].target", "1 to 200"),
        (
            {"glossary": [pb.GlossaryEntry(source="가" * 201, target="a")]},
            "glossary[0].source",
            "1 to 200",
        ),
        (
            {"glossary": [pb.GlossaryEntry(source="가", target="a\nb")]},
            "glossary[0].target",
            "line break",
        ),
    ],
)
async def test_refused(stub: Any, fields: dict[str, Any], named: str, reason: str) -> None:
    """Wrong options name their field."""
    request = pb.TranslateRequest(**{"text": TEXT, **fields})
    error, names = await refusal(stub.Translate(request))
    assert names == [named]
    assert reason in (error.details() or "")


@pytest.mark.parametrize(
    "fields",
    [
        {"text_format": HTML},
        {"glossary": [pb.GlossaryEntry(source="가", target="a")]},
        {"protected_spans": [pb.Span(end=1)]},
    ],
)
async def test_a_prefix_excludes_markup_and_terms(stub: Any, fields: dict[str, Any]) -> None:
    """With a prefix nothing is put back: what needs that is refused, and addresses are read."""
    decoding = pb.DecodingOptions(target_prefix="나는")
    request = pb.TranslateRequest(text=TEXT, decoding=decoding, **fields)
    error, names = await refusal(stub.Translate(request))
    assert names == ["decoding.target_prefix"]
    assert "leave one out" in (error.details() or "")
    source, _, result = await events(stub, text="나는 {x}", decoding=decoding)
    assert not source.copied
    assert result.hypotheses[0].text.startswith("나는")


async def test_limits_of_glossaries_and_spans(stub: Any) -> None:
    """As many entries and spans as are allowed are accepted."""
    entries = [
        pb.GlossaryEntry(source="가" * length, target="나" * 200) for length in range(1, 201)
    ]
    spans = [pb.Span(start=0, end=1)] * 200
    _, _, result = await events(stub, text=TEXT, glossary=entries, protected_spans=spans)
    assert result.hypotheses[0].text
    small = pb.GlossaryEntry(source="가", target="나")
    response = await stub.TranslateBatch(
        pb.TranslateBatchRequest(texts=[TEXT] * 3, glossary=[small] * 200)
    )
    assert all(item.HasField("translation") for item in response.items)
