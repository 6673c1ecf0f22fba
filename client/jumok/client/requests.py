"""Requests to protobuf; InvalidRequest for values that a message cannot hold.

Only this module and `jumok.client.responses` know the messages of jumok.v1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from jumok.client.decoding import BeamSearch, DecodingOptions, Sampling
from jumok.client.errors import InvalidRequest
from jumok.v1 import translation_pb2 as pb

Attention = Literal["dense", "best", "none"]
Segmentation = Literal["sentences", "none"]
TextFormat = Literal["plain", "html", "xml", "markdown"]
AlignmentRule = Literal["writes", "reads", "posterior"]

_ATTENTION = {
    "dense": pb.ATTENTION_DENSE_BYTES,  # read in two thirds of the time that floats take
    "best": pb.ATTENTION_BEST,
    "none": pb.ATTENTION_NONE,
}
_RULES = {
    None: pb.ALIGNMENT_RULE_UNSPECIFIED,
    "writes": pb.ALIGNMENT_RULE_WRITES,
    "reads": pb.ALIGNMENT_RULE_READS,
    "posterior": pb.ALIGNMENT_RULE_POSTERIOR,
}
_SEGMENTATIONS = {
    "sentences": pb.SEGMENTATION_SENTENCES,
    "none": pb.SEGMENTATION_NONE,
}
_TEXT_FORMATS = {
    "plain": pb.TEXT_FORMAT_PLAIN,
    "html": pb.TEXT_FORMAT_HTML,
    "xml": pb.TEXT_FORMAT_XML,
    "markdown": pb.TEXT_FORMAT_MARKDOWN,
}
_UINT32_MAX = 2**32 - 1
_UINT64_MAX = 2**64 - 1
_GREEDY = DecodingOptions()


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model to use: by name, by BCP 47 tags of languages, or, all empty, the default."""

    model: str = ""
    source_language: str = ""
    target_language: str = ""

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a request, str each; InvalidRequest for what a message cannot hold."""
        fields = asdict(self)
        for name, value in fields.items():
            check_text(name, value)
        return fields


@dataclass(frozen=True, slots=True)
class TextOptions:
    """What texts are, and what of them is not translated; see `Client.translate`."""

    segmentation: Segmentation = "sentences"
    text_format: TextFormat = "plain"
    glossary: Mapping[str, str] = field(default_factory=dict)
    glossary_name: str = ""
    protected: tuple[tuple[int, int], ...] = ()

    @property
    def fields(self) -> dict[str, Any]:
        """Fields of a request, without protected spans; InvalidRequest for wrong values."""
        if self.segmentation not in _SEGMENTATIONS:
            raise _not_one_of("segmentation", self.segmentation, _SEGMENTATIONS)
        if self.text_format not in _TEXT_FORMATS:
            raise _not_one_of("text_format", self.text_format, _TEXT_FORMATS)
        check_text("glossary_name", self.glossary_name)
        for term in (*self.glossary.keys(), *self.glossary.values()):
            check_text("glossary", term)
        return {
            "segmentation": _SEGMENTATIONS[self.segmentation],
            "text_format": _TEXT_FORMATS[self.text_format],
            "glossary": [
                pb.GlossaryEntry(source=source, target=target)
                for source, target in self.glossary.items()
            ],
            "glossary_name": self.glossary_name,
        }


def translate_request(
    text: str,
    *,
    choice: ModelChoice,
    decoding: DecodingOptions | None,
    attention: Attention,
    options: TextOptions,
) -> pb.TranslateRequest:
    """Make the request for one text."""
    check_text("text", text)
    return pb.TranslateRequest(
        text=text,
        decoding=_decoding(decoding),
        attention=_attention(attention),
        protected_spans=[_span(*span) for span in options.protected],
        **options.fields,
        **choice.fields,
    )


def batch_request(
    texts: Sequence[str],
    *,
    choice: ModelChoice,
    decoding: DecodingOptions | None,
    attention: Attention,
    options: TextOptions,
) -> pb.TranslateBatchRequest:
    """Make the request for many texts, which have passed `check_text`."""
    if decoding and decoding.beam_search and decoding.beam_search.provisional:
        raise _invalid(
            "decoding.beam_search.provisional", "a batch comes at once: leave it out, or stream"
        )
    return pb.TranslateBatchRequest(
        texts=texts,
        decoding=_decoding(decoding),
        attention=_attention(attention),
        **options.fields,
        **choice.fields,
    )


def align_request(
    source: str,
    target: str,
    *,
    choice: ModelChoice,
    rule: AlignmentRule | None,
    attention: Attention,
) -> pb.AlignRequest:
    """Make the request to align a pair."""
    check_text("source", source)
    check_text("target", target)
    if rule not in _RULES:
        raise _invalid("rule", f"{rule!r} is not one of {', '.join(filter(None, _RULES))}")
    return pb.AlignRequest(
        source=source,
        target=target,
        **choice.fields,
        attention=_attention(attention),
        rule=_RULES[rule],
    )


def explain_request(
    text: str, target: str, *, choice: ModelChoice, token_index: int
) -> pb.ExplainRequest:
    """Make the request to explain a token; an empty target is that of greedy search."""
    check_text("text", text)
    check_text("target", target)
    return pb.ExplainRequest(
        text=text,
        target=target,
        token_index=_number("token_index", token_index),
        **choice.fields,
    )


def get_model_request(choice: ModelChoice) -> pb.GetModelRequest:
    """Make the request to describe a model."""
    return pb.GetModelRequest(**choice.fields)


def check_text(field: str, text: str) -> None:
    """Raise InvalidRequest for text that UTF-8, and so protobuf, cannot hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = f"U+{ord(text[error.start]):04X}"
        raise _invalid(
            field,
            f"character {error.start + 1} is {code}, half of a surrogate pair, which is no "
            "character: was the text read with the wrong encoding?",
        ) from None


