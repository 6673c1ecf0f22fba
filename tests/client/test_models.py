"""Choosing a model by language, and listing models, with both clients."""

import inspect
from typing import Any

import pytest

from jumok.client import AsyncClient, Client
from jumok.client.errors import InvalidRequest

TEXT = "나는 학생입니다"
LANGUAGES: Any = {"source_language": "ko", "target_language": "en-GB"}


def test_every_call_sends_the_languages(client: Client, server: Any) -> None:
    """Streams, batches, alignments and descriptions are asked for by languages."""
    client.translate_text(TEXT, **LANGUAGES)
    client.translate_batch([TEXT], **LANGUAGES)
    client.align(TEXT, "I am a student", **LANGUAGES)
    servicer = server.servicer
    for request in (*servicer.requests, *servicer.batches, *servicer.pairs):
        assert (request.source_language, request.target_language) == ("ko", "en-GB")
    assert len(servicer.requests) == len(servicer.batches) == len(servicer.pairs) == 1
    assert client.get_model(target_language="fr").name == "ko-fr"


async def test_every_asynchronous_call_sends_the_languages(server: Any) -> None:
    """The client for asyncio does the same."""
    async with AsyncClient(server.address) as client:
        await client.translate_text(TEXT, **LANGUAGES)
        await client.translate_batch([TEXT], **LANGUAGES)
        await client.align(TEXT, "I am a student", **LANGUAGES)
        described = await client.get_model(source_language="de")
        listed = await client.list_models()
    servicer = server.servicer
    for request in (*servicer.requests, *servicer.batches, *servicer.pairs):
        assert (request.source_language, request.target_language) == ("ko", "en-GB")
    assert len(servicer.requests) == len(servicer.batches) == len(servicer.pairs) == 1
    assert described.name == "de-en"
    assert [model.name for model in listed] == ["ko-en", "de-en"]


def test_models_are_listed(client: Client) -> None:
    """The default model comes first."""
    found = [(model.source_language, model.precision) for model in client.list_models()]
    assert found == [("ko", "int8"), ("de", "int8")]


def test_a_language_that_is_no_text_is_refused(client: Client) -> None:
    """What protobuf cannot hold is refused before the call, with its field."""
    with pytest.raises(InvalidRequest) as refused:
        client.translate(TEXT, target_language="\udcff")
    assert refused.value.field == "target_language"


@pytest.mark.parametrize("name", ["translate", "translate_batch", "align", "get_model"])
def test_both_clients_take_the_same_arguments(name: str) -> None:
    """A call can be moved from one client to the other."""
    ours, theirs = (
        inspect.signature(getattr(kind, name)).parameters for kind in (Client, AsyncClient)
    )
    assert list(ours) == list(theirs)
    assert "source_language" in ours
