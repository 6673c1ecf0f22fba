"""Bundles on disk: verification and atomic writing."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from jumok.bundle.errors import BundleError
from jumok.bundle.folder import file_entry, load_bundle, write_bundle
from jumok.bundle.manifest import MANIFEST_NAME


class Fill(Protocol):
    def __call__(self, folder: Path, encoder: bytes = ...) -> None: ...


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the content of the manifest."""
    content = json.loads((folder / MANIFEST_NAME).read_bytes())
    change(content)
    (folder / MANIFEST_NAME).write_text(json.dumps(content), "utf-8")


def refusal(folder: Path) -> str:
    """Return the error message for a bundle, which must be one line."""
    with pytest.raises(BundleError) as refused:
        load_bundle(folder)
    message = str(refused.value)
    assert str(folder) in message
    assert message.isprintable()
    assert len(message) < 800
    return message


def test_load(folder: Path) -> None:
    """A valid bundle is loaded with its tokenizers."""
    bundle = load_bundle(folder)
    assert bundle.path == folder
    assert bundle.manifest.name == "made-up"
    assert bundle.source_tokenizer is bundle.target_tokenizer
    assert re.fullmatch("[0-9a-f]{64}", bundle.fingerprint)


def test_no_folder(tmp_path: Path) -> None:
    """If there is no folder, the message names the command that makes one."""
    assert "make one with `jumok export`" in refusal(tmp_path / "nowhere")


def test_no_manifest(folder: Path) -> None:
    """A folder without a manifest is not a bundle."""
    (folder / MANIFEST_NAME).unlink()
    assert "is not a bundle: manifest.json cannot be read (No such file" in refusal(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"format": }',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
        b'{"format": "jumok.bundle", "format": "jumok.bundle"}',
    ],
)
def test_not_json(folder: Path, content: bytes) -> None:
    """The message says if the manifest is not JSON."""
    (folder / MANIFEST_NAME).write_bytes(content)
    assert "manifest.json is not JSON" in refusal(folder)


@pytest.mark.parametrize("content", [b"[]", b"null", b"{}", b'{"format": "other"}'])
def test_other_format(folder: Path, content: bytes) -> None:
    """The message says if the JSON is not a manifest of this format."""
    (folder / MANIFEST_NAME).write_bytes(content)
    assert "is not a manifest of format jumok.bundle" in refusal(folder)


