"""Values read from files, such as certificates and API keys, that follow changes of the files."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from jumok.service.errors import StartupError

_log = structlog.get_logger()
_Version = tuple[tuple[int, int, int], ...] | None
T = TypeVar("T")


class Reloaded(Generic[T]):
    """A value that is read again when one of its files has changed.

    Attributes:
        value: the last value that could be read.
    """

    def __init__(self, what: str, paths: Sequence[Path], read: Callable[[], T]) -> None:
        """Read the value for the first time.

        Args:
            what: what it is, for the log.
            paths: the files that it is read from.
            read: reads it; raises StartupError if the files are wrong.

        Raises:
            StartupError: the files are wrong.
        """
        self._what, self._paths, self._read = what, paths, read
        self._lock = threading.Lock()  # handshakes run on threads of gRPC
        self._version = self._current_version()
        self.value = read()

    def refresh(self) -> T:
        """Return the value, read again if a file has changed; wrong files keep the old value."""
        with self._lock:
            # before reading, so that a change while reading is noticed next time
            version = self._current_version()
            if version != self._version:
                self._version = version
                try:
                    self.value = self._read()
                except StartupError as error:
                    _log.error(
                        "changed files are wrong: what was read before stays in use",
                        what=self._what,
                        reason=str(error),
                    )
                else:
                    _log.info("read changed files", what=self._what)
            return self.value

    def _current_version(self) -> _Version:
        try:
            found = [path.stat() for path in self._paths]
        except OSError:
            return None
        return tuple((status.st_mtime_ns, status.st_size, status.st_ino) for status in found)
