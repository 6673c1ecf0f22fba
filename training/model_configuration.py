"""What the network is made of: the `[model]` table of a configuration."""

from typing import Self

from pydantic import Field, model_validator

from training.frozen import Frozen


class Model(Frozen):
    """Sizes of the network, in features."""

    embedding_size: int = Field(256, ge=1)
    encoder_size: int = Field(256, ge=1, description="of each direction")
    decoder_size: int = Field(512, ge=1)
    attention_size: int = Field(256, ge=1)
    attentional_size: int = Field(256, ge=1, description="of the state that the generator reads")
    dropout: float = Field(0.2, ge=0, lt=1)
    tie_output: bool = Field(False, description="the generator shares the target embedding")

    @model_validator(mode="after")
    def _tied_sizes(self) -> Self:
        if self.tie_output and self.attentional_size != self.embedding_size:
            raise ValueError("tie_output needs attentional_size = embedding_size")
        return self
