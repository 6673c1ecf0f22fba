"""Standard input as numbered lines of text."""

from collections.abc import Iterable, Iterator

from client.errors import InvalidRequest


def read_lines(stream: Iterable[bytes]) -> Iterator[tuple[int, str | InvalidRequest]]:
    r"""Yields each line with its number, from 1, as soon as it is complete.

    Line ends, `\n` or `\r\n`, are taken off, and so is the byte order mark that some editors put
    first. A line that is not UTF-8 is yielded as the error that it is: the next one may be.
    """
    for number, line in enumerate(stream, start=1):
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        try:
            yield number, line.decode()
        except UnicodeDecodeError as error:
            description = f"byte {error.start + 1} is not UTF-8: convert the input, as with iconv"
            yield number, InvalidRequest(description, field="text", description=description)
