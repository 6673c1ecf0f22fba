"""The shipped models give their reference translations on all processors."""

import gzip
import json

import numpy as np
import pytest

from jumok.bundle.folder import load_bundle
from jumok.bundle.manifest import Precision
from tests.reference import DATA, ROOT, SENTENCES, cases, path, translate

pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="the held-out sentences are not part of the repository"
)

# Processors round sums and exponentials differently. In float32 that shows in the last digit; in
# int8 a value next to a rounding boundary moves by a whole step.
BARS: dict[Precision, tuple[float, float]] = {"float32": (0.99, 2e-4), "int8": (0.95, 0.05)}


@pytest.mark.parametrize(("name", "precision"), list(cases()))
def test_translations_are_those_of_the_reference(name: str, precision: Precision) -> None:
    """Nearly all sentences get the same tokens, with the same log-probabilities."""
    wanted = json.loads(gzip.decompress(path(name, precision).read_bytes()))
    found = translate(load_bundle(ROOT / "models" / name), precision)
    share, tolerance = BARS[precision]
    assert found.keys() == wanted.keys()
    for way, translations in found.items():
        same = [
            (ours, theirs)
            for ours, theirs in zip(translations, wanted[way], strict=True)
            if ours["token_ids"] == theirs["token_ids"]
        ]
        assert len(translations) == SENTENCES
        assert len(same) >= share * SENTENCES, way
        for ours, theirs in same:
            np.testing.assert_allclose(ours["log_probs"], theirs["log_probs"], atol=tolerance)
