"""The word alignment of a translation, by a rule."""

from jumok.bundle.alignment import AlignmentRule, word_alignment
from jumok.training.sentence_pair import Links
from jumok.training.translation import Translation


def word_links(translation: Translation, rule: AlignmentRule = "writes") -> Links:
    """Link each target word to the source word that the steps of its tokens attend to most.

    "posterior" is for a translation that has such attention.
    """
    attention = translation.posterior if rule == "posterior" else translation.attention
    assert attention is not None, "posterior attention was not asked for"
    links = word_alignment(attention, translation.source_words, translation.target_words, rule)
    return frozenset((link.source_word, link.target_word) for link in links)
