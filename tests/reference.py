"""Reference translations of 300 held-out sentences by the shipped models.

`python -m tests.reference` writes them again, after a change that is meant to change them.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from jumok.bundle.folder import Bundle, load_bundle
from jumok.bundle.manifest import Precision
from jumok.decoding.batch_search import search
from jumok.decoding.options import Decoding, SamplingParameters
from jumok.runtime.opening import open_engine

ROOT: Final = Path(__file__).parent.parent
DATA: Final = ROOT.parent / "shared" / "data" / "test"
"""Sets that nothing is trained on. They are not part of the repository, only what the models make
of them is."""

FOLDER: Final = Path(__file__).parent / "references"
SENTENCES: Final = 300
_LONGEST: Final = {"ko": 60, "de": 120}  # characters
_BATCH: Final = 50

WAYS: Final = {
    "greedy": Decoding(60),
    "beam 5": Decoding(60, beam=5),
    "sampled": Decoding(60, sampling=SamplingParameters(temperature=0.9, seed=11)),
}


def cases() -> Iterator[tuple[str, Precision]]:
    """Return the shipped bundles and their precisions."""
    for folder in sorted((ROOT / "models").iterdir()):
        if folder.is_dir():
            for precision in load_bundle(folder).manifest.precisions:
                yield folder.name, precision


def sentences(language: str) -> list[str]:
    """Return the held-out sentences of a language."""
    contacts = (DATA / f"first-contact.{language}-en.dev.tsv").read_text("utf-8").splitlines()
    flores = (DATA / "flores200-dev" / f"flores200.dev.{language}").read_text("utf-8").splitlines()
    short = [line for line in flores if len(line) <= _LONGEST[language]]
    return [*(line.partition("\t")[0] for line in contacts), *short][:SENTENCES]


def translate(bundle: Bundle, precision: Precision) -> dict[str, list[dict[str, Any]]]:
    """Translate with each of `WAYS`; return token ids, and log-probabilities to 1e-4."""
    engine = open_engine(bundle, "cpu", precision)
    special = bundle.manifest.special_ids
    texts = sentences(bundle.manifest.source_language)
    sources = [[*ids, special.end] for ids in bundle.source_tokenizer.encode_ids(texts)]
    return {
        way: [
            {
                "token_ids": list(best.token_ids),
                "log_probs": [round(each, 4) for each in best.tokens.log_probs],
            }
            for start in range(0, len(sources), _BATCH)
            for best, *_ in search(engine, sources[start : start + _BATCH], special, decoding)
        ]
        for way, decoding in WAYS.items()
    }


def path(name: str, precision: Precision) -> Path:
    """Name the file of a bundle's references."""
    return FOLDER / f"{name}.{precision}.json.gz"


def main() -> None:
    """Write the references of all shipped bundles."""
    FOLDER.mkdir(exist_ok=True)
    for name, precision in cases():
        found = translate(load_bundle(ROOT / "models" / name), precision)
        content = json.dumps(found, separators=(",", ":")).encode()
        path(name, precision).write_bytes(gzip.compress(content, mtime=0))


if __name__ == "__main__":
    main()
