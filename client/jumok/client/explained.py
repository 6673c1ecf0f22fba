"""A token of a translation, with the numbers of each stage of attention that led to it."""

from dataclasses import dataclass

from jumok.client.events import Alternative, Source, Token

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ExplainedPosition:
    """A source token as attention sees it.

    Attributes:
        key: what the query is compared with, float [key].
        value: the encoder state, float [context].
        score: the score of the query against the key, before the softmax.
        attention: the attention weight, 0 to 1.
    """

    key: Vector
    value: Vector
    score: float
    attention: float


@dataclass(frozen=True, slots=True)
class Explained:
    """How a token was chosen.

    Attributes:
        source_text: the text.
        source: how the text was read.
        tokens: those of the translation, the end of the sentence last unless it was cut off; they
            have their `best_position`, but not their attention.
        token_index: index of the explained token in `tokens`.
        query: the decoder state that is compared with the keys, float [decoder].
        positions: one for each source token.
        context: the values summed with the attention as weights, float [context].
        decoder_output: the decoder state that is concatenated with it, float [decoder].
        attentional: tanh of the projected concatenation, float [attentional].
        lexical: what a lexical model adds to it, float [attentional]; empty without one.
        candidates: the most probable tokens, best first.
        score_function: such as "additive".
        wiring: "luong", "bahdanau" or "conditional"; see `ExplainResponse.wiring` of the .proto.
        model: name of the model that answered.
        model_fingerprint: its fingerprint.
    """

    source_text: str
    source: Source
    tokens: tuple[Token, ...]
    token_index: int
    query: Vector
    positions: tuple[ExplainedPosition, ...]
    context: Vector
    decoder_output: Vector
    attentional: Vector
    lexical: Vector
    candidates: tuple[Alternative, ...]
    score_function: str
    wiring: str
    model: str
    model_fingerprint: str

    @property
    def token(self) -> Token:
        """The explained token."""
        return self.tokens[self.token_index]

    @property
    def text(self) -> str:
        """The translation."""
        return "".join(token.text for token in self.tokens)
