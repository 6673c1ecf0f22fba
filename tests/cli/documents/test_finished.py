"""Finished translations in a file."""

from pathlib import Path

import pytest

from jumok.cli.documents.document import Passage
from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.finished import FinishedPassages

ONE, TWO = Passage("one", place="line 1"), Passage("two")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "out.part"
    finished = FinishedPassages(path, "settings")
    finished.add(ONE, "eins\n")
    finished.add(TWO, "zwei")
    return path


def test_next_command(path: Path) -> None:
    """Another command finds what was finished, whatever line it is at."""
    finished = FinishedPassages(path, "settings")

    assert finished.get(Passage("one", place="line 9")) == "eins\n"
    assert finished.get(Passage("one", "html")) is None
    assert FinishedPassages(path, "others").get(ONE) is None


def test_interrupted_line(path: Path) -> None:
    """A line that was not written to its end does not count, and the next one is written whole."""
    path.write_bytes(path.read_bytes()[:-3])
    finished = FinishedPassages(path, "settings")
    assert (finished.get(ONE), finished.get(TWO)) == ("eins\n", None)
    finished.add(TWO, "zwei")

    assert FinishedPassages(path, "settings").get(TWO) == "zwei"


def test_discarded(path: Path) -> None:
    """The file can be removed."""
    FinishedPassages(path, "settings").discard()

    assert not path.exists()


def test_another_file(tmp_path: Path) -> None:
    """A file of another program is neither read nor changed."""
    path = tmp_path / "out.part"
    path.write_text("download")
    with pytest.raises(DocumentError, match="another program wrote it"):
        FinishedPassages(path, "")

    assert path.read_text() == "download"


def test_without_file() -> None:
    """Without a file, translations are kept while the command runs."""
    finished = FinishedPassages(None, "")
    finished.add(ONE, "eins")
    finished.discard()

    assert finished.get(ONE) == "eins"
