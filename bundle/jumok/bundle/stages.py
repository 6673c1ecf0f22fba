"""Stages of attention: tensors inside a decoder step that show how a token was chosen."""

from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Stage = Literal["query", "scores", "context", "decoder_output", "attentional", "lexical"]
"""A tensor of the decoder step, by its part in attention:

- `query` [batch, beam, decoder], the decoder state that is scored against the keys;
- `scores` [batch, beam, source], before the softmax, arbitrary at padding;
- `context` [batch, beam, context], the encoder states summed by the attention weights;
- `decoder_output` [batch, beam, decoder], the decoder state that is concatenated with the context;
- `attentional` [batch, beam, attentional], tanh of the projected concatenation;
- `lexical` [batch, beam, attentional], what a lexical model adds to it before the generator.
"""

STAGES: Final[tuple[Stage, ...]] = get_args(Stage)

TensorName = Annotated[str, Field(min_length=1, max_length=200)]


class Stages(BaseModel):
    """The tensors of one decoder step that are stages, float32 or float16, and their equations."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    score_function: str = Field(max_length=50, description='such as "additive"')
    wiring: str = Field(max_length=50, description='how the decoder is wired, such as "luong"')
    tensors: dict[Stage, TensorName] = Field(
        description="names in the graph by stage; only lexical can be missing"
    )

    @model_validator(mode="after")
    def _only_lexical_is_optional(self) -> "Stages":
        missing = [stage for stage in STAGES if stage not in self.tensors and stage != "lexical"]
        if missing:
            raise ValueError(f"the stages {', '.join(missing)} are missing")
        return self
