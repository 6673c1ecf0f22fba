from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jumok.bundle.folder import Bundle, load_bundle
from jumok.decoding.batch_search import search
from jumok.decoding.options import Decoding
from jumok.runtime.engine import Engine
from jumok.runtime.opening import open_engine
from jumok.runtime.resident_engine import ResidentEngine
from jumok.runtime.session import CPU, CUDA, installed_providers
from jumok.service.config import DEFAULT_BUNDLE
from jumok.training.embedded.corpus import passages
from tests.runtime.twins import Twins, assert_alike

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(CUDA not in installed_providers(), reason="no CUDA provider"),
]


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path) -> Bundle:
    return load_bundle(tiny_bundle)


@pytest.fixture(scope="module")
def cuda(bundle: Bundle) -> Iterator[ResidentEngine]:
    engine = open_engine(bundle, "cuda", "float32")
    assert isinstance(engine, ResidentEngine)
    yield engine


def on_host(bundle: Bundle, provider: str) -> Engine:
    """Open an engine that returns all tensors to the host."""
    graphs, vocabulary = bundle.manifest.precisions["float32"], bundle.target_tokenizer
    return Engine(bundle.path, graphs, vocabulary.vocabulary_size, provider=provider)


def test_a_step_has_no_node_on_the_cpu(cuda: ResidentEngine) -> None:
    """All nodes of the decoder step run on the GPU."""
    assert set(cuda.placement) == {CUDA}


def test_steps_are_captured(cuda: ResidentEngine) -> None:
    """A step can be captured as a CUDA graph, so nothing in it is copied to or from the host."""
    assert cuda.captured


def test_rows_match_those_on_the_host(bundle: Bundle, cuda: ResidentEngine) -> None:
    """Rows in GPU memory give the same results as rows on the host, also when replayed."""
    twins = Twins((open_engine(bundle, "cpu", threads=1), cuda), beam=2, seed=5)
    for lengths in ([3, 7], [4], [], [9]):
        if lengths:
            twins.admit(lengths)
        for _ in range(3):
            assert_alike(*twins.step(candidates=3))
            twins.advance()
        twins.release(0)


def test_the_encoder_agrees_with_the_cpu(bundle: Bundle) -> None:
    """The encoder's outputs on CUDA and on the CPU agree to 1e-5."""
    inputs = (np.array([[5, 6, 7, 3]]), np.array([4], dtype=np.int32))
    ours = on_host(bundle, CUDA).encode(*inputs)
    theirs = open_engine(bundle, "cpu").encode(*inputs)
    for name, tensor in theirs.tensors.items():
        assert np.abs(ours[name] - tensor).max() < 1e-5


def test_translations_agree_with_the_cpu() -> None:
    """Of 400 sentences, at most two are translated differently on the CPU."""
    bundle = load_bundle(DEFAULT_BUNDLE)
    special = bundle.manifest.special_ids
    sources = [
        [*bundle.source_tokenizer.encode(pair.source).ids, special.end]
        for pair in passages("test", 400, seed=0, longest=1)
    ]

    def translate(provider: str) -> list[tuple[int, ...]]:
        engine = on_host(bundle, provider)
        return [
            hypotheses[0].token_ids
            for start in range(0, len(sources), 50)
            for hypotheses in search(engine, sources[start : start + 50], special, Decoding(60))
        ]

    pairs = zip(translate(CUDA), translate(CPU), strict=True)
    assert sum(ours != theirs for ours, theirs in pairs) <= 2