def _attention(attention: Attention) -> pb.Attention.ValueType:
    if attention not in _ATTENTION:
        raise _not_one_of("attention", attention, _ATTENTION)
    return _ATTENTION[attention]


def _not_one_of(name: str, value: str, values: Iterable[str]) -> InvalidRequest:
    return _invalid(name, f"{value!r} is not one of {', '.join(values)}")


def _span(start: int, end: int) -> pb.Span:
    if not 0 <= start < end <= _UINT32_MAX:
        raise _invalid("protected", f"{start} to {end} is not a range of characters")
    return pb.Span(start=start, end=end)


def _decoding(decoding: DecodingOptions | None) -> pb.DecodingOptions | None:
    if decoding is None or decoding == _GREEDY:
        return None
    beam, sampling = decoding.beam_search, decoding.sampling
    if beam is not None and sampling is not None:
        raise _invalid("decoding", "a beam and sampling exclude each other: choose one")
    check_text("decoding.target_prefix", decoding.target_prefix)
    return pb.DecodingOptions(
        max_tokens=_number("decoding.max_tokens", decoding.max_tokens),
        min_tokens=_number("decoding.min_tokens", decoding.min_tokens),
        target_prefix=decoding.target_prefix,
        beam_search=None if beam is None else _beam_search(beam),
        sampling=None if sampling is None else _sampling(sampling),
        alternatives=_number("decoding.alternatives", decoding.alternatives),
        replace_unknown=decoding.replace_unknown,
    )


def _beam_search(beam: BeamSearch) -> pb.BeamSearch:
    name = "decoding.beam_search."
    return pb.BeamSearch(
        width=_number(name + "width", beam.width),
        num_hypotheses=_number(name + "num_hypotheses", beam.num_hypotheses),
        length_penalty=beam.length_penalty,
        coverage_penalty=beam.coverage_penalty,
        provisional=beam.provisional,
    )


def _sampling(sampling: Sampling) -> pb.Sampling:
    name = "decoding.sampling."
    return pb.Sampling(
        temperature=sampling.temperature,
        top_k=_number(name + "top_k", sampling.top_k),
        top_p=sampling.top_p,
        seed=_number(name + "seed", sampling.seed, _UINT64_MAX),
    )


def _number(field: str, value: int | None, most: int = _UINT32_MAX) -> Any:
    """The number; Any because the stubs do not say that None leaves a field unset."""
    if value is not None and not 0 <= value <= most:
        raise _invalid(field, f"{value} is not in 0 to {most}")
    return value


def _invalid(field: str, description: str) -> InvalidRequest:
    return InvalidRequest(f"{field}: {description}", field=field, description=description)