def graphs(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the entry of the float32 graphs in the manifest."""
    found: dict[str, Any] = manifest["precisions"]["float32"]
    return found


def size(manifest: dict[str, Any], size: int) -> None:
    """Change the size of the encoder's file."""
    manifest["files"]["encoder.onnx"]["size"] = size


def rename(manifest: dict[str, Any], name: str) -> None:
    """Change the name of the encoder's file."""
    manifest["files"][name] = manifest["files"].pop("encoder.onnx")
    graphs(manifest)["encoder"]["file"] = name


@pytest.mark.parametrize("version", [0, 2, 4, "3", "1\n", None])
def test_other_version(folder: Path, version: object) -> None:
    """For another version, the message names both versions and what to do."""
    edit(folder, lambda manifest: manifest.update(format_version=version))
    message = refusal(folder)
    assert f"format version {version!r}, this jumok reads version 3; export" in message


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda manifest: manifest.pop("limits"), "limits is missing"),
        (lambda manifest: manifest.update({"a\nkey": 1}), "a key is not a known key"),
        (lambda manifest: manifest["limits"].update(max_source_tokens=0), "limits.max_source_tok"),
        (
            lambda manifest: graphs(manifest)["encoder"].update(file="../e"),
            "'../e' is not a plain",
        ),
        (lambda manifest: manifest["precisions"].clear(), "float32 is not among the precisions"),
        (lambda manifest: manifest.update(source_tokenizer="x"), "x is not listed under files"),
        (
            lambda manifest: graphs(manifest)["encoder"]["signature"].update(inputs=[]),
            "the signature of",
        ),
        (
            lambda manifest: graphs(manifest)["decoder_step"]["signature"]["outputs"][2].update(
                dtype="x"
            ),
            "precisions.float32.decoder_step.signature.outputs.2.dtype",
        ),
        (
            lambda manifest: graphs(manifest)["decoder_step"]["signature"]["outputs"].pop(2),
            "the signature of decoder_step.onnx is not that of bundle format 3; export",
        ),
        (lambda manifest: manifest["special_ids"].update(end=4), "the special ids of a tokenizer"),
        (lambda manifest: manifest["special_ids"].update(end=2), "not four different ids"),
        (lambda manifest: manifest["special_ids"].update(end=-1), "not four different ids"),
        (lambda manifest: manifest["limits"].update(max_source_tokens=10**18), "at most 4096"),
        (lambda manifest: manifest["limits"].update(max_target_tokens=4097), "at most 4096"),
        (lambda manifest: size(manifest, 2**31), "must be at most 2147483647"),
        (lambda manifest: size(manifest, -1), "size must be at least 0"),
        (
            lambda manifest: manifest["files"].update(
                {f"f{n}": {"size": 2**31 - 1, "sha256": "0" * 64} for n in range(5)}
            ),
            "bytes, more than",
        ),
        (
            lambda manifest: manifest["files"].update(
                {f"f{n}": manifest["files"]["encoder.onnx"] for n in range(100)}
            ),
            "files must have at most 100 entries",
        ),
        *(
            (lambda manifest, name=name: rename(manifest, name), "is not a plain file name")
            for name in (
                "/etc/passwd",
                "..",
                ".",
                "",
                "a/b",
                "a\\b",
                "a b",
                "a\0",
                "ㄱ",
                "e\n",
                "-e",
            )
        ),
        (lambda manifest: manifest.update(source_language="k" * 99), "source_language must have"),
        (
            lambda manifest: manifest.update(target_language="e\x1b[2J"),
            "target_language must match",
        ),
        (lambda manifest: manifest.update(name="x\ud800"), "Invalid JSON"),
        (lambda manifest: manifest.update({f"key{n}": n for n in range(9999)}), "…"),
    ],
)
def test_wrong_manifest(
    folder: Path, change: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    """An invalid manifest is refused, and the message names the invalid key."""
    edit(folder, change)
    assert complaint in refusal(folder)


def test_deep_provenance(folder: Path) -> None:
    """A manifest that is nested too deeply is refused."""
    content = (folder / MANIFEST_NAME).read_text("utf-8")
    deep = '"provenance":' + '{"a":' * 900 + "1" + "}" * 900
    (folder / MANIFEST_NAME).write_text(content.replace('"provenance":{}', deep), "utf-8")
    assert MANIFEST_NAME in refusal(folder)


def test_not_a_tokenizer(folder: Path, fill: Fill) -> None:
    """A file that is no SentencePiece model is refused by name."""

    def corrupt(new: Path) -> None:
        fill(new)
        (new / "tokenizer.model").write_bytes(b"no model")
        entry = file_entry(new / "tokenizer.model").model_dump()
        edit(new, lambda manifest: manifest["files"].update({"tokenizer.model": entry}))

    write_bundle(folder, corrupt)
    assert "tokenizer.model: the tokenizer is not a SentencePiece model" in refusal(folder)


def test_missing_file(folder: Path) -> None:
    """The message names a file that is listed but missing."""
    (folder / "encoder.onnx").unlink()
    assert "encoder.onnx cannot be read (No such file" in refusal(folder)


def test_flipped_byte(folder: Path) -> None:
    """A file of the right size with another checksum is refused."""
    (folder / "encoder.onnx").write_bytes(b"Encoder")
    assert "encoder.onnx is not the file that was exported" in refusal(folder)


def test_truncated_file(folder: Path) -> None:
    """A file of another size is refused."""
    (folder / "decoder_step.onnx").write_bytes(b"decoder")
    assert "decoder_step.onnx is not the file that was exported" in refusal(folder)


def test_wrong_size(folder: Path) -> None:
    """A wrong size in the manifest is refused."""
    edit(folder, lambda manifest: manifest["files"]["encoder.onnx"].update(size=8))
    assert "encoder.onnx is not the file that was exported" in refusal(folder)


def test_link_outside(folder: Path, tmp_path: Path) -> None:
    """A link to a file outside the bundle is refused, even if the content is right."""
    (folder / "encoder.onnx").rename(tmp_path / "elsewhere")
    (folder / "encoder.onnx").symlink_to(tmp_path / "elsewhere")
    assert "encoder.onnx is not a file inside the bundle" in refusal(folder)


def test_link_to_itself(folder: Path) -> None:
    """A link to itself is refused."""
    (folder / "encoder.onnx").unlink()
    (folder / "encoder.onnx").symlink_to("encoder.onnx")
    assert "encoder.onnx is a link that leads back to itself" in refusal(folder)


def test_link_inside(folder: Path) -> None:
    """A link inside the bundle is followed, because Kubernetes volumes have them."""
    (folder / ".data").mkdir()
    (folder / "encoder.onnx").rename(folder / ".data" / "encoder.onnx")
    (folder / "encoder.onnx").symlink_to(".data/encoder.onnx")
    load_bundle(folder)


def test_folder_for_file(folder: Path) -> None:
    """A folder in place of a file is refused."""
    (folder / "encoder.onnx").unlink()
    (folder / "encoder.onnx").mkdir()
    assert "encoder.onnx is not a file inside the bundle" in refusal(folder)


def test_fingerprint(folder: Path, tmp_path: Path, fill: Fill) -> None:
    """Bundles of the same files have the same fingerprint, others do not."""
    write_bundle(tmp_path / "same", fill)
    write_bundle(tmp_path / "other", lambda new: fill(new, b"other weights"))
    fingerprint = load_bundle(folder).fingerprint
    assert load_bundle(tmp_path / "same").fingerprint == fingerprint
    assert load_bundle(tmp_path / "other").fingerprint != fingerprint


def test_write_replaces(folder: Path, fill: Fill) -> None:
    """A bundle is replaced completely: no file of the old one stays in or beside it."""
    (folder / "stray").write_bytes(b"")
    write_bundle(folder, fill)
    load_bundle(folder)
    assert not (folder / "stray").exists()
    assert list(folder.parent.iterdir()) == [folder]


def test_a_failed_write_keeps_the_old_bundle(folder: Path, fill: Fill) -> None:
    """If filling fails, the old bundle is unchanged, and no other file is left."""
    before = load_bundle(folder).fingerprint

    def stumble(new: Path) -> None:
        fill(new)
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        write_bundle(folder, stumble)
    assert load_bundle(folder).fingerprint == before
    assert list(folder.parent.iterdir()) == [folder]


def test_write_nothing(tmp_path: Path) -> None:
    """If filling fails and there was no bundle, nothing is left."""

    def stumble(new: Path) -> None:
        raise RuntimeError("no parity")

    with pytest.raises(RuntimeError, match="no parity"):
        write_bundle(tmp_path / "bundle", stumble)
    assert list(tmp_path.iterdir()) == []


def test_write_into_empty_folder(tmp_path: Path, fill: Fill) -> None:
    """A bundle can be written to an empty folder, for example a mounted volume."""
    (tmp_path / "bundle").mkdir()
    write_bundle(tmp_path / "bundle", fill)
    load_bundle(tmp_path / "bundle")


def test_write_over_folder(tmp_path: Path, fill: Fill) -> None:
    """A folder with other content is refused and unchanged."""
    (tmp_path / "thesis").write_text("irreplaceable", "utf-8")
    with pytest.raises(BundleError, match="exists and is not a bundle: choose another folder"):
        write_bundle(tmp_path, fill)
    assert (tmp_path / "thesis").read_text("utf-8") == "irreplaceable"


def test_write_over_file(tmp_path: Path, fill: Fill) -> None:
    """A file is refused and unchanged."""
    (tmp_path / "thesis").write_text("irreplaceable", "utf-8")
    with pytest.raises(BundleError, match="exists and is not a bundle: choose another folder"):
        write_bundle(tmp_path / "thesis", fill)
    assert (tmp_path / "thesis").read_text("utf-8") == "irreplaceable"


def test_write_through_link(folder: Path, fill: Fill) -> None:
    """Writing to a link replaces the bundle that it points to."""
    current = folder.parent / "current"
    current.symlink_to(folder.name)
    (folder / "stray").write_bytes(b"")
    write_bundle(current, fill)
    assert current.is_symlink()
    assert not (folder / "stray").exists()
    load_bundle(current)
