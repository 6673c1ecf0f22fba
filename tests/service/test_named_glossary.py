"""Requests that name a glossary of the service."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

from jumok.service.config import ServiceConfig
from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, events
from tests.service.conftest import refusal


@pytest.fixture
def config(config: ServiceConfig, tmp_path: Path) -> ServiceConfig:
    (tmp_path / "school.tsv").write_text("학생\tpupil\n우리\twe\n", "utf-8")
    (tmp_path / "work.tsv").write_text("직원\temployee\n", "utf-8")
    return config.model_copy(update={"glossaries": tmp_path})


def entries(source: pb.Source) -> list[int]:
    return [copied.glossary_entry for copied in source.copied]


async def test_named_terms_are_prescribed(stub: Any) -> None:
    """The translation has the terms of the named glossary, in a stream and in a batch."""
    source, _, result = await events(stub, text=TEXT, glossary_name="school")
    assert "pupil" in result.hypotheses[0].text
    assert entries(source) == [0]
    batch = pb.TranslateBatchRequest(texts=[TEXT], glossary_name="school")
    response = await stub.TranslateBatch(batch)
    assert "pupil" in response.items[0].translation.result.hypotheses[0].text


async def test_terms_of_the_request_come_first(stub: Any) -> None:
    """They take precedence, and the entries of the named glossary are counted after them."""
    own = [
        pb.GlossaryEntry(source="선생님", target="x"),
        pb.GlossaryEntry(source="학생", target="S"),
    ]
    source, _, result = await events(stub, text=TEXT, glossary=own, glossary_name="school")
    assert "pupil" not in result.hypotheses[0].text
    assert entries(source) == [1]
    source, _, _ = await events(stub, text=TEXT, glossary=own[:1], glossary_name="school")
    assert entries(source) == [1]


async def test_unknown_glossary(stub: Any) -> None:
    """The error names the field, and the glossaries that there are."""
    for call in (
        stub.Translate(pb.TranslateRequest(text=TEXT, glossary_name="medical")),
        stub.Translate(pb.TranslateRequest(text=TEXT, glossary_name="x" * 10_000)),
    ):
        error, fields = await refusal(call)
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert fields == ["glossary_name"]
        assert "its glossaries are school, work" in (error.details() or "")
        assert len(error.details() or "") < 300


async def test_prefix_excludes_it(stub: Any) -> None:
    """A prefix cannot be combined with a named glossary."""
    decoding = pb.DecodingOptions(target_prefix="나")
    request = pb.TranslateRequest(text=TEXT, glossary_name="work", decoding=decoding)
    _, fields = await refusal(stub.Translate(request))
    assert fields == ["decoding.target_prefix"]


async def test_changed_file_is_read_again(stub: Any, tmp_path: Path) -> None:
    """A changed glossary counts without a restart."""
    await events(stub, text=TEXT, glossary_name="school")
    (tmp_path / "school.tsv").write_text("학생\tscholar\n", "utf-8")
    async with asyncio.timeout(20):
        while True:
            _, _, result = await events(stub, text=TEXT, glossary_name="school")
            if "scholar" in result.hypotheses[0].text:
                break
            await asyncio.sleep(0.05)
