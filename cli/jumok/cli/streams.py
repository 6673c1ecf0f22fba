"""Standard streams, which services, cron and some editors leave closed."""

import os
import sys
from typing import BinaryIO


def open_missing_streams() -> None:
    """Give standard output and error a place to go if they are closed.

    The descriptors are taken first: the next file opened would get them, and be written to.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def standard_input() -> BinaryIO:
    """Return standard input, apart from `sys.stdin`.

    A thread may still wait in it when the process ends, which Python does not survive when it has
    to close the file that the thread waits in.

    Raises:
        OSError: it is closed.
    """
    if sys.stdin is None:
        raise OSError("standard input is closed: name a file, or connect it to one")
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except (OSError, ValueError):  # no real file
        return sys.stdin.buffer


def abandon_output() -> None:
    """Let the last flush, when the interpreter ends, find an open file."""
    try:
        standard_output = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, standard_output)
    os.close(nothing)
