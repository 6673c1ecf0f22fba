"""The bundle that an export writes."""

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from jumok.bundle.errors import BundleError
from jumok.bundle.folder import load_bundle
from jumok.bundle.manifest import Limits
from jumok.export.errors import ExportError
from jumok.export.exporter import export_bundle
from jumok.export.parity import BATCH_SIZES
from jumok.export.parity_report import ParityReport
from jumok.training.checkpoint import Checkpoint

CPU = "CPUExecutionProvider"


def test_bundle(tiny_bundle: Path, tiny: Checkpoint) -> None:
    """It has exactly the files it should, and the manifest describes the model."""
    bundle = load_bundle(tiny_bundle)
    manifest = bundle.manifest
    names = {"encoder.onnx", "decoder_step.onnx", "source.model", "target.model", "parity.json"}
    assert manifest.files.keys() == names
    assert {path.name for path in tiny_bundle.iterdir()} == names | {"manifest.json"}
    assert (manifest.name, manifest.producer_version) == ("tiny.ko-en", version("jumok"))
    assert (manifest.source_language, manifest.target_language) == ("ko", "en")
    assert manifest.limits == Limits(max_source_tokens=40, max_target_tokens=24)
    assert bundle.source_tokenizer.model == tiny.source.model
    assert bundle.target_tokenizer.model == tiny.target.model


def test_provenance(tiny_bundle: Path, tiny: Checkpoint) -> None:
    """The manifest records configuration, data, metrics and versions of the training."""
    provenance = load_bundle(tiny_bundle).manifest.provenance
    assert provenance["configuration"] == tiny.configuration.model_dump(mode="json")
    assert (provenance["seed"], provenance["step"]) == (1, 300)
    assert provenance["data"] == tiny.provenance["data"]
    assert len(provenance["data"]["embedded"]) == 64
    assert provenance["pairs"] == {"train": 2000, "dev": 220, "test": 40}
    assert provenance["metrics"] == tiny.progress.metrics
    assert provenance["metrics"]["dev/bleu"] > 0
    assert provenance["versions"] == tiny.provenance["versions"] | {
        package: version(package) for package in ("onnx", "onnxscript")
    }


def test_parity_report(tiny_bundle: Path) -> None:
    """The report is in the bundle, all limits are met, on batches of 1 to 33 sentences."""
    content = (tiny_bundle / "parity.json").read_text("utf-8")
    report = ParityReport.model_validate_json(content)
    report.require()
    assert report.tolerance == 1e-5
    assert report.batch_sizes == (1, 33) == (BATCH_SIZES[0], BATCH_SIZES[-1])
    assert report.lengths == (1, 41)
    found = report.providers[CPU]
    assert found.sentences >= 200
    assert found.identical + found.ties == found.sentences
    assert found.company_tokens == 0
    assert 0 < found.log_probs.found <= found.log_probs.limit


def test_replaced(quick: Callable[..., Checkpoint], tmp_path: Path) -> None:
    """Exporting the same checkpoint again gives the same bundle, except for the name."""
    checkpoint = quick()
    export_bundle(checkpoint, tmp_path / "bundle", [CPU])
    first = load_bundle(tmp_path / "bundle")
    export_bundle(checkpoint, tmp_path / "bundle", [CPU])
    assert load_bundle(tmp_path / "bundle").fingerprint == first.fingerprint
    export_bundle(checkpoint, tmp_path / "bundle", [CPU], name="other")
    second = load_bundle(tmp_path / "bundle").manifest
    assert second == first.manifest.model_copy(update={"name": "other"})


def test_shared_tokenizer(quick: Callable[..., Checkpoint], tmp_path: Path) -> None:
    """A tokenizer shared by both languages is stored once."""
    checkpoint = quick()
    export_bundle(replace(checkpoint, target=checkpoint.source), tmp_path / "bundle", [CPU])
    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.source_tokenizer is bundle.target_tokenizer
    assert "tokenizer.model" in bundle.manifest.files


def test_name(tiny: Checkpoint, tmp_path: Path) -> None:
    """An invalid name is refused before any work is done."""
    with pytest.raises(
        ExportError, match="'my model' is not a valid name of a model: use up to 63"
    ):
        export_bundle(tiny, tmp_path / "bundle", [], name="my model")
    assert list(tmp_path.iterdir()) == []


def test_other_folder(tiny: Checkpoint, tmp_path: Path) -> None:
    """A folder with other content is refused before any work is done."""
    (tmp_path / "thesis").touch()
    with pytest.raises(BundleError, match="exists and is not a bundle: choose another folder"):
        export_bundle(tiny, tmp_path, [])


@pytest.mark.parametrize(
    ("metrics", "rule"),
    [
        ({}, "posterior"),
        ({"dev/aer_writes": 0.3, "dev/aer_reads": 0.5}, "posterior"),
        ({"dev/aer_writes": 0.5, "dev/aer_reads": 0.3}, "reads"),
    ],
)
def test_alignment_rule(
    quick: Callable[..., Checkpoint], tmp_path: Path, metrics: dict[str, float], rule: str
) -> None:
    """The alignment rule is the one with the lower error on gold alignments."""
    checkpoint = quick()
    changed = replace(checkpoint, progress=replace(checkpoint.progress, metrics=metrics))
    export_bundle(changed, tmp_path / "bundle", [CPU])
    assert load_bundle(tmp_path / "bundle").manifest.alignment_rule == rule
