"""Korean-English sentence pairs with gold word alignments, drawn from a small grammar.

The English sentence is a function of the Korean one, so exact matches can be required of a model.
Both are built together, and every English word refers to the Korean words that it comes from; the
links are exact, not estimated. As in Och and Ney (2003) there are sure and possible links:

- A content word has a sure link to the eojeol with its lemma: *read* to 읽습니다, *book* to 책을.
- A function word that corresponds to a particle, an ending or an auxiliary has a sure link to the
  eojeol that contains it: *at* to 학교에서, *with* to 친구와, *because* to 와서 or 때문에, *not* to
  안 or 않습니다, *will* to 것입니다, *can* to 있습니다 in 읽을 수 있습니다, *am* to 학생입니다.
  Thus an eojeol can have several sure links, an English word at most one.
- A word without Korean counterpart has only possible links: articles to the noun and its modifiers,
  *do* to the words of the verb group, *that* and *who* to the relative verb and its noun, expletive
  *it* and *there* to the predicate, *of* in *cups of tea* to its neighbours, *to* before an
  infinitive to the verb group, a particle like *up* to its verb, and a pronoun that English
  repeats to its first mention.
- A counter, which English lacks, has possible links to the numeral and the noun; the parts of a
  Korean verb group have possible links to the English auxiliaries that they express together.
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
    """A Korean sentence, its English translation, and the gold links between their words.

    Attributes:
        source: Korean sentence.
        target: English sentence.
        sure: sure links (source word, target word).
        possible: possible links; a superset of `sure`.
    """

    source: str
    target: str
    sure: Links
    possible: Links


def generate(seed: int) -> Iterator[GoldPair]:
    """Draw an endless sequence of pairs, reproducibly; pairs can occur repeatedly."""
    rng = Random(seed)
    while True:
        yield GoldPair(*render(*sentence(rng)))


def part_of(target: str) -> Part:
    """Return the part of an English sentence, independent of the seed.

    All Korean sentences with the same translation are in the same part, so that neither side of a
    held-out pair occurs in training.
    """
    share = int.from_bytes(blake2b(target.encode(), digest_size=4).digest(), "big") % 100
    if share < 96:
        return "train"
    return "dev" if share < 98 else "test"


def passages(part: Part, count: int, seed: int, longest: int) -> list[GoldPair]:
    """Return pairs of 1 to `longest` consecutive sentences, uniformly distributed."""
    rng = Random(seed)
    lengths = [rng.randint(1, longest) for _ in range(count)]
    sentences = iter(pairs(part, sum(lengths), seed))
    return [_join([next(sentences) for _ in range(length)]) for length in lengths]


def _join(sentences: Sequence[GoldPair]) -> GoldPair:
    """Concatenate sentence pairs and their links."""
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
    """Return the first `count` distinct pairs of a part that a seed draws."""
    chosen: dict[str, GoldPair] = {}
    for pair in generate(seed):
        if len(chosen) >= count:
            break
        if part_of(pair.target) == part:
            chosen.setdefault(pair.source, pair)
    return list(chosen.values())
