"""A corpus: training, development and test pairs that share no sentence."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from jumok.bundle.languages import primary_language
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, Links, SentencePair
from jumok.training.data.cleaning import cleaned
from jumok.training.data.configuration import DataConfiguration, Variants
from jumok.training.data.held_out import HeldOutPairs, share
from jumok.training.data.masking import masked
from jumok.training.data.reading import EMBEDDED, Reading, Sets
from jumok.training.data.similarity import find_names
from jumok.training.data.variants import varied
from jumok.training.data.word_alignments import read_alignments
from jumok.training.errors import DataError

_CAPITALISE_NOUNS = {"de", "lb"}  # capitals do not tell names from other nouns


@dataclass(frozen=True, slots=True)
class Corpus:
    """The sentence pairs of a configuration.

    Attributes:
        train: training pairs in the order of the configuration, repeated according to weight.
        final: those of files with `final = true`.
        dev_sets: non-empty development sets by name, in the order of the configuration.
        test_sets: non-empty test sets by name, likewise.
        hashes: SHA-256 of each file by its path as configured, and of generated training data.
        left_out: number of pairs removed because their source or target is held out.
        near: number of training pairs removed because a side is a near-duplicate of a held-out one.
        cleaned: number of training pairs removed by `data.cleaning`.
    """

    train: list[SentencePair]
    final: list[SentencePair] = field(default_factory=list)
    dev_sets: Sets = field(default_factory=dict)
    test_sets: Sets = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    left_out: int = 0
    near: int = 0
    cleaned: int = 0

    @property
    def dev(self) -> list[SentencePair]:
        """The pairs of all development sets."""
        return [pair for pairs in self.dev_sets.values() for pair in pairs]

    @property
    def test(self) -> list[SentencePair]:
        """The pairs of all test sets."""
        return [pair for pairs in self.test_sets.values() for pair in pairs]

    def require_training(self, final: bool = False) -> None:
        """Check that there are training and development pairs, and pairs for the final steps.

        Args:
            final: whether there are final steps.

        Raises:
            DataError: there are none.
        """
        for name, pairs in (("training", self.train), ("development", self.dev)):
            if not pairs:
                raise DataError(f"the configuration has no {name} pairs; add some under [data]")
        if final and not self.final:
            raise DataError(
                "no pair of the files with final = true is left, since all are held out or removed "
                "by [data.cleaning]; choose other files, or set training.final_steps = 0"
            )


def load_corpus(data: DataConfiguration, folder: Path) -> Corpus:
    """Read the files of a configuration; any part may be empty.

    Training and development pairs are removed if their source or target is in the test part,
    training pairs also if it is in the development part or a near-duplicate of a held-out text.
    Texts are compared as by `jumok.training.data.similarity`.

    Args:
        data: the `[data]` table.
        folder: folder that relative paths are relative to.

    Raises:
        DataError: a file cannot be read.
    """
    read = Reading(data, folder)
    names = _names(data, read)
    exact = HeldOutPairs([pair for pairs in read.test.values() for pair in pairs], 1, names)
    dev = {
        name: [pair for pair in pairs if not exact.same(pair)] for name, pairs in read.dev.items()
    }
    left_out = sum(map(len, read.dev.values())) - sum(map(len, dev.values()))
    # sentences of the grammar resemble each other; only its spelling variants are removed
    sets = [*read.test.items(), *dev.items()]
    files = [pair for name, pairs in sets if name != EMBEDDED for pair in pairs]
    generated = [pair for name, pairs in sets if name == EMBEDDED for pair in pairs]
    held_out = (
        HeldOutPairs(files, data.max_overlap, names),
        HeldOutPairs(generated, 1, names),
    )
    aligned = {}
    if data.alignments is not None:
        aligned = read_alignments(folder / data.alignments, data.max_malformed)
    train: list[SentencePair] = []
    final: list[SentencePair] = []
    near = dropped = matched = 0
    seen: set[tuple[str, str]] = set()
    for file in read.train:
        pairs = [pair for pair in file.pairs if _copies(pair, file.weight)]
        other = [pair for pair in pairs if not any(held.same(pair) for held in held_out)]
        apart = [pair for pair in other if not any(held.near(pair) for held in held_out)]
        clean = cleaned(apart, data.cleaning, seen)
        left_out += len(pairs) - len(other)
        near += len(other) - len(apart)
        dropped += len(apart) - len(clean)
        matched += sum((pair.source, pair.target) in aligned for pair in clean)
        added = [
            _aligned(pair, aligned) for pair in clean for _ in range(_copies(pair, file.weight))
        ]
        train += added
        if file.final:
            final += added
    if data.alignments is not None and not matched:
        raise DataError(
            f"{folder / data.alignments} has links of none of the training pairs; align the texts "
            "that this configuration reads"
        )
    return Corpus(
        train=_varied(train, data, folder, held_out),
        final=_varied(final, data, folder, held_out),
        dev_sets={name: pairs for name, pairs in dev.items() if pairs},
        test_sets=read.test,
        hashes=read.hashes,
        left_out=left_out,
        near=near,
        cleaned=dropped,
    )


def _names(data: DataConfiguration, read: Reading) -> list[frozenset[str]]:
    """Find the names in the sources and in the targets of all pairs."""
    found = []
    for side, language in (("source", data.source_language), ("target", data.target_language)):
        if data.max_overlap == 1 or primary_language(language) in _CAPITALISE_NOUNS:
            found.append(frozenset[str]())
        else:
            found.append(
                find_names(getattr(pair, side) for file in read.train for pair in file.pairs)
            )
    return found


def _varied(
    pairs: list[SentencePair],
    data: DataConfiguration,
    folder: Path,
    held_out: tuple[HeldOutPairs, ...],
) -> list[SentencePair]:
    """Vary and mask pairs, but vary none into held-out text.

    "Anne cried." may be a test sentence, and a variant of "Tom cried.".
    """
    if data.variants != Variants():
        variants = varied(pairs, data.variants, folder, data.max_malformed)
        pairs = [
            pair if variant != pair and any(held.same(variant) for held in held_out) else variant
            for pair, variant in zip(pairs, variants, strict=True)
        ]
    return list(masked(pairs)) if data.masks_protected else pairs


def _aligned(pair: SentencePair, alignments: dict[tuple[str, str], Links]) -> SentencePair:
    """Add known links to a pair that has none."""
    links = alignments.get((pair.source, pair.target))
    if links is None or pair.alignment is not None:
        return pair
    return replace(pair, alignment=GoldAlignment(links, links))


def _copies(pair: SentencePair, weight: float) -> int:
    """Return how often a pair is trained on, `weight` on average; it depends on the pair alone."""
    whole, fraction = divmod(weight, 1)
    return int(whole) + (share(f"{pair.source}\t{pair.target}") < fraction)
