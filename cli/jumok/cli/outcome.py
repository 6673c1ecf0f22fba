"""How a subcommand ends for the person who called it: quietly, or with one line on stderr."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

_OURS = "jumok"
_FAILED = 1
_INTERRUPTED = 130  # what shells report for SIGINT


@contextmanager
def outcome(
    name: str, extra: str, user_errors: tuple[type[Exception], ...] = ()
) -> Generator[None, None, None]:
    """Turns what a user can cause, inside the `with`, into one line and SystemExit.

    Args:
        name: The subcommand, for the line `jumok NAME: sentence`.
        extra: The extra of the package that installs what it needs.
        user_errors: What else, besides a missing extra, a user can cause.

    Raises:
        SystemExit: 1 after such an error or when nobody reads the output any more, 130 after
            Ctrl-C. Everything else passes: it is a bug, and its traceback is wanted.
    """
    try:
        yield
        sys.stdout.flush()  # here, where a closed pipe is still caught
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None
    except BrokenPipeError:
        _abandon_output()
        raise SystemExit(_FAILED) from None
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if not missing or missing.partition(".")[0] == _OURS:
            raise
        _complain(name, f"{missing} is not installed: run `pip install 'jumok[{extra}]'`")
        raise SystemExit(_FAILED) from None
    except user_errors as error:
        _complain(name, _sentence(error))
        raise SystemExit(_FAILED) from None


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__


def _complain(name: str, sentence: str) -> None:
    print(f"jumok {name}: {sentence}", file=sys.stderr)


def _abandon_output() -> None:
    """Lets the last flush, when the interpreter ends, find an open file."""
    try:
        standard_output = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, standard_output)
    os.close(nothing)
