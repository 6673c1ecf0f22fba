"""Fonts that have the characters of a text."""

from pathlib import Path

import matplotlib
import pytest
from matplotlib import font_manager

from jumok.pictures import font
from jumok.pictures.errors import FontError
from jumok.pictures.font import find_families, missing_sentence

SERIF = Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSerif.ttf")


@pytest.fixture(autouse=True)
def no_own_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUMOK_FONT", raising=False)


def entry(name: str) -> font_manager.FontEntry:
    return font_manager.FontEntry(fname=f"/{name}", name=name)


def test_latin_needs_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters in matplotlib's own font are drawn with it."""
    monkeypatch.setattr(font, "_installed", lambda: pytest.fail("searched"))

    assert find_families(set("I am")) == (("DejaVu Sans",), set())


def test_fonts_are_combined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fonts are searched in order until each character has one."""
    glyphs = {"/Latin": "ab", "/Hangul": "나는a", "/Signs": "☂", "/More": "나"}
    monkeypatch.setattr(
        font, "_characters", lambda path: frozenset(map(ord, glyphs.get(path, "ab")))
    )
    monkeypatch.setattr(font, "_installed", lambda: [entry(name[1:]) for name in glyphs])

    families, missing = find_families(set("ab나는☂?"))

    assert families == ("Latin", "Hangul", "Signs", "DejaVu Sans")
    assert missing == {"?"}


def test_own_font_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The font that JUMOK_FONT names is tried before all others."""
    monkeypatch.setenv("JUMOK_FONT", str(SERIF))

    families, missing = find_families(set("abc"))

    assert (families[0], missing) == ("DejaVu Serif", set())


def test_own_font_must_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JUMOK_FONT that cannot be read as a font raises FontError that names it."""
    path = tmp_path / "font.ttf"
    path.write_bytes(b"no font")
    monkeypatch.setenv("JUMOK_FONT", str(path))

    with pytest.raises(FontError, match=r"font\.ttf is not a font file"):
        find_families({"a"})


def test_sentence_says_what_to_install() -> None:
    """Missing Hangul names the packages to install, other characters are named themselves."""
    assert missing_sentence({"나", "a"}).startswith("no installed font has Hangul: install fonts-")
    assert missing_sentence({"☂"}).startswith("no installed font has ☂: set JUMOK_FONT")


def test_installed_fonts_are_one_of_each_family() -> None:
    """Every family is listed once, as its regular font if there is one."""
    entries = font._installed()
    names = [entry.name for entry in entries]

    assert len(names) == len(set(names))
    assert "DejaVu Sans" in names
    assert entries[names.index("DejaVu Sans")].weight == 400
