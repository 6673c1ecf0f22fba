"""How a subcommand ends for the person who called it: quietly, or with one line on stderr."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from jumok.cli.streams import abandon_output

_OURS: Final = "jumok"
_FAILED: Final = 1
_INTERRUPTED: Final = 130  # what shells report for SIGINT
_CHECKOUT: Final = Path(__file__).resolve().parents[3]


@contextmanager
def outcome(
    name: str, extra: str, user_errors: tuple[type[Exception], ...] = ()
) -> Generator[None, None, None]:
    """Turn what a user can cause, inside the `with`, into one line and SystemExit.

    Args:
        name: the subcommand, for the line `jumok NAME: sentence`.
        extra: the extra of the package that installs what it needs.
        user_errors: what else, besides a missing extra, a user can cause.

    Raises:
        SystemExit: 1 after such an error or when the output is no longer read, 130 after Ctrl-C.
            Everything else passes: it is a bug, and its traceback is wanted.
    """
    try:
        yield
        sys.stdout.flush()  # here, where a closed pipe is still caught
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None
    except BrokenPipeError:
        abandon_output()
        raise SystemExit(_FAILED) from None
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if not missing or missing == _OURS:
            raise
        _complain(name, f"{missing} is not installed: run `{_install(extra)}`")
        raise SystemExit(_FAILED) from None
    except user_errors as error:
        _complain(name, _sentence(error))
        raise SystemExit(_FAILED) from None


def _install(extra: str) -> str:
    """Return the command that installs what is missing."""
    if (_CHECKOUT / "Makefile").exists():
        return "make install"
    return f"pip install 'jumok[{extra}]'"


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__


def _complain(name: str, sentence: str) -> None:
    print(f"jumok {name}: {sentence}", file=sys.stderr)
