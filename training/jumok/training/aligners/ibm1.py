"""IBM model 1: word translation probabilities by expectation maximisation (Brown et al. 1993)."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from jumok.evaluation.scoring.sentence_pair import Links

_NULL = 0


class IBMModel1:
    """Word translation probabilities p(target word | source word or NULL).

    Each target word is aligned with at most one source word; for the other direction train a model
    with source and target exchanged.
    """

    def __init__(self, sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> None:
        """Start from uniform probabilities over the words that occur together in a pair.

        Args:
            sources: source sentences as words.
            targets: their translations, likewise.
        """
        self._sources = _number(sources, first=_NULL + 1)
        self._targets = _number(targets, first=0)
        keys, self._columns = self._cells(sources, targets)
        # one entry for each pair of words seen together; all others have probability 0
        self._keys, entries = np.unique(keys, return_inverse=True)
        self._entries = entries.astype(np.int32)  # there are tens of millions of cells
        self._entry_sources = self._keys // len(self._targets)
        self.probabilities = np.ones(len(self._keys))
        self.probabilities /= np.bincount(self._entry_sources)[self._entry_sources]

    def train(self, iterations: int = 5) -> "IBMModel1":
        """Iterate expectation (equation 17) and maximisation (equation 14); return the model."""
        for _ in range(iterations):
            posterior = self.probabilities[self._entries]
            posterior /= np.bincount(self._columns, posterior)[self._columns]
            counts = np.bincount(self._entries, posterior)
            self.probabilities = (
                counts / np.bincount(self._entry_sources, counts)[self._entry_sources]
            )
        return self

    def probability(self, source: str | None, target: str) -> float:
        """Return p(target | source); a source of None is NULL. 0 for words not seen together."""
        source_id = _NULL if source is None else self._sources.get(source)
        target_id = self._targets.get(target)
        if source_id is None or target_id is None:
            return 0.0
        key = source_id * len(self._targets) + target_id
        place = int(np.searchsorted(self._keys, key))
        found = place < len(self._keys) and self._keys[place] == key
        return float(self.probabilities[place]) if found else 0.0

    def align(self, source: Sequence[str], target: Sequence[str]) -> Links:
        """Link each target word to its most probable source word, unless that is NULL."""
        links = set()
        for target_word, word in enumerate(target):
            scores = [self.probability(candidate, word) for candidate in (None, *source)]
            best = int(np.argmax(scores))
            if best != 0:
                links.add((best - 1, target_word))
        return frozenset(links)

    def _cells(
        self, sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Enumerate the cells: every source word (or NULL) with every target word of its pair.

        Returns:
            keys int64 [cell], which encode source and target word; and columns int32 [cell], the
            number of the running target word.
        """
        keys, columns = [], []
        column = 0
        for source, target in zip(sources, targets, strict=True):
            source_ids = np.array([_NULL, *(self._sources[word] for word in source)])
            target_ids = np.array([self._targets[word] for word in target], dtype=np.int64)
            keys.append((source_ids * len(self._targets) + target_ids[:, np.newaxis]).ravel())
            places = np.arange(column, column + len(target), dtype=np.int32)
            columns.append(np.repeat(places, len(source_ids)))
            column += len(target)
        return np.concatenate(keys), np.concatenate(columns)


def _number(sentences: Sequence[Sequence[str]], first: int) -> dict[str, int]:
    """Number distinct words in the order of their first occurrence."""

    def words() -> Iterator[str]:
        for sentence in sentences:
            yield from sentence

    return {word: index for index, word in enumerate(dict.fromkeys(words()), start=first)}
