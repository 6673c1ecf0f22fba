"""The files of `jumok translate`: the document that it reads, and the one that it writes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from jumok.cli.documents.document import Document
from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.kind import SUFFIXES, Kind, kind_of
from jumok.cli.documents.reading import parse_document
from jumok.cli.streams import standard_input

_ENDS: Final = ", ".join(SUFFIXES)


@dataclass(frozen=True, slots=True)
class DocumentFiles:
    """Where a document is, and where its translation goes.

    Attributes:
        source: the document; None for standard input.
        kind: what it is.
        output: its translation; None for standard output.
    """

    source: Path | None
    kind: Kind
    output: Path | None

    @classmethod
    def of(cls, argument: str, kind: Kind | None, output: Path | None) -> "DocumentFiles | None":
        """Return the files if an argument names a document, and None if it is a text.

        Args:
            argument: the name of a file, a text, or - for standard input.
            kind: what the document is; None to tell by the name.
            output: where its translation goes.

        Raises:
            typer.BadParameter: it seems to name a document, but there is none; or the translation
                cannot go there.
        """
        source = None if argument == "-" else Path(argument).expanduser()
        known = kind
        if source is not None:
            is_name = len(argument.split()) == 1
            known = kind or (kind_of(source) if is_name or _is_file(source) else None)
            if known and not _is_file(source):
                needed = f", which --format {kind} needs" if kind else ""
                raise typer.BadParameter(
                    f"there is no file {argument!r}{needed}", param_hint="TEXT"
                )
        if known is None:
            if output is not None:
                raise typer.BadParameter(
                    f"it is for a document, a file whose name ends in {_ENDS}; or give --format",
                    param_hint="--output",
                )
            return None
        _check_output(source, known, output)
        return cls(source, known, output)

    @property
    def part(self) -> Path | None:
        """Where finished translations are kept until all are; None for nowhere."""
        if self.output is None or (self.output.exists() and not self.output.is_file()):
            return None
        return self.output.with_name(f"{self.output.name}.part")

    def read(self) -> Document:
        """Read the document; DocumentError if it is not of its kind."""
        try:
            with standard_input() if self.source is None else self.source.open("rb") as stream:
                return parse_document(stream.read(), self.kind)
        except DocumentError as error:
            raise DocumentError(f"{self.source or 'standard input'}: {error}") from None

    def write(self, data: bytes) -> None:
        """Write the translation, all at once."""
        if self.output is None:
            sys.stdout.buffer.write(data)
        elif self.part is None:  # a pipe or a device
            self.output.write_bytes(data)
        else:
            output = self.output.resolve()
            new = output.with_name(f".{output.name}.new")
            new.write_bytes(data)
            new.replace(output)


def _is_file(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except OSError:  # a text too long for a name
        return False


def _check_output(source: Path | None, kind: Kind, output: Path | None) -> None:
    problem = ""
    if output is None:
        if kind is Kind.DOCX:
            problem = "is needed for .docx, which cannot be shown: name the file to write"
    elif not output.parent.is_dir():
        problem = f"there is no folder {output.parent}: create it first"
    elif source is not None and output.exists() and output.samefile(source):
        problem = "is the document itself: name another file"
    if problem:
        raise typer.BadParameter(problem, param_hint="--output")
