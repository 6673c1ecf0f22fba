"""Language tags."""

from typing import Annotated

from pydantic import Field

LanguageTag = Annotated[
    str, Field(max_length=35, pattern=r"^[A-Za-z0-9]{2,8}([-_][A-Za-z0-9]{1,8})*$")
]
"""A BCP 47 tag, such as "ko" or "zh-Hant-TW"."""


_UNSPACED = frozenset(("bo", "dz", "ja", "km", "lo", "my", "th", "yue", "zh"))


def separates_sentences(tag: str) -> bool:
    """Return whether a language is written with spaces between sentences."""
    return primary_language(tag) not in _UNSPACED


def primary_language(tag: str) -> str:
    """Return the primary language of a BCP 47 tag in lower case, such as "zh" of "zh-Hant-TW"."""
    return tag.replace("_", "-").partition("-")[0].lower()
