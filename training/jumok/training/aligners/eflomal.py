"""Run the aligner eflomal (Östling & Tiedemann 2016), which is under the GPL, as a program."""

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jumok.evaluation.scoring.sentence_pair import Links
from jumok.training.errors import AlignerError

Sentences = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Directions:
    """Alignments in both directions; links are (source, target) in both.

    Attributes:
        forward: at most one link for each target word.
        backward: at most one link for each source word.
    """

    forward: list[Links]
    backward: list[Links]


class Eflomal:
    """Align texts; estimate priors from aligned texts, to align others with."""

    def __init__(self, folder: Path, model: int = 3) -> None:
        """Use the programs in `folder`. Model 1 is IBM 1, 2 adds an HMM, 3 adds fertility."""
        self._folder, self._model = folder, model

    def align(
        self, sources: Sentences, targets: Sentences, priors: str | None = None
    ) -> Directions:
        """Train on sentence pairs and align them.

        Args:
            sources: source sentences as words without white space.
            targets: their translations, likewise.
            priors: the result of `priors` for other sentences.

        Raises:
            AlignerError: eflomal is not installed, or failed.
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
        """Estimate priors of words, jumps and fertilities from an alignment, in eflomal's format.

        Raises:
            AlignerError: eflomal is not installed, or failed.
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
            raise AlignerError(
                f"{self._folder / program} cannot be run: {error.strerror}; install eflomal with "
                "`pip install 'eflomal>=2.0,<3'`"
            ) from error
        if done.returncode:
            reason = done.stderr.strip().rpartition("\n")[2]
            raise AlignerError(f"{program} ended with status {done.returncode}: {reason}")


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
