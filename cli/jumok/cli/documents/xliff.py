"""XLIFF 1.2 and 2.0: units without translation."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from jumok.cli.documents.element import Element, read_elements
from jumok.cli.documents.slots import Slot

_UNITS: Final = ("trans-unit", "segment")
_CODE: Final = re.compile(
    r'(<(?:[\w.-]+:)?(?:bpt|ept|it|ph|mrk(?=[^>]*\smtype="protected")))(?=[\s/>])'
)
"""Opening tags of elements that hold code of another format, or a term to be kept."""

_KEPT: Final = ' class="notranslate"'
"""What tells the service to keep an element; XLIFF has no such attribute."""

_MARKED_CODE: Final = re.compile(rf"(<(?:[\w.-]+:)?(?:bpt|ept|it|ph|mrk)){_KEPT}")
_MARKUP: Final = re.compile(r"<[^>]*>")
_WRAPPER: Final = ('<text xml:space="preserve">', "</text>")


def find_slots(text: str) -> Iterator[Slot]:
    """Yield the empty and the missing targets.

    Raises:
        DocumentError: it is not well-formed XML, or declares entities.
    """
    for unit in read_elements(text).descendants():
        source, target = unit.child("source"), unit.child("target")
        if unit.name not in _UNITS or source is None or unit.inherited("translate") == "no":
            continue
        if target is not None and text[target.content_start : target.content_end].strip():
            continue
        content = text[source.content_start : source.content_end]
        if "<![CDATA[" in content or not any(map(str.isalpha, _MARKUP.sub("", content))):
            continue
        start, end, before, after = _place(text, unit, source, target)
        outer = _WRAPPER if source.inherited("xml:space") == "preserve" else ("", "")
        yield Slot(
            start,
            end,
            _CODE.sub(rf"\1{_KEPT}", content).join(outer),
            "xml",
            partial(_written, outer=outer, before=before, after=after),
            holds_text=False,
        )


def _place(
    text: str, unit: Element, source: Element, target: Element | None
) -> tuple[int, int, str, str]:
    """Return which range a translation takes, and what is written before and after it."""
    if target is None:
        place = (unit.child("seg-source") or source).end
        before = text[unit.content_start : source.start]
        space = before[len(before.rstrip()) :]
        name = source.tag.removesuffix("source") + "target"
        return place, place, f"{space}<{name}>", f"</{name}>"
    if target.is_empty:
        tag = text[target.start : target.end].removesuffix("/>").rstrip()
        return target.start, target.end, f"{tag}>", f"</{target.tag}>"
    return target.content_start, target.content_end, "", ""


def _written(translation: str, *, outer: tuple[str, str], before: str, after: str) -> str:
    inner = translation.removeprefix(outer[0]).removesuffix(outer[1])
    return before + _MARKED_CODE.sub(r"\1", inner) + after
