"""Batches, with both clients."""

from typing import Any

import pytest

from jumok.client.async_client import AsyncClient
from jumok.client.decoding import BeamSearch, DecodingOptions
from jumok.client.errors import InvalidRequest, ServerError, Timeout, Unavailable
from jumok.client.sync_client import Client
from jumok.client.translation import Translation

TEXT = "나는 학생입니다"


def test_outcomes_are_in_order(client: Client, server: Any) -> None:
    """Each text gets its translation or its error; an invalid text is not sent."""
    first, refused, late, broken, last = client.translate_batch(
        [TEXT, "너무 김", "느림", "나\udcff", TEXT]
    )

    assert isinstance(first, Translation)
    assert isinstance(refused, InvalidRequest)
    assert (refused.field, str(refused)) == ("text", "text: has 700 characters")
    assert isinstance(late, Timeout)
    assert isinstance(broken, InvalidRequest)
    assert "U+DCFF" in str(broken)
    assert first == last
    assert list(server.servicer.batches[0].texts) == [TEXT, "너무 김", "느림", TEXT]


def test_translations_are_those_of_a_stream(client: Client) -> None:
    """A translation of a batch equals the one that is streamed."""
    assert client.translate_batch([TEXT], attention="dense") == [client.translate_text(TEXT)]


def test_many_texts_are_sent_in_several_requests(client: Client, server: Any) -> None:
    """More texts than one request may have are sent in several requests."""
    outcomes = client.translate_batch((TEXT for _ in range(2001)), attention="none")

    assert [len(batch.texts) for batch in server.servicer.batches] == [1000, 1000, 1]
    assert len(outcomes) == 2001
    assert all(isinstance(outcome, Translation) for outcome in outcomes)


def test_large_texts_and_responses_are_sent_in_smaller_requests(
    client: Client, server: Any
) -> None:
    """The size of texts, and what is asked for with each, limit the texts of a request."""
    client.translate_batch([TEXT * 5000] * 7)
    client.translate_batch([TEXT] * 200, attention="dense")
    assert [len(batch.texts) for batch in server.servicer.batches] == [4, 3, 125, 75]


def test_failed_request_fails_its_texts(client: Client) -> None:
    """If one request fails, its texts get the error; those of the others keep their outcomes."""
    outcomes = client.translate_batch([TEXT] * 1000 + ["준비 중", TEXT])

    assert all(isinstance(outcome, Translation) for outcome in outcomes[:1000])
    assert [type(outcome) for outcome in outcomes[1000:]] == [Unavailable, Unavailable]


def test_missing_items_are_an_error(client: Client) -> None:
    """A response with fewer items than texts is an error."""
    outcomes = client.translate_batch([TEXT, "빠짐"])

    assert [str(outcome).partition(" ")[2] for outcome in outcomes] == ["answered 1 of 2 texts"] * 2
    assert all(isinstance(outcome, ServerError) for outcome in outcomes)


def test_nothing_to_translate(client: Client, server: Any) -> None:
    """Without texts no request is sent."""
    assert client.translate_batch([]) == []
    assert not server.servicer.batches


@pytest.mark.parametrize(
    ("texts", "arguments", "field"),
    [
        (TEXT, {}, "texts"),
        ([], {"decoding": DecodingOptions(max_tokens=-1)}, "decoding.max_tokens"),
        ([TEXT], {"model": "\ud800"}, "model"),
        (
            [TEXT],
            {"decoding": DecodingOptions(beam_search=BeamSearch(provisional=True))},
            "decoding.beam_search.provisional",
        ),
    ],
)
def test_errors_of_all_texts_are_raised(
    client: Client, server: Any, texts: Any, arguments: dict[str, Any], field: str
) -> None:
    """A single string instead of texts and invalid options are refused."""
    with pytest.raises(InvalidRequest) as refused:
        client.translate_batch(texts, **arguments)

    assert refused.value.field == field
    assert not server.servicer.batches


async def test_async_client_does_the_same(client: Client, server: Any) -> None:
    """Both clients give equal outcomes."""
    texts = [TEXT, "너무 김", TEXT]
    async with AsyncClient(server.address, timeout=10) as async_client:
        outcomes = await async_client.translate_batch(texts)
        failed = await async_client.translate_batch(["준비 중"])

    first, refused, last = client.translate_batch(texts)
    assert (outcomes[0], outcomes[2]) == (first, last)
    assert str(outcomes[1]) == str(refused)
    assert isinstance(failed[0], Unavailable)
