"""The bundles that come with jumok."""

from pathlib import Path

import pytest

from jumok.bundle.folder import Bundle, load_bundle
from jumok.client import AsyncClient
from jumok.client.events import FinishReason
from jumok.demo.command import SENTENCES
from jumok.runtime.opening import open_engine
from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server

MODELS = Path(__file__).parent.parent / "models"
MAX_BYTES = 25 * 10**6


@pytest.fixture(
    scope="module", params=sorted(path.name for path in MODELS.iterdir() if path.is_dir())
)
def shipped(request: pytest.FixtureRequest) -> Bundle:
    return load_bundle(MODELS / request.param)


def test_default() -> None:
    """The default model is one of the bundles."""
    assert (MODELS / "ko-en").is_dir()


def test_name_and_languages(shipped: Bundle) -> None:
    """Folder and model are named after the languages."""
    manifest = shipped.manifest
    assert shipped.path.name == manifest.name
    assert manifest.name == f"{manifest.source_language}-{manifest.target_language}"


def test_size(shipped: Bundle) -> None:
    """The bundle is small, and its folder has no other files."""
    files = {file.name: file.stat().st_size for file in shipped.path.iterdir()}
    assert files.keys() == {"manifest.json", *shipped.manifest.files}
    assert sum(files.values()) <= MAX_BYTES


def test_card(shipped: Bundle) -> None:
    """The model card describes this version of the model."""
    card = (MODELS / "README.md").read_text("utf-8")
    assert f"## {shipped.manifest.name}\n" in card
    assert f"`{shipped.fingerprint[:12]}`" in card


async def test_sentences_of_the_demonstration(shipped: Bundle) -> None:
    """The sentences of `jumok demo` are translated completely, with attention."""
    config = ServiceConfig(listen="localhost:0")
    engine = open_engine(shipped, "cpu", threads=1)
    model = ServedModel.of(shipped, engine, config.max_text_characters)
    server = Server(config, ModelRegistry([model]))
    await server.start()
    async with AsyncClient(f"localhost:{server.port}") as client:
        for sentence in SENTENCES[shipped.manifest.source_language]:
            translation = await client.translate_text(sentence)
            assert translation.text
            assert translation.result.finish_reason is FinishReason.END_OF_SENTENCE
            for row in translation.attention:
                assert sum(row) == pytest.approx(1, abs=1e-4)
    await server.stop()
