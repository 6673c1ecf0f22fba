"""The glossaries that the service holds."""

from pathlib import Path

import pytest

from jumok.service.errors import StartupError
from jumok.service.glossaries import MOST_HELD, Glossaries
from jumok.text.glossary import GlossaryEntry


def test_each_file_is_a_glossary(tmp_path: Path) -> None:
    """The names are those of the files that end in .tsv; other files are ignored."""
    (tmp_path / "medical.tsv").write_text("Haus\tbuilding\n", "utf-8")
    (tmp_path / "legal.tsv").write_text("Recht\tlaw\n", "utf-8")
    (tmp_path / "README.md").write_text("not a glossary", "utf-8")
    held = Glossaries(tmp_path).held
    assert list(held) == ["legal", "medical"]
    assert held["medical"].entries == [GlossaryEntry("Haus", "building")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\nc\n", r"terms\.tsv, line 2: write a term"),
        ("a\tb\n" + "c" * 201 + "\td\n", r"terms\.tsv, line 2: a term may have at most 200"),
        (
            "".join(f"a{place}\tb\n" for place in range(MOST_HELD + 1)),
            "10,001 entries, but only 10,000",
        ),
    ],
)
def test_a_wrong_file_refuses_the_start(tmp_path: Path, content: str, message: str) -> None:
    """The error names the file and the line."""
    (tmp_path / "terms.tsv").write_text(content, "utf-8")
    with pytest.raises(StartupError, match=message):
        Glossaries(tmp_path)


def test_a_missing_folder_refuses_the_start(tmp_path: Path) -> None:
    """The error names the folder."""
    with pytest.raises(StartupError, match="none: No such file"):
        Glossaries(tmp_path / "none")


def test_changes_are_followed(tmp_path: Path) -> None:
    """New, changed and deleted files count; those that did not change are not read again."""
    (tmp_path / "same.tsv").write_text("a\tb\n", "utf-8")
    (tmp_path / "old.tsv").write_text("a\tb\n", "utf-8")
    glossaries = Glossaries(tmp_path)
    same = glossaries.held["same"]
    (tmp_path / "old.tsv").unlink()
    (tmp_path / "new.tsv").write_text("c\td\n", "utf-8")
    glossaries.refresh()
    assert list(glossaries.held) == ["new", "same"]
    assert glossaries.held["same"] is same


def test_a_wrong_change_keeps_the_old_glossary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One log line says what is wrong, once, and the mended file is read."""
    path = tmp_path / "terms.tsv"
    path.write_text("a\tb\n", "utf-8")
    glossaries = Glossaries(tmp_path)
    path.write_text("wrong line\n", "utf-8")
    capsys.readouterr()
    glossaries.refresh()
    glossaries.refresh()
    assert capsys.readouterr().out.count("line 1: write a term") == 1
    assert glossaries.held["terms"].entries == [GlossaryEntry("a", "b")]
    path.write_text("mended\tfile\n", "utf-8")
    glossaries.refresh()
    assert glossaries.held["terms"].entries == [GlossaryEntry("mended", "file")]


def test_a_missing_file_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link to nothing is one log line; the other files are followed as before."""
    path = tmp_path / "terms.tsv"
    path.write_text("a\tb\n", "utf-8")
    glossaries = Glossaries(tmp_path)
    (tmp_path / "gone.tsv").symlink_to(tmp_path / "nothing")
    path.write_text("c\td\n", "utf-8")
    capsys.readouterr()
    glossaries.refresh()
    glossaries.refresh()
    assert glossaries.held["terms"].entries == [GlossaryEntry("c", "d")]
    assert capsys.readouterr().out.count("gone.tsv") == 1


def test_a_missing_folder_is_reported_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was read stays in use while the folder is away."""
    folder = tmp_path / "glossaries"
    folder.mkdir()
    (folder / "terms.tsv").write_text("a\tb\n", "utf-8")
    glossaries = Glossaries(folder)
    folder.rename(tmp_path / "away")
    capsys.readouterr()
    glossaries.refresh()
    glossaries.refresh()
    assert capsys.readouterr().out.count("cannot read the glossaries") == 1
    assert list(glossaries.held) == ["terms"]
