"""Train and test Joey NMT's recurrent model with the data, sizes and budget of a configuration.

Run `python -m benchmarks.joeynmt` in jumok's environment; Joey NMT has an environment of its own.
"""

import json
import math
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from benchmarks.errors import PeerError
from benchmarks.joeynmt_configuration import joeynmt_configuration
from benchmarks.joeynmt_data import prepare
from benchmarks.joeynmt_log import parse_generation, parse_training
from jumok.bundle.tokenizer import Tokenizer
from jumok.evaluation.scoring.machine import machine
from jumok.evaluation.scoring.metrics import all_references
from jumok.evaluation.scoring.scores import text_scores
from jumok.training.configuration import load_configuration
from jumok.training.data.corpus import load_corpus
from jumok.training.errors import TrainingError

BEAMS: Final = {"greedy": 1, "beam 5": 5}
_TRIAL: Final = 100  # development and test sentences of a trial
# Joey NMT restricts SentencePiece to a vocabulary, which turns byte pieces into plain text
_BYTES = re.compile(r"(?:<0x[0-9A-F]{2}>)+")
_VERSIONS = """
import json, platform
from importlib.metadata import version
names = ("joeynmt", "torch", "sentencepiece", "numpy")
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in names}}))
"""


def main(
    configuration: Annotated[Path, typer.Argument(help="TOML file of a jumok training.")],
    python: Annotated[
        Path, typer.Option(help="Python interpreter of the environment with Joey NMT.")
    ],
    output: Annotated[Path, typer.Option(help="Folder for data, models and logs.")],
    figures: Annotated[Path, typer.Option("--json", help="Write all figures to this file.")],
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Number of epochs. [default: as many as jumok trains]")
    ] = None,
    learning_rate: Annotated[
        float, typer.Option(min=0, help="Learning rate of the first epoch.")
    ] = 1e-3,
    first: Annotated[
        int | None,
        typer.Option(min=_TRIAL, help=f"Trial: train on this many pairs, test on {_TRIAL}."),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads of torch.")] = 1,
) -> None:
    """Train and test Joey NMT's recurrent model; score its translations with jumok's code."""
    settings = load_configuration(configuration)
    corpus = load_corpus(settings.data, configuration.parent)
    others = None if first is None else _TRIAL
    # jumok sorts sentences by length by itself; this is no advantage to be measured
    test = sorted(corpus.test[:others], key=lambda pair: len(pair.source))
    data = prepare(settings, corpus.train[:first], corpus.dev[:others], test, output / "data")
    epochs = epochs or math.ceil(settings.training.steps / data.batches)
    document = joeynmt_configuration(settings, data, epochs, learning_rate, output / "model")
    program = _Program(python, output, threads)
    program.run("train", document, "--skip-test")
    log = parse_training((output / "model" / "train.log").read_text("utf-8"))
    # its log counts target tokens only; subword sampling lengthens both sides equally
    tokens = log.target_tokens * (1 + data.source_tokens / data.target_tokens)
    references = [all_references(pair) for pair in test]
    language = settings.data.target_language
    report = {
        "system": "Joey NMT, recurrent",
        "configuration": settings.name,
        "versions": program.versions(),
        "machine": {**machine(), "threads": threads},
        "parameters": log.parameters,
        "pairs": data.pairs,
        "batch": f"{data.batch} sentences (jumok's average), not sorted by length",
        "learning_rate": learning_rate,
        "epochs": log.epochs,
        "updates": log.epochs * data.batches,
        "best_update": log.best_update,
        "losses": log.losses,
        "training": {
            "seconds": log.seconds,
            "tokens": round(tokens),
            "target_tokens": log.target_tokens,
            "tokens_per_second": tokens / log.seconds,
        },
        "translation": {
            name: _test(program, document, name, references, language, output) for name in BEAMS
        },
    }
    figures.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    typer.echo(f"{figures} written")


class _Program:
    """Joey NMT, run as a program."""

    def __init__(self, python: Path, folder: Path, threads: int) -> None:
        self._python, self._folder = python, folder
        count = str(threads)
        self._environment = os.environ | {"OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count}

    def run(self, mode: str, document: dict[str, Any], *arguments: str) -> None:
        """Run a mode of Joey NMT.

        Args:
            mode: "train" or "test".
            document: its configuration.
            arguments: further arguments.

        Raises:
            PeerError: it failed.
        """
        path = self._folder / f"{mode}.yaml"
        path.write_text(json.dumps(document, indent=1), "utf-8")  # JSON is YAML
        typer.echo(f"$ python -m joeynmt {mode} {path}")
        done = self._call("-m", "joeynmt", mode, str(path), *arguments)
        output = self._folder / f"{mode}.out"
        output.write_text(done.stdout + done.stderr, "utf-8")
        if done.returncode:
            raise PeerError(f"joeynmt {mode} ended with status {done.returncode}; see {output}")

    def versions(self) -> dict[str, str]:
        """Return the versions of Python and of the packages in its environment."""
        versions: dict[str, str] = json.loads(self._call("-c", _VERSIONS).stdout)
        return versions

    def _call(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        try:
            return subprocess.run(
                [str(self._python), *arguments],
                env=self._environment,
                text=True,
                check=False,
                capture_output=True,
            )
        except OSError as error:
            raise PeerError(f"{self._python} cannot be run: {error.strerror}") from error


def _test(
    program: _Program,
    document: dict[str, Any],
    name: str,
    references: list[tuple[str, ...]],
    language: str,
    folder: Path,
) -> dict[str, Any]:
    """Translate the test set with the best checkpoint and score the translations."""
    data = {key: value for key, value in document["data"].items() if key not in ("train", "dev")}
    testing = {**document["testing"], "beam_size": BEAMS[name]}
    output = folder / name.replace(" ", "-")
    document = {**document, "data": data, "testing": testing}
    program.run("test", document, "--output-path", str(output))
    seconds = parse_generation((folder / "model" / "test.log").read_text("utf-8"))
    texts = read_translations(Path(f"{output}.test"))
    tokens = _count_tokens(texts, folder / "data" / "target.model")
    return {
        **asdict(text_scores(texts, references, language)),
        "seconds": seconds,
        "tokens": tokens,
        "tokens_per_second": tokens / seconds,
    }


def read_translations(path: Path) -> list[str]:
    """Read Joey NMT's output, and convert the names of byte pieces back to characters."""
    return [_BYTES.sub(_character, line) for line in path.read_text("utf-8").split("\n")[:-1]]


def _character(names: re.Match[str]) -> str:
    return bytes.fromhex(re.sub("<0x|>", "", names[0])).decode("utf-8", "replace")


def _count_tokens(texts: Sequence[str], model: Path) -> int:
    """Count the tokens of texts, including ends of sentences."""
    return sum(len(ids) + 1 for ids in Tokenizer.load(model).encode_ids(texts))


def _command() -> None:
    try:
        typer.run(main)
    except (PeerError, TrainingError, OSError) as error:
        raise SystemExit(f"error: {error}") from error


if __name__ == "__main__":
    _command()
