"""Fonts for pictures: find installed ones that have the characters of a text."""

import os
import unicodedata
from functools import cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from jumok.pictures.errors import FontError

_DEFAULT = "DejaVu Sans"  # comes with matplotlib; no Hangul
_PREFERRED = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Pretendard",
    "NanumGothic",
    "Nanum Gothic",
    "NanumBarunGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "Noto Sans CJK JP",
    "Source Han Sans K",
    "UnDotum",
    "Baekmuk Dotum",
    _DEFAULT,
)


def find_families(characters: set[str]) -> tuple[tuple[str, ...], set[str]]:
    """Find font families that together have the characters.

    Args:
        characters: single characters; those that do not print are ignored.

    Returns:
        The families, in the order to try them, and the characters that none of them has.

    Raises:
        FontError: JUMOK_FONT names a file that is no font.
    """
    missing = {character for character in characters if character.isprintable()} - {" "}
    chosen: list[str] = []
    own = os.environ.get("JUMOK_FONT")
    if own:
        missing -= _covered(own, missing)
        chosen.append(_add(own))
    elif not missing - _covered(font_manager.findfont(_DEFAULT), missing):
        return (_DEFAULT,), set()
    for entry in _installed():
        if not missing:
            break
        if covered := _covered(entry.fname, missing):
            missing -= covered
            chosen.append(entry.name)
    missing -= _covered(font_manager.findfont(_DEFAULT), missing)
    return (*chosen, _DEFAULT), missing


def missing_sentence(characters: set[str]) -> str:
    """Make the sentence about characters that no font has."""
    if any(unicodedata.name(character, "").startswith("HANGUL") for character in characters):
        return (
            "no installed font has Hangul: install fonts-noto-cjk or fonts-nanum, or set "
            "JUMOK_FONT to a font file; the picture shows boxes"
        )
    some = " ".join(sorted(characters)[:5])
    return f"no installed font has {some}: set JUMOK_FONT to a font file; the picture shows boxes"


def _installed() -> list[font_manager.FontEntry]:
    """One font of each family, families with good Hangul first."""
    manager = font_manager.fontManager
    known = {entry.fname for entry in manager.ttflist}
    for path in font_manager.findSystemFonts():  # matplotlib's list is as old as its cache
        if path not in known and _characters(path):
            manager.addfont(path)
    families = {entry.name: entry for entry in manager.ttflist if _regular(entry)}
    for entry in manager.ttflist:
        families.setdefault(entry.name, entry)
    rank = {name: place for place, name in enumerate(_PREFERRED)}
    return sorted(
        (entry for name, entry in families.items() if "LastResort" not in name.replace(" ", "")),
        key=lambda entry: (rank.get(entry.name, len(rank)), entry.name),
    )


def _regular(entry: font_manager.FontEntry) -> bool:
    return entry.style == "normal" and entry.weight in (400, "normal", "regular")


def _add(path: str) -> str:
    """Make matplotlib know the font file that JUMOK_FONT names; return its family."""
    if not _characters(path):
        raise FontError(
            f"JUMOK_FONT={path} is not a font file that can be read: change or unset it"
        )
    font_manager.fontManager.addfont(path)
    return FT2Font(path).family_name


def _covered(path: str, characters: set[str]) -> set[str]:
    return {character for character in characters if ord(character) in _characters(path)}


@cache
def _characters(path: str) -> frozenset[int]:
    """Return the code points of a font file; none if it cannot be used."""
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
