"""Files as numbered lines of text, one alone or two side by side."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from jumok.client.errors import InvalidRequest

Line = str | InvalidRequest


class UnequalFilesError(Exception):
    """Two files that should be parallel are not."""


def read_lines(stream: Iterable[bytes], field: str = "text") -> Iterator[tuple[int, Line]]:
    r"""Yield each line with its number, from 1, as soon as it is complete.

    Line ends, `\n` or `\r\n`, are taken off, and so is the byte order mark that some editors put
    first. A line that is not UTF-8 is yielded as the error that it is, of the field of a request
    that it was meant for: the next one may be.
    """
    for number, line in enumerate(stream, start=1):
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        try:
            yield number, line.decode()
        except UnicodeDecodeError as error:
            description = f"byte {error.start + 1} is not UTF-8: convert the input, as with iconv"
            message = description if field == "text" else f"{field}: {description}"
            yield number, InvalidRequest(message, field=field, description=description)


def read_pairs(
    sources: Iterable[bytes], targets: Iterable[bytes]
) -> Iterator[tuple[int, Line, Line]]:
    """Yield the lines of two files side by side, with their number.

    Raises:
        UnequalFilesError: At the end of the shorter one, once all pairs were yielded.
    """
    pairs = zip_longest(read_lines(sources, "source"), read_lines(targets, "target"))
    paired = 0
    for source, target in pairs:
        if source is None or target is None:
            longer = paired + 1 + sum(1 for _ in pairs)
            counts = (paired, longer) if source is None else (longer, paired)
            raise UnequalFilesError(
                f"there are {counts[0]} source lines and {counts[1]} target lines: the files must "
                f"be parallel; what is written is of the first {paired}"
            )
        paired = source[0]
        yield paired, source[1], target[1]
