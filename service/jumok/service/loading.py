"""Loads bundles as models that are ready to serve."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from jumok.bundle.errors import BundleError
from jumok.bundle.folder import load_bundle
from jumok.bundle.manifest import MANIFEST_NAME
from jumok.runtime.opening import open_engine
from jumok.service.config import ServiceConfig
from jumok.service.engine_check import check_engine
from jumok.service.model import ServedModel


def find_bundles(folders: Iterable[Path]) -> Sequence[Path]:
    """Return the folders of bundles: those given, and those directly inside the others.

    Folders inside others come in alphabetical order, without hidden ones: `jumok export` writes to
    a hidden folder first. A folder that is found twice counts once.

    Raises:
        BundleError: a folder neither is a bundle nor contains one.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        try:
            bundles = _bundles_in(folder)
        except OSError as error:
            raise BundleError(f"{folder} cannot be read ({error.strerror})") from error
        if not bundles:
            raise BundleError(
                f"{folder} is not a bundle and contains none: make one with `jumok export`"
            )
        for bundle in bundles:
            found.setdefault(os.path.abspath(bundle), bundle)  # noqa: PTH100 - keeps links
    return list(found.values())


def fingerprint(path: Path) -> str | None:
    """Return the fingerprint of the bundle in the folder `path`; None if it cannot be read."""
    try:
        return hashlib.sha256((path / MANIFEST_NAME).read_bytes()).hexdigest()
    except OSError:
        return None


def load_model(path: Path, config: ServiceConfig) -> ServedModel:
    """Load the bundle in the folder `path`, and let it translate a sentence.

    Raises:
        BundleError: the bundle cannot be used.
        RuntimeSetupError: the configured provider or precision does not work.
        StartupError: the engine fails on the sentence.
    """
    bundle = load_bundle(path)
    engine = open_engine(
        bundle,
        config.provider,
        config.precision,
        threads=config.threads,
        cuda_graphs=config.cuda_graphs,
    )
    model = ServedModel.of(bundle, engine, config.max_text_characters)
    check_engine(model)
    return model


def _bundles_in(folder: Path) -> list[Path]:
    if (folder / MANIFEST_NAME).exists() or not folder.is_dir():
        return [folder]  # if it is no folder, loading says so
    return [manifest.parent for manifest in sorted(folder.glob(f"[!.]*/{MANIFEST_NAME}"))]
