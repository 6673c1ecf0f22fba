"""Translate the passages of a document, many at the same time."""

import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import typer
from rich.console import Console
from rich.progress import Progress

from jumok.cli.documents.document import Document, Passage
from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.files import DocumentFiles
from jumok.cli.documents.finished import FinishedPassages
from jumok.cli.documents.passage_translator import PassageTranslator
from jumok.cli.in_order import LineJob, in_order
from jumok.cli.line_work import AT_ONCE, concerns_one_line, note
from jumok.cli.remarks import remarks
from jumok.client.errors import ClientError
from jumok.client.translation import Translation


def translate_document(
    files: DocumentFiles, translator: PassageTranslator, *, command: str
) -> None:
    """Read a document, translate it, and write it.

    Args:
        files: where it is, and where its translation goes.
        translator: translates a passage.
        command: the subcommand, for messages.

    Raises:
        typer.Exit: with status 1, if passages were refused; these are left as they were.
        DocumentError: the document cannot be read, or the server is gone.
        ClientError: the server is gone, and nothing is kept of what is finished.
    """
    document = files.read()
    finished = FinishedPassages(files.part, translator.settings)
    try:
        _finish(document, finished, translator, command)
    except ClientError as error:
        if files.part is None:
            raise
        raise DocumentError(f"{error}; repeat the command to continue") from None
    translations = [finished.get(passage) for passage in document.passages]
    files.write(document.written(translations))
    missing = translations.count(None)
    if not missing:
        finished.discard()
        return
    hint = f": repeat the command to try only these again, or remove {files.part}"
    share = f"{missing} of {len(translations)} passages were left as they are"
    note(command, f"{share}{hint if files.part else ''}", None)
    raise typer.Exit(1)


def _finish(
    document: Document, finished: FinishedPassages, translator: PassageTranslator, command: str
) -> None:
    """Translate all passages that are not finished; leave out those that are refused."""
    wanted = {(each.format, each.text): each for each in reversed(document.passages)}
    passages = [each for each in list(wanted.values())[::-1] if finished.get(each) is None]

    def jobs() -> Iterator[LineJob[Passage, Translation]]:
        for number, passage in enumerate(passages):
            yield LineJob(number, passage, partial(translator.translate, passage))

    console = Console(stderr=True)
    with (
        Progress(console=console, disable=not sys.stderr.isatty(), transient=True) as progress,
        closing(in_order(jobs(), at_once=AT_ONCE)) as answers,
    ):
        task = progress.add_task("", total=len(wanted), completed=len(wanted) - len(passages))
        for job, answer in answers:
            place = job.asked.place
            try:
                (translation,) = answer
            except ClientError as error:
                if not concerns_one_line(error):
                    raise
                note(command, f"{place}: {error}", None)
            else:
                for remark in remarks(translation):
                    note(command, f"{place}: {remark}", None)
                finished.add(job.asked, translation.text)
            progress.advance(task)
