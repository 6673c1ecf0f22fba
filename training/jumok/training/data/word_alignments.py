"""Read word alignments: gold alignments to score with, and alignments to train with."""

from collections.abc import Sequence
from pathlib import Path

from jumok.bundle.words import TextSpan, find_words
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, Links, SentencePair
from jumok.training.data.configuration import GoldFile
from jumok.training.data.lines import MalformedLineError
from jumok.training.data.table import Table


def read_gold(file: GoldFile, folder: Path, max_malformed: float) -> list[SentencePair]:
    """Read sentence pairs with gold alignments; all links are sure.

    A line is malformed if it has no links, a link to a word that does not exist, or words that its
    text does not contain.

    Args:
        file: the file and its columns.
        folder: folder that a relative path is relative to.
        max_malformed: maximum share of malformed lines, 0 to 1.

    Raises:
        DataError: the file cannot be read, lacks a column or has too many malformed lines.
    """
    table = Table(folder / file.path, file.header, max_malformed)
    source_tokens = table.column(file.source_tokens)
    target_tokens = table.column(file.target_tokens)
    links_column = table.column(file.links)
    source_text, target_text, annotated = (
        None if column is None else table.column(column)
        for column in (file.source_text, file.target_text, file.target_annotated)
    )
    pairs = []
    for row in table.rows():
        with table.tally.line():
            cells = table.split(row)
            source, target = cells[source_tokens].split(), cells[target_tokens].split()
            links = parse_links(cells[links_column], len(source), len(target))
            if not links:
                raise MalformedLineError("it has no links")
            targets = None if annotated is None else _indices(cells[annotated], len(target))
            raw_source = None if source_text is None else cells[source_text].strip()
            raw_target = None if target_text is None else cells[target_text].strip()
            pairs.append(
                SentencePair(
                    source=" ".join(source) if raw_source is None else raw_source,
                    target=" ".join(target) if raw_target is None else raw_target,
                    alignment=GoldAlignment(links, links, targets),
                    source_words=None if raw_source is None else locate(source, raw_source),
                    target_words=None if raw_target is None else locate(target, raw_target),
                )
            )
    table.tally.finish()
    return pairs


def read_alignments(path: Path, max_malformed: float) -> dict[tuple[str, str], Links]:
    """Read a file of source, target and links, without header.

    Args:
        path: the file, plain or gzip. Words are the runs of characters between white space.
        max_malformed: maximum share of malformed lines, 0 to 1.

    Returns:
        Links by (source, target).

    Raises:
        DataError: the file cannot be read or has too many malformed lines.
    """
    table = Table(path, header=False, max_malformed=max_malformed)
    source_column, target_column, links_column = (table.column(number) for number in (1, 2, 3))
    alignments = {}
    for row in table.rows():
        with table.tally.line():
            cells = table.split(row)
            source, target = cells[source_column].strip(), cells[target_column].strip()
            lengths = len(find_words(source)), len(find_words(target))
            alignments[source, target] = parse_links(cells[links_column], *lengths)
    table.tally.finish()
    return alignments


def parse_links(text: str, source_words: int, target_words: int) -> Links:
    """Parse links such as `0-1 2-3`, source word first.

    Raises:
        MalformedLineError: a link is malformed or out of range.
    """
    links = set()
    for link in text.split():
        source, dash, target = link.partition("-")
        if not (dash and source.isdecimal() and target.isdecimal()):
            raise MalformedLineError(f"{link!r} is not a link such as 0-1")
        if int(source) >= source_words or int(target) >= target_words:
            raise MalformedLineError(
                f"the link {link} is out of range: {source_words} and {target_words} words"
            )
        links.add((int(source), int(target)))
    return frozenset(links)


def locate(tokens: Sequence[str], text: str) -> tuple[TextSpan, ...]:
    """Find the spans of tokens in the text that they make up, apart from white space.

    Raises:
        MalformedLineError: the tokens do not make up the text.
    """
    spans = []
    end = 0
    for token in tokens:
        start = end + len(text[end:]) - len(text[end:].lstrip())
        if not text.startswith(token, start):
            raise MalformedLineError(f"the text does not continue with the word {token!r}")
        end = start + len(token)
        spans.append(TextSpan(start, end))
    if text[end:].strip():
        raise MalformedLineError(f"no word covers {text[end:].strip()!r}")
    return tuple(spans)


def _indices(text: str, words: int) -> frozenset[int]:
    numbers = text.split()
    if not all(number.isdecimal() and int(number) < words for number in numbers):
        raise MalformedLineError(f"{text!r} are not indices of words")
    return frozenset(map(int, numbers))
