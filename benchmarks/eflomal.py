"""eflomal (Östling & Tiedemann 2016) as a program of its own; it is under the GPL."""

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import PeerError
from jumok.training.sentence_pair import Links

Sentences = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Directions:
    """Two one-sided alignments, both as (source, target).

    Attributes:
        forward: at most one link for each target word.
        backward: at most one link for each source word.
    """

    forward: list[Links]
    backward: list[Links]


class Eflomal:
    """Aligns texts, and keeps what it learned of them as priors for others."""

    def __init__(self, folder: Path, model: int = 3) -> None:
        """Use the programs in `folder`; `model` 1 is IBM 1, 2 adds an HMM, 3 fertility."""
        self._folder, self._model = folder, model

    def align(
        self, sources: Sentences, targets: Sentences, priors: str | None = None
    ) -> Directions:
        """Learn to align sentences by themselves, and align them.

        Args:
            sources: sentences as words, which hold no white space.
            targets: their translations.
            priors: what `priors` returned for other sentences.

        Raises:
            PeerError: eflomal is not there, or failed.
        """
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            arguments = ["--overwrite", f"--model={self._model}", *_texts(folder, sources, targets)]
            if priors is not None:
                (folder / "priors").write_text(priors, "utf-8")
                arguments += ["-p", str(folder / "priors")]
            arguments += ["-f", str(folder / "forward"), "-r", str(folder / "backward")]
            self._run("eflomal-align", arguments)
            return Directions(_read_links(folder / "forward"), _read_links(folder / "backward"))

    def priors(self, sources: Sentences, targets: Sentences, aligned: Directions) -> str:
        """Count what `aligned` says of words, jumps and fertilities.

        Raises:
            PeerError: eflomal is not there, or failed.
        """
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            arguments = [*_texts(folder, sources, targets), "-p", str(folder / "priors")]
            for flag, direction in (("-f", aligned.forward), ("-r", aligned.backward)):
                _write_links(folder / flag, direction)
                arguments += [flag, str(folder / flag)]
            self._run("eflomal-makepriors", arguments)
            return (folder / "priors").read_text("utf-8")

    def _run(self, program: str, arguments: Sequence[str]) -> None:
        try:
            done = subprocess.run(
                [self._folder / program, *arguments], check=False, capture_output=True, text=True
            )
        except OSError as error:
            raise PeerError(
                f"{self._folder / program} cannot be run: {error.strerror}; see "
                "benchmarks/README.md for how to install eflomal"
            ) from error
        if done.returncode:
            reason = done.stderr.strip().rpartition("\n")[2]
            raise PeerError(f"{program} ended with status {done.returncode}: {reason}")


def _texts(folder: Path, sources: Sentences, targets: Sentences) -> list[str]:
    arguments = []
    for flag, sentences in (("-s", sources), ("-t", targets)):
        path = folder / f"text{flag}"
        path.write_text("".join(" ".join(words) + "\n" for words in sentences), "utf-8")
        arguments += [flag, str(path)]
    return arguments


def _write_links(path: Path, alignments: Sequence[Links]) -> None:
    lines = (" ".join(f"{source}-{target}" for source, target in sorted(a)) for a in alignments)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _read_links(path: Path) -> list[Links]:
    return [
        frozenset(
            (int(source), int(target))
            for source, target in (link.split("-") for link in line.split())
        )
        for line in path.read_text("utf-8").split("\n")[:-1]
    ]
