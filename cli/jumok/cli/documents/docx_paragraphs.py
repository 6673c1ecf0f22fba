"""The paragraphs of a part of a .docx file, as texts in which runs are inline elements."""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Final

from jumok.cli.documents.element import Element, read_elements
from jumok.cli.documents.slots import Slot

_WRAPPERS: Final = ("w:hyperlink", "w:ins", "w:smartTag")
_DROPPED: Final = ("w:pPr", "w:proofErr")
_SHOWN: Final = {"w:tab": "\t", "w:br": "\n", "w:noBreakHyphen": "\u2011"}
_NOT_SHOWN: Final = ("w:rPr", "w:lastRenderedPageBreak", "w:softHyphen")
_SPECIAL: Final = {"\t": "<w:tab/>", "\n": "<w:br/>"}
_OPENING: Final = '<text xml:space="preserve">'
_CLOSING: Final = "</text>"
_TAG: Final = re.compile(r"(<[^<>]*>)")
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A part of a paragraph.

    Attributes:
        start: where it begins.
        end: where it ends.
        source: all of it.
        text: what can be read; None if it is kept as a whole, such as a picture.
        properties: the formatting of its text, `<w:rPr>`.
        opening: the tag of what its text is in beside a run, such as a link.
        closing: the end of that.
    """

    start: int
    end: int
    source: str
    text: str | None = None
    properties: str = ""
    opening: str = ""
    closing: str = ""

    @property
    def style(self) -> tuple[str, str] | None:
        """What adjacent runs have in common if they can be one; None if it has no text."""
        return None if self.text is None else (self.opening, self.properties)

    def written(self, text: str) -> str:
        """Return the unit with another text."""
        shown = "".join(
            _SPECIAL.get(part)
            or f'<w:t xml:space="preserve">{html.escape(part, quote=False)}</w:t>'
            for part in re.split(r"([\t\n])", text)
            if part
        )
        return f"{self.opening}<w:r>{self.properties}{shown}</w:r>{self.closing}" if text else ""


def find_slots(text: str, part: str) -> Iterator[Slot]:
    """Yield the paragraphs; one around a text box is divided there.

    Args:
        text: the XML.
        part: what it is, for messages, such as "document".

    Raises:
        DocumentError: it is not well-formed XML, or declares entities.
    """
    paragraphs = (each for each in read_elements(text).descendants() if each.tag == "w:p")
    for number, paragraph in enumerate(paragraphs, start=1):
        for units in _sequences(text, paragraph):
            shown = [place for place, unit in enumerate(units) if (unit.text or "").strip()]
            if shown:
                units = units[shown[0] : shown[-1] + 1]
                yield _slot(units, f"{part}, paragraph {number}")


def _sequences(text: str, paragraph: Element) -> Iterator[list[_Unit]]:
    """Yield the units of a paragraph, divided where it contains other paragraphs.

    A field is one unit; of a paragraph in which a field only begins or ends there are none.
    """
    sequences, start, depth = [list[_Unit]()], 0, 0
    for child in paragraph.children:
        change = _field_change(child)
        start = child.start if depth == 0 else start
        depth += change
        if depth < 0:
            return
        if depth > 0 or child.tag in _DROPPED:
            continue
        if change:
            sequences[-1].append(_Unit(start, child.end, text[start : child.end]))
        elif any(each.tag == "w:p" for each in child.descendants()):
            sequences.append([])
        else:
            sequences[-1].append(_unit(text, child))
    if depth == 0:
        yield from sequences


def _field_change(child: Element) -> int:
    """Return how many more fields begin than end in a child of a paragraph."""
    types = [each.attributes.get("w:fldCharType") for each in child.descendants()]
    return types.count("begin") - types.count("end")


def _unit(text: str, child: Element) -> _Unit:
    whole = text[child.start : child.end]
    is_wrapper = child.tag in _WRAPPERS
    runs = child.children if is_wrapper else [child]
    texts = [_run_text(text, run) for run in runs]
    if not texts or None in texts:
        return _Unit(child.start, child.end, whole)
    properties = runs[0].child("rPr")
    return _Unit(
        child.start,
        child.end,
        whole,
        "".join(filter(None, texts)),
        text[properties.start : properties.end] if properties else "",
        text[child.start : child.content_start] if is_wrapper else "",
        text[child.content_end : child.end] if is_wrapper else "",
    )


def _run_text(text: str, run: Element) -> str | None:
    """Return what can be read in a run; None if it is not a run of text alone."""
    if run.tag != "w:r":
        return None
    parts = list[str]()
    for child in run.children:
        if child.tag == "w:t":
            parts.append(html.unescape(text[child.content_start : child.content_end]))
        elif child.tag in _SHOWN and not child.attributes:
            parts.append(_SHOWN[child.tag])
        elif child.tag not in _NOT_SHOWN:
            return None
    return "".join(parts)


def _slot(units: Sequence[_Unit], place: str) -> Slot:
    """Return the slot of units of which the first and the last have text."""
    merged = list[_Unit]()
    for style, group in groupby(units, key=lambda unit: unit.style):
        same = list(group)
        text = "".join(unit.text or "" for unit in same)
        merged += same if style is None else [replace(same[0], text=text)]
    write: Callable[[str], str] = merged[0].written
    sent, markup = merged[0].text or "", False
    if len(merged) > 1:
        lengths = Counter[str]({"": 0})
        for unit in merged:
            if unit.style and not unit.opening:
                lengths[unit.properties] += len(unit.text or "")
        base = _Unit(0, 0, "", "", max(lengths, key=lengths.__getitem__))
        write = partial(_written, units=merged, base=base)
        parts = (_sent(number, unit, base) for number, unit in enumerate(merged))
        sent, markup = "".join(parts).join((_OPENING, _CLOSING)), True
    start, end = units[0].start, units[-1].end
    return Slot(start, end, sent, "xml" if markup else "plain", write, place=place)


def _sent(number: int, unit: _Unit, base: _Unit) -> str:
    if unit.text is None:
        return f'<x id="{number}"/>'
    text = html.escape(unit.text, quote=False)
    return text if unit.style == base.style else f'<g id="{number}">{text}</g>'


def _written(translation: str, *, units: Sequence[_Unit], base: _Unit) -> str:
    """Return the runs of a translation.

    What is kept as a whole stays in its order, so that no range ends before it begins.
    """
    kept = [unit.source for unit in units if unit.text is None][::-1]
    parts, unit = list[str](), base
    for part in _TAG.split(translation.removeprefix(_OPENING).removesuffix(_CLOSING)):
        if part.startswith("<x "):
            parts.append(kept.pop() if kept else "")
        elif part.startswith("<"):
            number = _NUMBER.search(part)
            unit = units[int(number[0])] if number else base
        else:
            parts.append(unit.written(html.unescape(part)))
    return "".join(parts + kept[::-1])
