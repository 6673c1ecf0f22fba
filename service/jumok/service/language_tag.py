"""Language tags of requests, and how well they match those of models."""

import re
from typing import Final

_WELL_FORMED: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LONGEST: Final = 35
"""Characters of a tag: as many as RFC 5646, section 4.4.1, wants to be supported."""


def is_well_formed(tag: str) -> bool:
    """Return whether `tag` has the form of a BCP 47 tag that begins with a language."""
    return len(tag) <= _LONGEST and _WELL_FORMED.fullmatch(tag) is not None


def closeness(wanted: str, found: str) -> tuple[int, int]:
    """Return how well a model's tag matches a wanted one; greater is closer.

    Tags match if their primary languages are the same, whatever their case. A tag that has more
    subtags in common with the wanted one is closer, and of two such the shorter one. So "de-AT"
    matches "de" better than "de-CH", and not "en".

    Returns:
        (0, 0) if the tags do not match.
    """
    ours, theirs = _subtags(wanted), _subtags(found)
    common = 0
    for our, their in zip(ours, theirs, strict=False):
        if our != their:
            break
        common += 1
    return (common, -len(theirs)) if common else (0, 0)


def _subtags(tag: str) -> list[str]:
    return tag.lower().replace("_", "-").split("-")
