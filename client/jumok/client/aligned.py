"""A translation that was given, aligned with its source and scored."""

from dataclasses import dataclass

from jumok.client.events import AlignmentLink, Source, Span, Token


@dataclass(frozen=True, slots=True)
class Aligned:
    """A text, a translation of it, which words correspond, and how well the model thinks it fits.

    Attributes:
        source_text: the text.
        text: its translation, as given.
        source: how the text was read.
        tokens: those of the translation, the end of the sentence last. Joined, their texts are
            `text` as the model reads it: normalised.
        words: those of `text`, in order.
        alignment: which words correspond.
        rule: that `alignment` was read by: "writes", "reads" or "posterior".
        log_prob: sum of the natural-log probabilities of all tokens.
        perplexity: how many tokens the model wavered between, on average.
        model: name of the model that answered.
        model_fingerprint: its fingerprint.
    """

    source_text: str
    text: str
    source: Source
    tokens: tuple[Token, ...]
    words: tuple[Span, ...]
    alignment: tuple[AlignmentLink, ...]
    rule: str
    log_prob: float
    perplexity: float
    model: str
    model_fingerprint: str

    @property
    def attention(self) -> tuple[tuple[float, ...], ...]:
        """Attention, float [target, source]; rows are empty when it was not asked for."""
        return tuple(token.attention for token in self.tokens)

    @property
    def links(self) -> str:
        """The alignment as Pharaoh and Moses write it: "0-0 1-2", source word first."""
        pairs = sorted((link.source_word, link.target_word) for link in self.alignment)
        return " ".join(f"{source}-{target}" for source, target in pairs)
