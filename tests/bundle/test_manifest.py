"""Validation of the manifest, before any file is opened."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from jumok.bundle.manifest import MANIFEST_NAME, Manifest


@pytest.fixture
def content(folder: Path) -> dict[str, Any]:
    """Return the content of a valid manifest."""
    content: dict[str, Any] = json.loads((folder / MANIFEST_NAME).read_bytes())
    return content


def test_round_trip(content: dict[str, Any]) -> None:
    """Reading and writing a manifest again does not change it."""
    assert json.loads(Manifest.model_validate(content).model_dump_json()) == content


@pytest.mark.parametrize(
    "name",
    ["../a", "a/b", "/a", "..", ".", ".hidden", "", "a\\b", "C:a", "a\n", "a\0", "a" * 101, "가"],
)
@pytest.mark.parametrize("place", ["encoder", "tokenizer", "files"])
def test_plain_names(content: dict[str, Any], name: str, place: str) -> None:
    """A file name with a path is refused for every file."""
    if place == "encoder":
        content["precisions"]["float32"]["encoder"]["file"] = name
    elif place == "tokenizer":
        content["source_tokenizer"] = name
    content["files"][name] = content["files"]["encoder.onnx"]
    with pytest.raises(ValidationError, match="is not a plain file name"):
        Manifest.model_validate(content)


def test_own_name(content: dict[str, Any]) -> None:
    """The manifest does not list itself."""
    content["files"][MANIFEST_NAME] = content["files"]["encoder.onnx"]
    with pytest.raises(ValidationError, match="is not a plain file name"):
        Manifest.model_validate(content)


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("limits",),
        ("special_ids",),
        ("precisions", "float32", "encoder"),
        ("precisions", "float32", "encoder", "signature"),
        ("files", "encoder.onnx"),
    ],
    ids=".".join,
)
def test_unknown_keys(content: dict[str, Any], path: tuple[str, ...]) -> None:
    """An unknown key is refused at every level."""
    level = content
    for key in path:
        level = level[key]
    level["colour"] = "red"
    with pytest.raises(ValidationError, match=r"colour\n +Extra inputs are not permitted"):
        Manifest.model_validate(content)


@pytest.mark.parametrize("key", ["source_tokenizer", "target_tokenizer"])
def test_unlisted_tokenizer(content: dict[str, Any], key: str) -> None:
    """A tokenizer without a checksum is refused."""
    content[key] = "other.model"
    with pytest.raises(ValidationError, match=r"other\.model is not listed under files"):
        Manifest.model_validate(content)


@pytest.mark.parametrize("graph", ["encoder", "decoder_step"])
def test_unlisted_graph(content: dict[str, Any], graph: str) -> None:
    """A graph without a checksum is refused."""
    content["precisions"]["float32"][graph]["file"] = "other.onnx"
    with pytest.raises(ValidationError, match=r"other\.onnx is not listed under files"):
        Manifest.model_validate(content)


@pytest.mark.parametrize("name", ["", "a b", "../a", "가", "a" * 64, "-a"])
def test_model_name(content: dict[str, Any], name: str) -> None:
    """A model's name is valid in a path, a label and a host name."""
    content["name"] = name
    with pytest.raises(ValidationError, match="name\n"):
        Manifest.model_validate(content)
