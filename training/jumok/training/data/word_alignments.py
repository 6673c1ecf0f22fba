"""Reads word alignments from files: gold ones to measure by, and any to be taught."""

from collections.abc import Sequence
from pathlib import Path

from jumok.bundle.words import Span, find_words
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, Links, SentencePair
from jumok.training.data.configuration import GoldFile
from jumok.training.data.lines import MalformedLineError
from jumok.training.data.table import Table


def read_gold(file: GoldFile, folder: Path, max_malformed: float) -> list[SentencePair]:
    """Read sentence pairs with gold alignments; all links are sure.

    A line without links, with a link to no word, or with words that are not in its text is
    malformed.

    Args:
        file: the file and its columns.
        folder: what a relative path is relative to.
        max_malformed: the largest share of malformed lines, 0 to 1.

    Raises:
        DataError: it cannot be read, lacks a column, or too many lines are malformed.
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
    for line in table.lines():
        with table.tally.line():
            cells = table.split(line)
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
    """Read links between the words of pairs: columns source, target, links; no header.

    Args:
        path: the file, plain or gzip. Words are runs of characters between white space.
        max_malformed: the largest share of malformed lines, 0 to 1.

    Raises:
        DataError: it cannot be read, or too many lines are malformed.
    """
    table = Table(path, header=False, max_malformed=max_malformed)
    source_column, target_column, links_column = (table.column(number) for number in (1, 2, 3))
    alignments = {}
    for line in table.lines():
        with table.tally.line():
            cells = table.split(line)
            source, target = cells[source_column].strip(), cells[target_column].strip()
            lengths = len(find_words(source)), len(find_words(target))
            alignments[source, target] = parse_links(cells[links_column], *lengths)
    table.tally.finish()
    return alignments


def parse_links(text: str, source_words: int, target_words: int) -> Links:
    """Parse links as in `0-1 2-3`, source word first.

    Raises:
        MalformedLineError: it is not such a text, or names a word that is not there.
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


def locate(tokens: Sequence[str], text: str) -> tuple[Span, ...]:
    """Find tokens in their text, one after the other, with white space alone between them.

    Raises:
        MalformedLineError: they are not the text.
    """
    spans = []
    end = 0
    for token in tokens:
        start = end + len(text[end:]) - len(text[end:].lstrip())
        if not text.startswith(token, start):
            raise MalformedLineError(f"the word {token!r} is not in its place in the text")
        end = start + len(token)
        spans.append(Span(start, end))
    if text[end:].strip():
        raise MalformedLineError(f"no word stands for {text[end:].strip()!r}")
    return tuple(spans)


def _indices(text: str, words: int) -> frozenset[int]:
    numbers = text.split()
    if not all(number.isdecimal() and int(number) < words for number in numbers):
        raise MalformedLineError(f"{text!r} are not numbers of words")
    return frozenset(map(int, numbers))
