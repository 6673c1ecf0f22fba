"""Standard input as numbered lines."""

from jumok.cli.lines import read_lines
from jumok.client.errors import InvalidRequest


def test_line_ends_are_removed() -> None:
    """Line ends are removed, other white space is kept, and the last line needs no line end."""
    lines = list(read_lines([b"a \n", b"b\r\n", b"\n", "끝".encode()]))

    assert lines == [(1, "a "), (2, "b"), (3, ""), (4, "끝")]


def test_byte_order_mark_is_removed() -> None:
    """A byte order mark is removed from the first line only."""
    mark = b"\xef\xbb\xbf"

    assert list(read_lines([mark + b"a\n", mark + b"b\n"])) == [(1, "a"), (2, "\ufeffb")]


def test_invalid_utf8_is_an_error_of_one_line() -> None:
    """A line that is not UTF-8 gives an error with the position, and reading continues."""
    (_, bad), (_, good) = read_lines([b"ab\xff\n", b"c\n"])

    assert isinstance(bad, InvalidRequest)
    assert str(bad).startswith("byte 3 is not UTF-8")
    assert good == "c"
