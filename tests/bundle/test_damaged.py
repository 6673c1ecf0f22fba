"""Damaged bundles; `python -m benchmarks.abuse.bundles` does the same for longer."""

from pathlib import Path

import pytest

from benchmarks.abuse.bundles import Damage, check_files
from jumok.bundle.folder import load_bundle
from jumok.runtime.opening import open_engine


def test_a_damaged_bundle_is_loaded_or_refused(tmp_path: Path) -> None:
    """However the manifest or the tokenizer is damaged, it is refused in one line, or harmless."""
    damage = Damage(tmp_path / "bundle")
    check_files(damage, examples=15, start=1)
    assert damage.outcomes["manifest.json: refused"] > 20
    assert damage.outcomes["tokenizer.model: refused"] > 20


@pytest.mark.parametrize("name", ["encoder.onnx", "decoder_step.onnx"])
def test_a_damaged_graph_is_opened_or_refused(tmp_path: Path, name: str) -> None:
    """However a graph is damaged, it is refused in one line, or harmless."""
    damage = Damage(tmp_path / "bundle")
    for seed in range(30):
        damage.load(
            *damage.damaged_file([name], seed), lambda bundle: open_engine(bundle, "cpu", threads=1)
        )
    assert damage.outcomes[f"{name}: refused"] > 10
    load_bundle(tmp_path / "bundle")  # the damage is undone each time
