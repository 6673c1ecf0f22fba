"""The `[model]` table of a configuration: architecture and sizes of the network."""

from typing import Literal, Self

from pydantic import Field, model_validator

from jumok.training.toml_file import Frozen

ScoreName = Literal["additive", "dot", "scaled_dot", "general", "location", "cosine", "none"]
CellName = Literal["gru", "lstm"]
Wiring = Literal["luong", "bahdanau", "conditional"]

_UNPROJECTED = ("dot", "scaled_dot", "cosine")


class ModelConfiguration(Frozen):
    """Architecture of the network; sizes are numbers of features."""

    score: ScoreName = Field("additive", description="score function; none: no attention")
    wiring: Wiring = Field(
        "luong", description="attention after the cell, before it, or between two cells"
    )
    input_feeding: bool = Field(True, description="with wiring luong")
    cell: CellName = "gru"
    encoder_layers: int = Field(1, ge=1, le=4)
    decoder_layers: int = Field(1, ge=1, le=4)
    bidirectional: bool = Field(True, description="bidirectional encoder")
    residual: bool = Field(False, description="residual connections, except in the first layer")
    lexical: bool = Field(True, description="lexical model of the attended source words")
    embedding_size: int = Field(256, ge=1)
    encoder_size: int = Field(256, ge=1, description="of each direction")
    decoder_size: int = Field(512, ge=1)
    attention_size: int = Field(256, ge=1, description="of the additive score function")
    attentional_size: int = Field(256, ge=1, description="of the input of the generator")
    dropout: float = Field(0.2, ge=0, lt=1)
    tie_output: bool = Field(False, description="generator and target embedding share weights")
    tie_embeddings: bool = Field(False, description="source and target embedding share weights")

    @property
    def value_size(self) -> int:
        """Size of an encoder state."""
        return self.encoder_size * (2 if self.bidirectional else 1)

    @property
    def has_lexical_model(self) -> bool:
        """Whether there is a lexical model; it needs attention."""
        return self.lexical and self.score != "none"

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        if self.tie_output and self.attentional_size != self.embedding_size:
            raise ValueError("tie_output needs attentional_size = embedding_size")
        if self.score in _UNPROJECTED and self.value_size != self.decoder_size:
            raise ValueError(
                f"score = '{self.score}' needs decoder states of the size of encoder states: set "
                f"decoder_size = {self.value_size}"
            )
        return self
