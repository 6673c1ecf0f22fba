"""The shipped models on texts as people send them: nothing that must be kept is lost.

`data/real_texts.json` has 100 texts of ten kinds, each with what must be in its translation;
`data/inline_tags.json` has sentences with one inline element, and translations with the element
placed by hand.
"""

import json
import re
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from jumok.bundle.folder import Bundle, load_bundle
from jumok.bundle.words import TextSpan
from jumok.client import AsyncClient, BeamSearch, DecodingOptions
from jumok.decoding.batch_search import force
from jumok.runtime.opening import open_engine
from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from jumok.text.copied_text import NotTranslated
from jumok.text.html import parse_html
from jumok.text.model_text import Draft
from jumok.text.restoration import RestoredText

ROOT: Final = Path(__file__).parent
TEXTS: Final = json.loads((ROOT / "data" / "real_texts.json").read_text("utf-8"))
TAGGED: Final = json.loads((ROOT / "data" / "inline_tags.json").read_text("utf-8"))
TAG: Final = re.compile(r"<[^>]*>")
WORD: Final = re.compile(r"\w+(?:['’-]\w+)*")


@pytest.fixture(scope="module", params=["ko", "de"])
def bundle(request: pytest.FixtureRequest) -> Bundle:
    return load_bundle(ROOT.parent / "models" / f"{request.param}-en")


@pytest.fixture
async def client(bundle: Bundle) -> AsyncGenerator[AsyncClient]:
    """A client of a service with the model."""
    config = ServiceConfig(listen="localhost:0")
    engine = open_engine(bundle, "cpu", threads=1)
    model = ServedModel.of(bundle, engine, config.max_text_characters)
    server = Server(config, ModelRegistry([model]))
    await server.start()
    async with AsyncClient(f"localhost:{server.port}") as client:
        yield client
    await server.stop()


@pytest.mark.parametrize("beam", [None, BeamSearch(width=5)])
async def test_nothing_is_lost(
    bundle: Bundle, client: AsyncClient, beam: BeamSearch | None
) -> None:
    """Lines, tags, addresses and placeholders are in the translation as often as in the text."""
    texts = [text for text in TEXTS if text["language"] == bundle.manifest.source_language]
    assert len(texts) == 50
    lost = {}
    for text in texts:
        translation = await client.translate_text(
            text["text"],
            decoding=DecodingOptions(beam_search=beam),
            attention="none",
            text_format=text["format"],
        )
        missing = Counter(text["kept"])
        for kept in missing:
            missing[kept] -= translation.text.count(kept)
        missing["\n"] = text["text"].count("\n") - translation.text.count("\n")
        if +missing:
            lost[text["id"]] = dict(+missing)
    assert not lost


def test_tags_enclose_the_right_words(bundle: Bundle) -> None:
    """An inline element encloses the words that it encloses in a translation marked by hand."""
    source_tokenizer, target_tokenizer = bundle.source_tokenizer, bundle.target_tokenizer
    special = bundle.manifest.special_ids
    engine = open_engine(bundle, "cpu", threads=1)
    cases = [case for case in TAGGED if case["language"] == bundle.manifest.source_language]
    assert len(cases) == 60
    right = found = wanted = 0
    for case in cases:
        draft = Draft(parse_html(case["source"]), (), NotTranslated())
        block = draft.blocks[0]
        segment = draft.segment(block, TextSpan(0, len(block.text)))
        source = source_tokenizer.encode(segment.read.text)
        text = TAG.sub("", case["target"])
        target = target_tokenizer.encode(text)
        (forced,) = force(
            engine, [[*source.ids, special.end]], [target.ids], special, posterior=True
        )
        assert forced.posterior is not None
        ends = np.maximum.accumulate([span.end for span in target.spans]).tolist()
        pieces = [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        attention = forced.posterior[: len(pieces), :-1]
        restored = RestoredText(segment, source.spans, pieces, attention)
        enclosed, marked = _enclosed(restored.text), _enclosed(case["target"])
        right += len(enclosed & marked)
        found += len(enclosed)
        wanted += len(marked)
    assert 2 * right / (found + wanted) >= 0.9


def _enclosed(marked: str) -> set[int]:
    """Return where the words inside of the only element of a sentence begin."""
    element = re.search(r"<(\w+)[^>]*>(.*?)</\1>", marked)
    assert element
    start = len(TAG.sub("", marked[: element.start()]))
    end = start + len(element[2])
    words: Any = WORD.finditer(TAG.sub("", marked))
    return {word.start() for word in words if start <= word.start() < end}
