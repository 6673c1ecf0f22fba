"""Sampling of segmentations."""

import subprocess
import sys
from collections import Counter
from math import exp
from pathlib import Path
from random import Random

import pytest

from jumok.bundle.incremental_decoder import decode
from jumok.bundle.tokenizer import Tokenizer
from jumok.training.data.subword_sampling import SplitSampler

TEXTS = ["the cat sat on the mat", "나는 책을 읽었어요", "mats and cats", "그는 학교에 갔어요"]
DRAW = """
import sys
from pathlib import Path
from random import Random
from jumok.bundle.tokenizer import Tokenizer
from jumok.training.data.subword_sampling import SplitSampler
sampler, generator = SplitSampler(Tokenizer.load(Path(sys.argv[1])), 0.2), Random("1 2")
print([sampler.draw(text, generator) for text in sys.argv[2:]])
"""


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(TEXTS * 20, 340, seed=0)


def test_meaning(tokenizer: Tokenizer) -> None:
    """Every segmentation decodes to the same text."""
    sampler, generator = SplitSampler(tokenizer, 0.1), Random(1)
    kinds = set()
    for text in [*TEXTS, "  two   spaces ", "unseen: 가나다 😀", "ﷺ"]:
        expected = decode(tokenizer, tokenizer.encode_ids([text])[0])
        for _ in range(20):
            ids = sampler.draw(text, generator)
            assert decode(tokenizer, ids) == expected
            kinds.add(tuple(ids))
    assert len(kinds) > 20


def test_high_power(tokenizer: Tokenizer) -> None:
    """The higher the power, the more often the best segmentation is drawn."""
    sampler, generator = SplitSampler(tokenizer, 1000), Random(1)
    assert [sampler.draw(text, generator) for text in TEXTS] == tokenizer.encode_ids(TEXTS)


def test_probabilities(tokenizer: Tokenizer) -> None:
    """Segmentations are drawn in proportion to their probability to the power."""
    (word,) = tokenizer.normalized_words("cats")
    splits = tokenizer.best_splits(word, 64)
    assert len({tuple(ids) for ids, _ in splits}) == len(splits) > 2
    weights = {tuple(ids): exp(0.3 * log_prob) for ids, log_prob in splits}
    sampler, generator = SplitSampler(tokenizer, 0.3), Random(1)
    count = 4000
    drawn = Counter(tuple(sampler.draw("cats", generator)) for _ in range(count))
    for ids, weight in weights.items():
        assert drawn[ids] / count == pytest.approx(weight / sum(weights.values()), abs=0.03)


def test_nothing(tokenizer: Tokenizer) -> None:
    """A text without words has no tokens."""
    assert SplitSampler(tokenizer, 0.1).draw("  ", Random(1)) == []


def test_other_process(tokenizer: Tokenizer, tmp_path: Path) -> None:
    """Sampling is reproducible in another process."""
    (tmp_path / "model").write_bytes(tokenizer.model)
    said = {
        subprocess.run(
            [sys.executable, "-c", DRAW, tmp_path / "model", *TEXTS],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for _ in range(2)
    }
    sampler, generator = SplitSampler(tokenizer, 0.2), Random("1 2")
    assert said == {f"{[sampler.draw(text, generator) for text in TEXTS]}\n"}
