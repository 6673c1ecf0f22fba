"""Pairs of texts, aligned with both clients."""

from typing import Any

import pytest

from jumok.cli.word_map import token_map, word_map
from jumok.client.async_client import AsyncClient
from jumok.client.errors import InvalidRequest, ModelNotFound
from jumok.client.events import AlignmentLink, Span
from jumok.client.sync_client import Client

TEXT = "나는 학생입니다"
ENGLISH = "I am a student"


def test_pair_is_aligned(client: Client) -> None:
    """The result has all fields of the response, and both texts."""
    aligned = client.align(TEXT, ENGLISH)

    assert (aligned.source_text, aligned.text) == (TEXT, ENGLISH)
    assert (aligned.rule, aligned.log_prob, aligned.perplexity) == ("posterior", -1.5, 1.25)
    assert aligned.words[3] == Span(7, 14)
    assert AlignmentLink(1, 3, 0.75) in aligned.alignment
    assert [token.piece for token in aligned.tokens][-2:] == ["dent", "</s>"]
    assert [len(row) for row in aligned.attention] == [4] * 6
    assert (aligned.model, aligned.model_fingerprint) == ("ko-en", "f" * 64)


def test_pharaoh_links(client: Client) -> None:
    """Links are written in Pharaoh format, sorted, whatever their order in the response."""
    assert client.align(TEXT, ENGLISH).links == "0-0 1-1 1-2 1-3"


def test_options_are_sent(client: Client, server: Any) -> None:
    """Rule, model and attention are sent."""
    client.align(TEXT, ENGLISH, rule="reads", model="ko-en", attention="none")
    (request,) = server.servicer.pairs

    assert (request.source, request.target, request.model) == (TEXT, ENGLISH, "ko-en")
    assert (request.rule, request.attention) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"source": "\udc80"}, "source"),
        ({"target": "\udc80"}, "target"),
        ({"model": "\udc80"}, "model"),
        ({"rule": "guess"}, "rule"),
        ({"attention": "all"}, "attention"),
    ],
)
def test_what_cannot_be_sent(client: Client, arguments: dict[str, Any], field: str) -> None:
    """A pair that cannot be encoded is refused, with the field."""
    with pytest.raises(InvalidRequest) as refused:
        client.align(**{"source": TEXT, "target": ENGLISH, **arguments})

    assert refused.value.field == field


def test_refusal_names_the_field(client: Client) -> None:
    """A refusal names the invalid text; an unknown model raises ModelNotFound."""
    with pytest.raises(InvalidRequest, match=r"^target: is too long"):
        client.align(TEXT, "너무 김")
    with pytest.raises(ModelNotFound, match="'de-en'"):
        client.align(TEXT, ENGLISH, model="de-en")


def test_attention_by_word(client: Client) -> None:
    """The end of the sentence has a row by token and none by word."""
    aligned = client.align(TEXT, ENGLISH)

    assert token_map(aligned).target == ("I", "am", "a", "stu", "dent", "</s>")
    assert word_map(aligned).target == ("I", "am", "a", "student")


def test_words_that_differ_from_the_tokens(client: Client) -> None:
    """Extra spaces do not matter; if words differ from the tokens, those of the model are used."""
    spaced = word_map(client.align(TEXT, "  I   am a student"))
    joined = word_map(client.align(TEXT, "Iam a student"))

    assert spaced == word_map(client.align(TEXT, ENGLISH))
    assert joined.target == ("I", "am", "a", "student")


async def test_async_client_does_the_same(client: Client, server: Any) -> None:
    """Both clients give equal values."""
    async with AsyncClient(server.address, timeout=10) as async_client:
        assert await async_client.align(TEXT, ENGLISH) == client.align(TEXT, ENGLISH)
        with pytest.raises(InvalidRequest):
            await async_client.align(TEXT, "너무 김")
