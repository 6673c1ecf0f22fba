"""Korean-English sentence pairs with gold word alignments, drawn from a small grammar.

The English sentence is a function of the Korean one, so a model can be held to it word by word.
Both are put together at once: every English word knows the Korean words that it comes from, and
the links are those, never a later guess. They come in the two sets of Och and Ney (2003), `sure`
within `possible`, by these rules:

- A content word is surely linked to the eojeol with its lemma: *read* to 읽습니다, *book* to 책을.
- A function word that a particle, an ending or an auxiliary expresses is surely linked to the
  eojeol that bears it: *at* to 학교에서, *with* to 친구와, *because* to 와서 or 때문에, *not* to 안
  or 않습니다, *will* to 것입니다, *can* to 있습니다 in 읽을 수 있습니다, *am* to 학생입니다.
  An eojeol can thus have several sure links; an English word has one at most.
- A word that Korean lacks has possible links only: articles to the noun and what modifies it, *do*
  to the words of the verb group, *that* and *who* to the relative verb and its noun, expletive
  *it* and *there* to the predicate, *of* in *cups of tea* to its neighbours, *to* before an
  infinitive to the verb group, a particle like *up* to its verb, and a pronoun that English
  repeats to its first mention.
- A counter, for which English has no word, is possibly linked to the numeral and to the noun, and
  the parts of a Korean verb group, possibly, to the English auxiliaries that they make up together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from typing import Literal

from jumok.training.embedded.grammar import sentence
from jumok.training.embedded.phrase import Links, render

Part = Literal["train", "dev", "test"]


@dataclass(frozen=True, slots=True)
class GoldPair:
    """A Korean sentence, its English translation, and the gold links between their words."""

    source: str
    target: str
    sure: Links
    possible: Links


def generate(seed: int) -> Iterator[GoldPair]:
    """Draw pairs without end, the same for a seed on every machine; pairs may recur."""
    rng = Random(seed)
    while True:
        yield GoldPair(*render(*sentence(rng)))


def part_of(target: str) -> Part:
    """Return the part that an English sentence belongs to, whatever the seed.

    All Korean sentences with one translation share its part, so no side of a held-out pair is
    ever in the training part.
    """
    share = int.from_bytes(blake2b(target.encode(), digest_size=4).digest(), "big") % 100
    if share < 96:
        return "train"
    return "dev" if share < 98 else "test"


def passages(part: Part, count: int, seed: int, longest: int) -> list[GoldPair]:
    """Return pairs of 1 to `longest` sentences one after the other, all lengths alike often."""
    rng = Random(seed)
    lengths = [rng.randint(1, longest) for _ in range(count)]
    sentences = iter(pairs(part, sum(lengths), seed))
    return [_join([next(sentences) for _ in range(length)]) for length in lengths]


def _join(sentences: Sequence[GoldPair]) -> GoldPair:
    """Put sentences one after the other, and their links with them."""
    sure, possible = set[tuple[int, int]](), set[tuple[int, int]]()
    source_words = target_words = 0
    for pair in sentences:
        for links, joined in ((pair.sure, sure), (pair.possible, possible)):
            joined.update(
                (source + source_words, target + target_words) for source, target in links
            )
        source_words += len(pair.source.split())
        target_words += len(pair.target.split())
    return GoldPair(
        " ".join(pair.source for pair in sentences),
        " ".join(pair.target for pair in sentences),
        frozenset(sure),
        frozenset(possible),
    )


def pairs(part: Part, count: int, seed: int) -> list[GoldPair]:
    """Return the first `count` distinct pairs of a part that this seed draws."""
    chosen: dict[str, GoldPair] = {}
    for pair in generate(seed):
        if len(chosen) >= count:
            break
        if part_of(pair.target) == part:
            chosen.setdefault(pair.source, pair)
    return list(chosen.values())
