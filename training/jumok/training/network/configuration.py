"""What the network is made of: the `[model]` table of a configuration."""

from typing import Literal, Self

from pydantic import Field, model_validator

from jumok.training.toml_file import Frozen

ScoreName = Literal["additive", "dot", "scaled_dot", "general", "location", "cosine", "none"]
CellName = Literal["gru", "lstm"]
Wiring = Literal["luong", "bahdanau", "conditional"]

_UNPROJECTED = ("dot", "scaled_dot", "cosine")


class ModelConfiguration(Frozen):
    """The member of the model family, and its sizes in features."""

    score: ScoreName = Field("additive", description="score function; none: no attention")
    wiring: Wiring = Field(
        "luong", description="attention after the cell, before it, or between two cells"
    )
    input_feeding: bool = Field(True, description="with wiring luong")
    cell: CellName = "gru"
    encoder_layers: int = Field(1, ge=1, le=4)
    decoder_layers: int = Field(1, ge=1, le=4)
    bidirectional: bool = Field(True, description="whether the encoder reads in both directions")
    residual: bool = Field(False, description="from a layer to the next, the first left out")
    lexical: bool = Field(True, description="the generator reads attended source words, too")
    embedding_size: int = Field(256, ge=1)
    encoder_size: int = Field(256, ge=1, description="of each direction")
    decoder_size: int = Field(512, ge=1)
    attention_size: int = Field(256, ge=1, description="of additive keys")
    attentional_size: int = Field(256, ge=1, description="of the state that the generator reads")
    dropout: float = Field(0.2, ge=0, lt=1)
    tie_output: bool = Field(False, description="the generator shares the target embedding")
    tie_embeddings: bool = Field(False, description="both sides share one embedding")

    @property
    def value_size(self) -> int:
        """Features of an encoder state."""
        return self.encoder_size * (2 if self.bidirectional else 1)

    @property
    def has_lexical_model(self) -> bool:
        """Whether there is a lexical model: without attention there are no words to translate."""
        return self.lexical and self.score != "none"

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        if self.tie_output and self.attentional_size != self.embedding_size:
            raise ValueError("tie_output needs attentional_size = embedding_size")
        if self.score in _UNPROJECTED and self.value_size != self.decoder_size:
            raise ValueError(
                f"score = '{self.score}' compares decoder and encoder states as they are: make "
                f"decoder_size = {self.value_size}, the size of an encoder state"
            )
        return self
