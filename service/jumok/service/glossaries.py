"""The glossaries in a folder, which requests name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog

from jumok.service.errors import StartupError
from jumok.text.glossary import Glossary, GlossaryEntry
from jumok.text.glossary_file import GlossaryError, read_glossary

MOST_HELD: Final = 10_000
"""The most entries of one glossary."""
_log = structlog.get_logger()
_Version = tuple[int, ...]


class Glossaries:
    """The glossaries in a folder: each file NAME.tsv is the glossary called NAME.

    Attributes:
        held: the glossaries, by name, in alphabetical order. `refresh` replaces the mapping, and
            never changes it, so that other threads may read it at any time.
    """

    def __init__(self, folder: Path) -> None:
        """Read all files.

        Raises:
            StartupError: the folder or one of its files cannot be read; the message names the line.
        """
        self._folder = folder
        self._versions: dict[Path, _Version] = {}
        self._reason = ""  # why the folder could not be read the last time
        self.held: Mapping[str, Glossary] = {}
        self._read(strict=True)

    def refresh(self) -> None:
        """Read the files that have changed; a wrong file keeps what was read before.

        This takes longer than the event loop may be held: call it on another thread, and not on
        several at once.
        """
        reason = ""
        try:
            self._read(strict=False)
        except StartupError as error:
            reason = str(error)
            if reason != self._reason:  # not again and again
                _keep(error)
        self._reason = reason

    def _read(self, *, strict: bool) -> None:
        held, versions = dict[str, Glossary](), dict[Path, _Version]()
        for path, version in _versions(self._folder).items():
            versions[path] = version
            old = self.held.get(path.stem)
            if self._versions.get(path) == version:
                new = old
            else:
                try:
                    new = _glossary(path)
                except StartupError as error:
                    if strict:
                        raise
                    _keep(error)
                    new = old
                else:
                    _log.info("glossary loaded", name=path.stem, entries=len(new.entries))
            if new is not None:
                held[path.stem] = new
        self._versions, self.held = versions, held


def _keep(error: StartupError) -> None:
    _log.error("a glossary is wrong: what was read before stays in use", reason=str(error))


def _versions(folder: Path) -> dict[Path, _Version]:
    try:
        # iterdir, because glob takes a folder that is missing for an empty one
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".tsv")
    except OSError as error:
        raise StartupError(f"cannot read the glossaries in {folder}: {error.strerror}") from error
    return {path: _version(path) for path in paths}


def _version(path: Path) -> _Version:
    """Return what changes with the file, including its permissions; nothing if it is missing."""
    try:
        found = path.stat()
    except OSError:  # reading it says what is wrong
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _glossary(path: Path) -> Glossary:
    try:
        terms = read_glossary(path)
    except GlossaryError as error:
        raise StartupError(str(error)) from error
    except OSError as error:
        raise StartupError(f"cannot read the glossary {path}: {error.strerror}") from error
    if len(terms) > MOST_HELD:
        raise StartupError(
            f"{path} has {len(terms):,} entries, but only {MOST_HELD:,} are allowed: divide it"
        )
    return Glossary([GlossaryEntry(*pair) for pair in terms.items()])
