"""Requests as JSON: the messages of `jumok.v1` with the wire's names, checked by pydantic.

The descriptions of messages and fields are added from the .proto; see `jumok.gateway.openapi`.
"""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from jumok.client import decoding as client_decoding
from jumok.client import requests as client_requests

Attention = Literal["ATTENTION_UNSPECIFIED", "ATTENTION_NONE", "ATTENTION_BEST", "ATTENTION_DENSE"]
Segmentation = Literal["SEGMENTATION_UNSPECIFIED", "SEGMENTATION_SENTENCES", "SEGMENTATION_NONE"]
TextFormat = Literal[
    "TEXT_FORMAT_UNSPECIFIED",
    "TEXT_FORMAT_PLAIN",
    "TEXT_FORMAT_HTML",
    "TEXT_FORMAT_XML",
    "TEXT_FORMAT_MARKDOWN",
]
AlignmentRule = Literal[
    "ALIGNMENT_RULE_UNSPECIFIED",
    "ALIGNMENT_RULE_WRITES",
    "ALIGNMENT_RULE_READS",
    "ALIGNMENT_RULE_POSTERIOR",
]

_ATTENTION: Final[dict[Attention, client_requests.Attention]] = {
    "ATTENTION_NONE": "none",
    "ATTENTION_BEST": "best",
    "ATTENTION_DENSE": "dense",
}
_SEGMENTATION: Final[dict[Segmentation, client_requests.Segmentation]] = {
    "SEGMENTATION_UNSPECIFIED": "sentences",
    "SEGMENTATION_SENTENCES": "sentences",
    "SEGMENTATION_NONE": "none",
}
_TEXT_FORMAT: Final[dict[TextFormat, client_requests.TextFormat]] = {
    "TEXT_FORMAT_UNSPECIFIED": "plain",
    "TEXT_FORMAT_PLAIN": "plain",
    "TEXT_FORMAT_HTML": "html",
    "TEXT_FORMAT_XML": "xml",
    "TEXT_FORMAT_MARKDOWN": "markdown",
}
_RULE: Final[dict[AlignmentRule, client_requests.AlignmentRule | None]] = {
    "ALIGNMENT_RULE_UNSPECIFIED": None,
    "ALIGNMENT_RULE_WRITES": "writes",
    "ALIGNMENT_RULE_READS": "reads",
    "ALIGNMENT_RULE_POSTERIOR": "posterior",
}

Uint32 = Annotated[int, Field(ge=0, le=2**32 - 1)]
Uint64 = Annotated[int, Field(ge=0, le=2**64 - 1)]


class Message(BaseModel):
    """A message of the wire; unknown fields and values of other types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class ProtectedSpan(Message):  # noqa: D101 - described by the .proto, as all below
    start: Uint32
    end: Uint32

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.start >= self.end:
            raise ValueError(f"{self.start} to {self.end} is not a range of characters")
        return self


class GlossaryEntry(Message):  # noqa: D101
    source: str
    target: str


class BeamSearch(Message):  # noqa: D101
    width: Uint32 | None = None
    num_hypotheses: Uint32 | None = None
    length_penalty: float | None = None
    coverage_penalty: float | None = None
    provisional: bool = False


class Sampling(Message):  # noqa: D101
    temperature: float | None = None
    top_k: Uint32 | None = None
    top_p: float | None = None
    seed: Uint64 | None = None


class DecodingOptions(Message):  # noqa: D101
    max_tokens: Uint32 | None = None
    min_tokens: Uint32 | None = None
    target_prefix: str = ""
    beam_search: BeamSearch | None = None
    sampling: Sampling | None = None
    alternatives: Uint32 = 0
    replace_unknown: bool = False

    def options(self) -> client_decoding.DecodingOptions:
        """The options as the client takes them."""
        fields = self.model_dump(exclude={"beam_search", "sampling"})
        beam, sampling = self.beam_search, self.sampling
        return client_decoding.DecodingOptions(
            **fields,
            beam_search=client_decoding.BeamSearch(**beam.model_dump()) if beam else None,
            sampling=client_decoding.Sampling(**sampling.model_dump()) if sampling else None,
        )


class ModelChoice(Message):
    """The fields by which a request chooses its model."""

    model: str = Field("", examples=["ko-en"])
    source_language: str = Field("", examples=["ko"])
    target_language: str = Field("", examples=["en"])

    @property
    def choice(self) -> dict[str, str]:
        """The arguments of the client's methods for these fields."""
        return {
            "model": self.model,
            "source_language": self.source_language,
            "target_language": self.target_language,
        }


