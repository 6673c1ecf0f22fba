"""Compare texts: spelling variants, and near-duplicates."""

import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

_EDGES = re.compile(r"(?<!\w)[^\w\s]+|[^\w\s]+(?!\w)")
_ORDER = 3  # characters of an n-gram
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NAME_SHARE = 0.9  # capitalised occurrences inside sentences that make a word a name
_LETTERS = 8  # a skeleton with fewer letters says too little: "Tom" is one of every name


def normalised(text: str) -> str:
    """Return a form of a text in which its spelling variants are equal.

    Ignores case, Unicode form, white space (Korean spacing varies) and punctuation at the edges of
    words; keeps the punctuation of a text that has nothing else.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(_EDGES.sub(" ", folded).split()) or "".join(folded.split())


class NearDuplicates:
    """Texts of one language, searched for near-duplicates of other texts.

    Two texts are near-duplicates if they differ only in names, numbers, punctuation, case and
    spacing, or if the Jaccard index of their sets of character trigrams reaches a threshold.
    """

    def __init__(self, texts: Sequence[str], threshold: float, names: frozenset[str]) -> None:
        """Index texts.

        Args:
            texts: the texts to be found.
            threshold: minimum Jaccard index of the trigrams of normalised texts, above 0, up to 1.
            names: words that are names; see `find_names`.
        """
        self._threshold, self._names = threshold, names
        self._skeletons = {skeleton for text in texts if (skeleton := _skeleton(text, names))}
        grams = [_grams(normalised(text)) for text in texts]
        frequency = Counter(gram for each in grams for gram in each)
        # rarest first
        order = sorted(frequency, key=lambda gram: (frequency[gram], gram))
        self._rank = {gram: rank for rank, gram in enumerate(order)}
        self._grams = sorted(set(grams), key=len)
        self._index: dict[str, list[int]] = defaultdict(list)
        for number, each in enumerate(self._grams):
            for gram in self._prefix(each):
                self._index[gram].append(number)

    def __contains__(self, text: str) -> bool:
        """Tell whether a text is a near-duplicate of an indexed one."""
        if _skeleton(text, self._names) in self._skeletons:
            return True
        grams = _grams(normalised(text))
        # by length, since sets of very different sizes cannot be similar
        first = bisect_left(self._grams, self._threshold * len(grams), key=len)
        last = bisect_right(self._grams, len(grams) / self._threshold, key=len)
        candidates = {
            number
            for gram in self._prefix(grams)
            for number in self._index.get(gram, ())
            if first <= number < last
        }
        return any(_jaccard(grams, self._grams[number]) >= self._threshold for number in candidates)

    def _prefix(self, grams: frozenset[str]) -> list[str]:
        """Return the rarest trigrams of a set, enough to meet every set that is similar enough.

        Sets whose Jaccard index is t or more share one of their first n - ⌈t n⌉ + 1 elements in
        any order common to all sets (prefix filtering; Chaudhuri et al. 2006). Trigrams that occur
        in no indexed text are the first in this order and meet nothing, so they are left out.
        """
        known = [gram for gram in grams if gram in self._rank]
        count = len(known) - math.ceil(self._threshold * len(grams) - 1e-9) + 1
        return sorted(known, key=self._rank.__getitem__)[: max(0, count)]


def find_names(texts: Iterable[str]) -> frozenset[str]:
    """Return the words that are nearly always capitalised inside sentences, in lower case.

    In a language that capitalises other nouns as well (German), these are found too.
    """
    capitalised: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.finditer(text):
            before = text[: word.start()].rstrip(" \"'“‘(")
            if not before or before[-1] in ".?!:":
                continue
            form = word[0].casefold().replace("’", "'")
            inside[form] += 1
            capitalised[form] += word[0][0].isupper()
    return frozenset(
        word for word, count in inside.items() if capitalised[word] >= _NAME_SHARE * count
    ) - {"i", "i'm", "i've", "i'll", "i'd"}


def _skeleton(text: str, names: frozenset[str]) -> str:
    """Return a text without names and numbers; "" if it had none or little else."""
    found = False

    def marked(match: re.Match[str]) -> str:
        nonlocal found
        word = match[0].casefold().replace("’", "'").removesuffix("'s")
        if word not in names:
            return match[0]
        found = True
        return " 0 "

    text, numbers = _NUMBER.subn(" 0 ", text)
    text = _WORD.sub(marked, text)
    skeleton = normalised(text)
    if not (found or numbers) or sum(map(str.isalpha, skeleton)) < _LETTERS:
        return ""
    return re.sub("0+", "0", skeleton)


def _grams(text: str) -> frozenset[str]:
    return frozenset(
        text[place : place + _ORDER] for place in range(max(1, len(text) - _ORDER + 1))
    )


def _jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared)
