"""Where a translation has what its source has: places that correspond, by attention."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.words import TextSpan
from jumok.text.edits import EditedText
from jumok.text.marked_text import InlineElement

_UNIT: Final = re.compile(r"[\ue000-\uf8ff]|\w+(?:['’-]\w+)*")
"""What an element encloses entirely or not at all: words without punctuation, and placeholders."""

_PUNCTUATION: Final = re.compile(r"[^\w\s\ue000-\uf8ff]")
"""What an element encloses, too, if it ends with punctuation."""

_LEAST_SHARE: Final = 0.5
"""A word is in an element if this share of its attention is."""

_NOTICED: Final = 0.1
"""A source token that no target token pays this attention has no place in the translation."""


@dataclass(frozen=True, slots=True)
class PlacedElement:
    """An inline element in a translation.

    Attributes:
        element: the element.
        span: what of the translation it encloses; empty if nothing.
        inner: the elements inside of it.
    """

    element: InlineElement
    span: TextSpan
    inner: Sequence["PlacedElement"]


class Placement:
    """Finds places of a translation that correspond to places of its source."""

    def __init__(
        self,
        read: EditedText,
        source_tokens: Sequence[TextSpan],
        target: str,
        target_tokens: Sequence[TextSpan],
        attention: NDArray[np.float32],
    ) -> None:
        """Prepare to find places.

        Args:
            read: the source, as the model read it.
            source_tokens: range of each source token in the text that the model read.
            target: the translation.
            target_tokens: range of each of its tokens.
            attention: float32 [target, source] over these tokens.
        """
        self._read, self._target, self._length = read, target, len(target)
        self._sources = np.array(source_tokens, dtype=np.int64).reshape(-1, 2)
        self._targets = np.array(target_tokens, dtype=np.int64).reshape(-1, 2)
        self._attention = attention
        units = [match.span() for match in _UNIT.finditer(target)]
        self._units = np.array(units, dtype=np.int64).reshape(-1, 2)
        ends = np.minimum(self._units[:, 1:], self._targets[:, 1])
        overlaps = np.maximum(ends - np.maximum(self._units[:, :1], self._targets[:, 0]), 0)
        shares = overlaps @ (attention / np.maximum(attention.sum(axis=1, keepdims=True), 1e-9))
        shares /= np.maximum(overlaps.sum(axis=1, keepdims=True), 1)
        pieces = {read.text[slice(*span)]: token for token, span in enumerate(source_tokens)}
        self._words = np.ones(len(units), np.bool_)  # those units that are no placeholders
        for unit, (start, end) in enumerate(units):
            if "\ue000" <= target[start] <= "\uf8ff":
                self._words[unit] = False
                if (token := pieces.get(target[start:end])) is not None:
                    shares[unit] = np.arange(len(source_tokens)) == token
        self._shares: NDArray[np.float64] = shares  # [unit, source]

    def after(self, place: int, low: int = 0, high: int | None = None) -> int:
        """Return the place of the translation after what corresponds to the source before a place.

        Args:
            place: a place in the text that the model read.
            low: least result, also if nothing corresponds.
            high: largest result, by default the length of the translation.
        """
        high = self._length if high is None else high
        starts, ends = self._targets.T
        inside = (low <= starts) & (starts < ends) & (ends <= high)
        if not inside.any():
            return low
        visible = (self._sources[:, 0] < self._sources[:, 1]) & (self._sources[:, 1] <= place)
        for source in np.flatnonzero(visible)[::-1]:
            shares = np.where(inside, self._attention[:, source], -1)
            if shares.max() >= _NOTICED:
                result = int(ends[shares.argmax()])
                within = (self._units[:, 0] < result) & (result < self._units[:, 1])
                return min(int(self._units[within.argmax(), 1]) if within.any() else result, high)
        return low

    def corresponding(self, span: TextSpan, taken: Sequence[TextSpan]) -> TextSpan | None:
        """Return the words of the translation that correspond to a part of the text as sent.

        Args:
            span: the part.
            taken: ranges of the translation that the result does not overlap.
        """
        free = self._words.copy()
        for start, end in taken:
            free &= (self._units[:, 1] <= start) | (end <= self._units[:, 0])
        inside = self._inside(self._read.place(span.start), self._read.place(span.end))
        if not (inside.any() and free.any()):
            return None
        first, last = _best_run(np.flatnonzero(free), self._shares[:, inside].sum(axis=1))
        return TextSpan(int(self._units[first, 0]), int(self._units[last, 1]))

    def enclose(
        self, elements: Sequence[InlineElement], low: int = 0, high: int | None = None
    ) -> list[PlacedElement]:
        """Return where elements of the source are in the translation, in ascending order.

        Elements that are apart remain apart, and those inside of another remain inside of it.

        Args:
            elements: the elements, in the order of their opening tags.
            low: where they begin at the earliest.
            high: where they end at the latest, by default at the end of the translation.
        """
        high = self._length if high is None else high
        free = (low <= self._units[:, 0]) & (self._units[:, 1] <= high)
        placed = list[PlacedElement]()
        place = 0
        while place < len(elements):
            element = elements[place]
            place += 1
            first = place
            while place < len(elements) and element.span.contains(elements[place].span):
                place += 1
            span = self._span(element, low, high, free)
            free &= (self._units[:, 1] <= span.start) | (span.end <= self._units[:, 0])
            inner = self.enclose(elements[first:place], *span)
            placed.append(PlacedElement(element, span, inner))
        return sorted((_apart(each, placed) for each in placed), key=lambda each: each.span)

    def _span(
        self, element: InlineElement, low: int, high: int, free: NDArray[np.bool_]
    ) -> TextSpan:
        """Return which of the free units an element encloses, between two places."""
        start = self._read.place(element.opening.end)
        end = start if element.closing is None else self._read.place(element.closing.start)
        inside = self._inside(start, end)
        if not (inside.any() and free.any()):
            place = self.after(start, low, high)
            return TextSpan(place, place)
        first, last = _best_run(np.flatnonzero(free), self._shares[:, inside].sum(axis=1))
        stop = int(self._units[last, 1])
        if not self._read.text[start:end].rstrip()[-1:].isalnum():
            while stop < high and _PUNCTUATION.match(self._target[stop]):
                stop += 1
        return TextSpan(int(self._units[first, 0]), stop)

    def _inside(self, start: int, end: int) -> NDArray[np.bool_]:
        """Return which source tokens have characters in a range of the text that the model read."""
        begins, stops = self._sources.T
        return (begins < stops) & (begins < end) & (start < stops)


def _apart(placed: PlacedElement, siblings: Sequence[PlacedElement]) -> PlacedElement:
    """Move an element that encloses nothing out of its siblings."""
    start, end = placed.span
    if start == end:
        for each in siblings:
            if each.span.start < start < each.span.end:
                return replace(placed, span=TextSpan(each.span.end, each.span.end))
    return placed


def _best_run(units: NDArray[np.int64], shares: NDArray[np.float64]) -> tuple[int, int]:
    """Return the first and last of the consecutive units that exceed the least share by the most.

    Or the unit with the largest share, if none reaches the least.
    """
    best = int(units[shares[units].argmax()])
    result, most = (best, best), float(shares[best]) - _LEAST_SHARE
    total, first, previous = 0.0, int(units[0]), int(units[0])
    for unit, share in zip(units.tolist(), shares[units].tolist(), strict=True):
        if total <= 0 or unit != previous + 1:
            total, first = 0.0, unit
        total, previous = total + share - _LEAST_SHARE, unit
        if total > most:
            most, result = total, (first, unit)
    return result