class TextOptions(ModelChoice):
    """The fields that `TranslateRequest` and `TranslateBatchRequest` share."""

    decoding: DecodingOptions | None = None
    segmentation: Segmentation = "SEGMENTATION_SENTENCES"
    text_format: TextFormat = "TEXT_FORMAT_PLAIN"
    glossary: list[GlossaryEntry] = Field(
        [], max_length=200, examples=[[{"source": "수진", "target": "Sujin"}]]
    )

    glossary_name: str = Field("", max_length=200)

    @field_validator("glossary")
    @classmethod
    def _distinct_terms(cls, glossary: list[GlossaryEntry]) -> list[GlossaryEntry]:
        terms = [entry.source for entry in glossary]
        for index, term in enumerate(terms):
            if term in terms[:index]:
                raise ValueError(f"entry {index} has the same source as an earlier one")
        return glossary

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of the client's methods for these fields."""
        return {
            **self.choice,
            "decoding": self.decoding.options() if self.decoding else None,
            "segmentation": _SEGMENTATION[self.segmentation],
            "text_format": _TEXT_FORMAT[self.text_format],
            "glossary": {entry.source: entry.target for entry in self.glossary},
            "glossary_name": self.glossary_name,
        }


class TranslateRequest(TextOptions):  # noqa: D101
    text: str = Field(examples=["나는 학생입니다"])
    attention: Attention = "ATTENTION_DENSE"
    protected_spans: list[ProtectedSpan] = Field([], max_length=200)
    stream: bool = Field(
        False,
        description="Whether to answer with one server-sent event for each message, as with "
        "`Accept: text/event-stream`. Default: false.",
    )

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of `AsyncClient.translate`."""
        return {
            **self.options,
            "text": self.text,
            "attention": _ATTENTION.get(self.attention, "dense"),
            "protected": [(span.start, span.end) for span in self.protected_spans],
        }


class TranslateQuery(ModelChoice):
    """The fields of a `TranslateRequest` that a query string can have."""

    # a query string has no types
    model_config = ConfigDict(strict=False)

    text: str = Field(examples=["나는 학생입니다"], max_length=2000)
    attention: Attention = "ATTENTION_DENSE"
    segmentation: Segmentation = "SEGMENTATION_SENTENCES"
    text_format: TextFormat = "TEXT_FORMAT_PLAIN"

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of `AsyncClient.translate`."""
        return TranslateRequest(**self.model_dump()).arguments


class TranslateBatchRequest(TextOptions):  # noqa: D101
    texts: list[str] = Field(
        min_length=1,
        max_length=1000,
        examples=[["나는 학생입니다", "저는 학교에 갑니다"]],
    )
    attention: Attention = "ATTENTION_BEST"

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of `AsyncClient.translate_batch`."""
        return {
            **self.options,
            "texts": self.texts,
            "attention": _ATTENTION.get(self.attention, "best"),
        }


class ExplainRequest(ModelChoice):  # noqa: D101
    text: str = Field(examples=["나는 학생입니다"])
    target: str = Field("", examples=["I am a student"])
    token_index: Uint32 = 0

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of `AsyncClient.explain`."""
        return {
            **self.choice,
            "text": self.text,
            "target": self.target,
            "token_index": self.token_index,
        }


class AlignRequest(ModelChoice):  # noqa: D101
    source: str = Field(examples=["나는 학생입니다"])
    target: str = Field(examples=["I am a student"])
    attention: Attention = "ATTENTION_DENSE"
    rule: AlignmentRule = "ALIGNMENT_RULE_UNSPECIFIED"

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of `AsyncClient.align`."""
        return {
            **self.choice,
            "source": self.source,
            "target": self.target,
            "attention": _ATTENTION.get(self.attention, "dense"),
            "rule": _RULE[self.rule],
        }
