"""Bundles on disk, written atomically and verified when loaded."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from jumok.bundle.errors import BundleError
from jumok.bundle.manifest import FORMAT, FORMAT_VERSION, MANIFEST_NAME, FileEntry, Manifest
from jumok.bundle.reading import read_file
from jumok.bundle.signature import DECODER_STEP, ENCODER
from jumok.bundle.tokenizer import Tokenizer
from jumok.bundle.validation import describe, one_line

_MOST_MANIFEST: Final = 2**20  # bytes; those of the shipped models have 30 kB


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle.

    Attributes:
        path: folder of the bundle.
        manifest: content of `manifest.json`.
        fingerprint: sha256 of `manifest.json`, in hexadecimal; it covers every file through the
            sums in the manifest.
        source_tokenizer: tokenizer of the source language.
        target_tokenizer: tokenizer of the target language.
    """

    path: Path
    manifest: Manifest
    fingerprint: str
    source_tokenizer: Tokenizer
    target_tokenizer: Tokenizer

    def read(self, file: Path) -> bytes:
        """Return the content of one of the bundle's files.

        It is verified again, because the file can have changed since the bundle was loaded.

        Raises:
            BundleError: it is not the file that was exported.
        """
        return _read(self.path, file.name, self.manifest.files[file.name])


def load_bundle(path: Path) -> Bundle:
    """Read and verify the bundle in the folder `path`.

    Raises:
        BundleError: it does not exist, or its format, signatures, sizes or sums are wrong.
    """
    content = _read_manifest(path)
    manifest = _parse(path, content)
    for graphs in manifest.precisions.values():
        for entry, expected in ((graphs.encoder, ENCODER), (graphs.decoder_step, DECODER_STEP)):
            if entry.signature != expected:
                raise BundleError(
                    f"{path}: the signature of {entry.file} is not that of bundle format "
                    f"{FORMAT_VERSION}; export the model again"
                )
    tokenizers: dict[str, Tokenizer] = {}
    for name, file in manifest.files.items():
        read = _read(path, name, file)
        if name in (manifest.source_tokenizer, manifest.target_tokenizer):
            tokenizers[name] = _tokenizer(path, name, read)
    for tokenizer in tokenizers.values():
        if tokenizer.special_ids != manifest.special_ids:
            raise BundleError(f"{path}: the special ids of a tokenizer differ from the manifest's")
    return Bundle(
        path,
        manifest,
        hashlib.sha256(content).hexdigest(),
        tokenizers[manifest.source_tokenizer],
        tokenizers[manifest.target_tokenizer],
    )


def write_bundle(path: Path, fill: Callable[[Path], None]) -> None:
    """Write a bundle to `path` atomically.

    A bundle that is already there is replaced; anything else is not.

    Args:
        path: folder to write.
        fill: writes all files, including the manifest, to the folder that it is given.

    Raises:
        BundleError: `path` is, or contains, something that is not a bundle.
    """
    path = path.resolve()  # replace the bundle that a link points to, not the link
    other = path.exists() and not (path / MANIFEST_NAME).is_file()
    if other and (not path.is_dir() or any(path.iterdir())):
        raise BundleError(f"{path} exists and is not a bundle: choose another folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        fill(new)
        new.chmod(0o755)
        if path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
            path.replace(old)
            try:
                new.replace(path)
            except OSError:
                old.replace(path)
                raise
            shutil.rmtree(old)
        else:
            new.replace(path)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def file_entry(path: Path) -> FileEntry:
    """Return the size and sha256 sum of the file `path`."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileEntry(size=path.stat().st_size, sha256=digest)


def _read_manifest(path: Path) -> bytes:
    try:
        content = read_file(path, MANIFEST_NAME, _MOST_MANIFEST + 1)
    except BundleError as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise BundleError(
            f"{path} is not a bundle: {reason}; make one with `jumok export`"
        ) from error
    if len(content) > _MOST_MANIFEST:
        raise BundleError(
            f"{path} is not a bundle: {MANIFEST_NAME} is larger than {_MOST_MANIFEST} bytes"
        )
    return content


def _parse(path: Path, content: bytes) -> Manifest:
    try:
        raw = json.loads(content, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path}/{MANIFEST_NAME} is not JSON: {one_line(error)}") from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise BundleError(f"{path}/{MANIFEST_NAME} is not a manifest of format {FORMAT}")
    if raw.get("format_version") != FORMAT_VERSION:
        found = one_line(repr(raw.get("format_version")))
        raise BundleError(
            f"{path} has bundle format version {found}, this jumok reads "
            f"version {FORMAT_VERSION}; export the model again"
        )
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise BundleError(f"{path}/{MANIFEST_NAME}: {one_line(describe(error))}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse keys that appear twice: programs differ in which of the two they take."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key appears twice in an object")
    return found


def _read(folder: Path, name: str, expected: FileEntry) -> bytes:
    content = read_file(folder, name, expected.size + 1)
    if FileEntry(size=len(content), sha256=hashlib.sha256(content).hexdigest()) != expected:
        raise BundleError(
            f"{folder}: {name} is not the file that was exported (its sha256 differs); "
            "copy or export the bundle again"
        )
    return content


def _tokenizer(folder: Path, name: str, model: bytes) -> Tokenizer:
    try:
        return Tokenizer(model)
    except BundleError as error:
        raise BundleError(f"{folder}: {name}: {one_line(error)}") from error
