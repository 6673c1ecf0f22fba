"""Replace protected text in sentence pairs by placeholders."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from jumok.bundle.tokenizer import PLACEHOLDERS
from jumok.bundle.words import TextSpan
from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.text.edits import Edit, EditedText
from jumok.text.protection import find_protected
from jumok.training.data.variants import alignment_kept


def masked(pairs: Iterable[SentencePair]) -> Iterator[SentencePair]:
    """Yield pairs with placeholders for the protected text that both sides have equally often.

    They are drawn at random, reproducibly, so that a model learns all of them.
    """
    generator = random.Random("masking")
    for pair in pairs:
        source, target = _found(pair.source), _found(pair.target)
        both = [text for text in source if len(source[text]) == len(target.get(text, ()))]
        count = sum(len(source[text]) for text in both)
        if not 0 < count <= len(PLACEHOLDERS):
            yield pair
            continue
        free = generator.sample(PLACEHOLDERS, count)
        edits = [
            (Edit(mine, piece), Edit(theirs, piece))
            for (mine, theirs), piece in zip(
                [spans for text in both for spans in zip(source[text], target[text], strict=True)],
                free,
                strict=True,
            )
        ]
        variant = replace(
            pair,
            source=_edited(pair.source, [mine for mine, _ in edits]),
            target=_edited(pair.target, [theirs for _, theirs in edits]),
        )
        yield alignment_kept(pair, variant)


def _found(text: str) -> dict[str, list[TextSpan]]:
    found = defaultdict(list)
    for span in find_protected(text):
        found[text[slice(*span)]].append(span)
    return found


def _edited(text: str, edits: Iterable[Edit]) -> str:
    return EditedText(text, sorted(edits, key=lambda edit: edit.span)).text
