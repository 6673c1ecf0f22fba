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
        self._sources, self._targets, self._attention = source_tokens, target_tokens, attention
        self._units = [TextSpan(*match.span()) for match in _UNIT.finditer(target)]
        shares = attention.astype(np.float64)
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-9)
        overlaps = np.zeros((len(self._units), len(target_tokens)))
        for unit, (start, end) in enumerate(self._units):
            for token, (begin, stop) in enumerate(target_tokens):
                overlaps[unit, token] = max(0, min(end, stop) - max(start, begin))
        overlaps /= np.maximum(overlaps.sum(axis=1, keepdims=True), 1)
        self._shares: NDArray[np.float64] = overlaps @ shares  # [unit, source]
        pieces = {read.text[slice(*span)]: token for token, span in enumerate(source_tokens)}
        for unit, (start, end) in enumerate(self._units):
            if "\ue000" <= target[start] <= "\uf8ff" and target[start:end] in pieces:
                self._shares[unit] = np.eye(len(source_tokens))[pieces[target[start:end]]]

    def after(self, place: int, low: int = 0, high: int | None = None) -> int:
        """Return the place of the translation after what corresponds to the source before a place.

        Args:
            place: a place in the text that the model read.
            low: least result, also if nothing corresponds.
            high: largest result, by default the length of the translation.
        """
        high = self._length if high is None else high
        tokens = [
            token for token, (start, end) in enumerate(self._targets) if low <= start < end <= high
        ]
        if not tokens:
            return low
        for source in range(len(self._sources) - 1, -1, -1):
            start, end = self._sources[source]
            if start < end <= place:
                token = max(tokens, key=lambda token: float(self._attention[token, source]))
                if self._attention[token, source] >= _NOTICED:
                    result = self._targets[token].end
                    inside = (unit.end for unit in self._units if unit.start < result < unit.end)
                    return min(next(inside, result), high)
        return low

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
        placed = list[PlacedElement]()
        place = 0
        while place < len(elements):
            element = elements[place]
            inner = [other for other in elements[place + 1 :] if element.span.contains(other.span)]
            place += 1 + len(inner)
            span = self._span(element, low, high, [other.span for other in placed])
            placed.append(PlacedElement(element, span, self.enclose(inner, *span)))
        return sorted((_apart(each, placed) for each in placed), key=lambda each: each.span)

    def _span(
        self, element: InlineElement, low: int, high: int, taken: Sequence[TextSpan]
    ) -> TextSpan:
        """Return what an element encloses between two places, apart from what is taken."""
        start = self._read.place(element.opening.end)
        end = start if element.closing is None else self._read.place(element.closing.start)
        inside = [begin < stop and begin < end and start < stop for begin, stop in self._sources]
        free = [
            unit
            for unit in self._within(low, high)
            if not any(span.start <= self._units[unit].start < span.end for span in taken)
        ]
        if any(inside) and free:
            first, last = _best_run(free, self._shares[:, inside].sum(axis=1))
            stop = self._units[last].end
            if not self._read.text[start:end].rstrip()[-1:].isalnum():
                while stop < high and _PUNCTUATION.match(self._target[stop]):
                    stop += 1
            return TextSpan(self._units[first].start, stop)
        place = self.after(start, low, high)
        return TextSpan(place, place)

    def _within(self, low: int, high: int) -> list[int]:
        return [
            unit for unit, (start, end) in enumerate(self._units) if low <= start and end <= high
        ]


def _apart(placed: PlacedElement, siblings: Sequence[PlacedElement]) -> PlacedElement:
    """Move an element that encloses nothing out of its siblings."""
    start, end = placed.span
    if start == end:
        for each in siblings:
            if each.span.start < start < each.span.end:
                return replace(placed, span=TextSpan(each.span.end, each.span.end))
    return placed


def _best_run(units: Sequence[int], shares: NDArray[np.float64]) -> tuple[int, int]:
    """Return the first and last of the consecutive units that exceed the least share by the most.

    Or the unit with the largest share, if none reaches the least.
    """
    best = max(units, key=lambda unit: float(shares[unit]))
    result, most = (best, best), float(shares[best]) - _LEAST_SHARE
    total, first, previous = 0.0, units[0], units[0]
    for unit in units:
        if total <= 0 or unit != previous + 1:
            total, first = 0.0, unit
        total, previous = total + float(shares[unit]) - _LEAST_SHARE, unit
        if total > most:
            most, result = total, (first, unit)
    return result
