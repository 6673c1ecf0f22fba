"""Stages in a manifest."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from jumok.bundle.folder import load_bundle
from jumok.bundle.manifest import Manifest
from jumok.bundle.stages import STAGES, Stage, Stages


def test_only_lexical_can_be_missing() -> None:
    """A model without a lexical model has all other stages."""
    tensors: dict[Stage, str] = {stage: stage for stage in STAGES if stage != "lexical"}
    assert "lexical" not in Stages(score_function="dot", wiring="luong", tensors=tensors).tensors
    del tensors["scores"]
    with pytest.raises(ValidationError, match="the stages scores are missing"):
        Stages(score_function="dot", wiring="luong", tensors=tensors)


def test_unknown_stages_are_refused() -> None:
    """A stage that this jumok does not know is an error, not ignored."""
    tensors = dict.fromkeys([*STAGES, "values"], "x")
    with pytest.raises(ValidationError):
        Stages.model_validate({"score_function": "dot", "wiring": "luong", "tensors": tensors})


def test_a_manifest_without_stages_is_valid(tiny_bundle: Path) -> None:
    """A bundle of an older jumok, whose manifest has no stages, can still be read."""
    manifest = load_bundle(tiny_bundle).manifest
    assert manifest.precisions["float32"].stages is not None
    plain = manifest.model_dump(mode="json")
    for graphs in plain["precisions"].values():
        del graphs["stages"]
    older = Manifest.model_validate(plain).precisions
    assert all(graphs.stages is None for graphs in older.values())
