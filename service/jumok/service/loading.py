"""Loads bundles as models that are ready to serve."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from jumok.bundle.errors import BundleError
from jumok.bundle.folder import load_bundle
from jumok.bundle.manifest import MANIFEST_NAME
from jumok.decoding.batch_search import search
from jumok.decoding.options import Decoding
from jumok.runtime.opening import open_engine
from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel

_SENTENCE: Final = "OK 1."  # every tokenizer has byte fallback, so any text will do
_TOKENS: Final = 8


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
        BundleError: the bundle cannot be used, or its model does not answer properly.
        RuntimeSetupError: the configured provider or precision does not work.
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
    try:
        answered = answers(model)
    except Exception as error:  # whatever a graph makes ONNX Runtime or the search raise
        reason = " ".join(str(error).split())
        raise BundleError(f"{path}: the model fails on a test sentence: {reason}") from error
    if not answered:
        raise BundleError(f"{path}: the model translates a test sentence into wrong numbers")
    return model


def answers(model: ServedModel) -> bool:
    """Return whether a model translates a test sentence with finite numbers and existing tokens."""
    end = model.special.end
    ids = model.source_tokenizer.encode(_SENTENCE).ids[: model.limits.max_source_tokens]
    most = min(_TOKENS, model.limits.max_target_tokens)
    ((best, *_),) = search(model.engine, [[*ids, end]], model.special, Decoding(most, beam=2))
    tokens = best.tokens
    return (
        bool(np.isfinite(tokens.log_probs).all())
        and bool(np.isfinite(tokens.attention).all())
        and all(0 <= each < model.target_tokenizer.vocabulary_size for each in tokens.token_ids)
    )


def _bundles_in(folder: Path) -> list[Path]:
    if (folder / MANIFEST_NAME).exists() or not folder.is_dir():
        return [folder]  # if it is no folder, loading says so
    return [manifest.parent for manifest in sorted(folder.glob(f"[!.]*/{MANIFEST_NAME}"))]
