"""Options of requests: checked, with defaults filled in, and converted from protobuf."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.words import TextSpan
from jumok.decoding.options import (
    MOST_ALTERNATIVES,
    MOST_SAMPLED,
    WIDEST_BEAM,
    Decoding,
    SamplingParameters,
)
from jumok.service.checked_text import TextOptions
from jumok.service.errors import InvalidRequestError
from jumok.service.model import ServedModel
from jumok.service.translator import TranslationOptions, encode_text
from jumok.text.copied_text import NotTranslated
from jumok.text.glossary import Glossary, GlossaryEntry
from jumok.text.glossary_file import CONTROL, LONGEST_TERM
from jumok.text.html import parse_html
from jumok.text.markdown import parse_markdown
from jumok.text.marked_text import plain_text
from jumok.text.xml import parse_xml
from jumok.v1 import translation_pb2 as pb

_MOST_PENALTY: Final = 10.0
_TEMPERATURES: Final = (0.01, 100.0)
_MOST_SPANS: Final = 200
_MOST_ENTRIES: Final = 200
_SEED_BITS: Final = 53  # the integers that a JavaScript number represents exactly
_PARSERS: Final = {
    int(pb.TEXT_FORMAT_HTML): parse_html,
    int(pb.TEXT_FORMAT_XML): parse_xml,
    int(pb.TEXT_FORMAT_MARKDOWN): parse_markdown,
}
_RULES: "dict[int, AlignmentRule]" = {
    pb.ALIGNMENT_RULE_WRITES: "writes",
    pb.ALIGNMENT_RULE_READS: "reads",
    pb.ALIGNMENT_RULE_POSTERIOR: "posterior",
}


def translation_options(options: pb.DecodingOptions, model: ServedModel) -> TranslationOptions:
    """Check decoding options against the limits of a model, and fill in the defaults.

    Raises:
        InvalidRequestError: an option is out of its range.
    """
    longest = model.limits.max_target_tokens
    max_tokens = options.max_tokens if options.HasField("max_tokens") else longest
    _check("decoding.max_tokens", max_tokens, 1, longest)
    _check("decoding.min_tokens", options.min_tokens, 0, max_tokens)
    _check("decoding.alternatives", options.alternatives, 0, MOST_ALTERNATIVES)
    prefix: tuple[int, ...] = ()
    if options.target_prefix:
        prefix = encode_text(
            model.target_tokenizer,
            "decoding.target_prefix",
            options.target_prefix,
            max_tokens,
            model.description.max_text_characters,
        ).ids
    search = options.WhichOneof("search")
    beam: dict[str, Any] = {}
    if search == "beam_search":
        beam = _beam(options.beam_search, model.target_tokenizer.vocabulary_size)
    return TranslationOptions(
        Decoding(
            max_tokens,
            options.min_tokens,
            prefix,
            sampling=_sampling(options.sampling) if search == "sampling" else None,
            alternatives=options.alternatives,
            **beam,
        ),
        options.beam_search.provisional,
        options.replace_unknown,
    )


def with_new_seed(options: TranslationOptions, requested: pb.DecodingOptions) -> TranslationOptions:
    """Return the options for a further text of a batch: with another seed, unless one is given."""
    sampling = options.decoding.sampling
    if sampling is None or requested.sampling.HasField("seed"):
        return options
    sampling = replace(sampling, seed=random.getrandbits(_SEED_BITS))
    return replace(options, decoding=replace(options.decoding, sampling=sampling))


def alignment_rule(request: pb.AlignRequest, model: ServedModel) -> AlignmentRule:
    """Return the alignment rule of a request, by default the model's own.

    Raises:
        InvalidRequestError: the value is not in the enum.
    """
    if request.rule == pb.ALIGNMENT_RULE_UNSPECIFIED:
        return model.description.alignment_rule
    if request.rule not in _RULES:
        raise InvalidRequestError("rule", f"rule is {request.rule}, which is not an AlignmentRule")
    return _RULES[request.rule]


def text_options(
    request: pb.TranslateRequest | pb.TranslateBatchRequest, held: Mapping[str, Glossary]
) -> TextOptions:
    """Check what a request says about its texts.

    Args:
        request: the request.
        held: the glossaries that it can name.

    Raises:
        InvalidRequestError: a value is not in its enum, the glossary or the protected spans are
            invalid, no glossary has the name, or there is a prefix as well.
    """
    if request.segmentation not in pb.Segmentation.values():
        raise InvalidRequestError(
            "segmentation",
            f"segmentation is {request.segmentation}, which is not a Segmentation",
        )
    if request.text_format not in pb.TextFormat.values():
        raise InvalidRequestError(
            "text_format", f"text_format is {request.text_format}, which is not a TextFormat"
        )
    spans = _protected_spans(request) if isinstance(request, pb.TranslateRequest) else ()
    parse = _PARSERS.get(request.text_format, plain_text)
    prefix = request.decoding.target_prefix
    if prefix and (parse is not plain_text or spans or request.glossary or request.glossary_name):
        raise InvalidRequestError(
            "decoding.target_prefix",
            "a prefix cannot be combined with markup, protected spans or a glossary; leave one out",
        )
    return TextOptions(
        divides=request.segmentation != pb.SEGMENTATION_NONE,
        parse=parse,
        not_translated=NotTranslated(
            spans, _glossary(request.glossary, _held(request.glossary_name, held))
        ),
        copies=not prefix,
    )


def _protected_spans(request: pb.TranslateRequest) -> list[TextSpan]:
    count, length = len(request.protected_spans), len(request.text)
    if count > _MOST_SPANS:
        raise InvalidRequestError(
            "protected_spans", f"there are {count} spans, but only {_MOST_SPANS} are allowed"
        )
    spans = [TextSpan(span.start, span.end) for span in request.protected_spans]
    for place, (start, end) in enumerate(spans):
        if not start < end <= length:
            raise InvalidRequestError(
                f"protected_spans[{place}]",
                f"the span is {start} to {end}; it must have a character, and end in the text, "
                f"which has {length}",
            )
    return spans


def _held(name: str, held: Mapping[str, Glossary]) -> Glossary | None:
    if name and name not in held:
        known = f"its glossaries are {', '.join(held)}" if held else "it has none"
        raise InvalidRequestError(
            "glossary_name", f"this server has no glossary {name[:100]!r}; {known}"
        )
    return held[name] if name else None


def _glossary(messages: Sequence[pb.GlossaryEntry], extends: Glossary | None) -> Glossary:
    if len(messages) > _MOST_ENTRIES:
        raise InvalidRequestError(
            "glossary", f"there are {len(messages)} entries, but only {_MOST_ENTRIES} are allowed"
        )
    for place, message in enumerate(messages):
        for side in ("source", "target"):
            term = getattr(message, side)
            if not (term.strip() and len(term) <= LONGEST_TERM):
                raise InvalidRequestError(
                    f"glossary[{place}].{side}",
                    f"the term has {len(term)} characters; it must have 1 to {LONGEST_TERM}, one "
                    "of them visible",
                )
            if CONTROL.search(term):
                raise InvalidRequestError(
                    f"glossary[{place}].{side}", "the term has a line break or control character"
                )
    entries = [GlossaryEntry(each.source.strip(), each.target.strip()) for each in messages]
    return Glossary(entries, extends)


def _beam(options: pb.BeamSearch, vocabulary: int) -> dict[str, Any]:
    name = "decoding.beam_search."
    width = options.width if options.HasField("width") else 5
    _check(name + "width", width, 1, min(WIDEST_BEAM, vocabulary - 1))
    hypotheses = options.num_hypotheses if options.HasField("num_hypotheses") else 1
    _check(name + "num_hypotheses", hypotheses, 1, width)
    length_penalty = options.length_penalty if options.HasField("length_penalty") else 1.0
    _check(name + "length_penalty", length_penalty, 0.0, _MOST_PENALTY)
    _check(name + "coverage_penalty", options.coverage_penalty, 0.0, _MOST_PENALTY)
    return {
        "beam": width,
        "hypotheses": hypotheses,
        "length_penalty": length_penalty,
        "coverage_penalty": options.coverage_penalty,
    }


def _sampling(options: pb.Sampling) -> SamplingParameters:
    name = "decoding.sampling."
    temperature = options.temperature if options.HasField("temperature") else 1.0
    _check(name + "temperature", temperature, *_TEMPERATURES)
    top_k = options.top_k if options.HasField("top_k") else MOST_SAMPLED
    _check(name + "top_k", top_k, 1, MOST_SAMPLED)
    top_p = options.top_p if options.HasField("top_p") else 1.0
    if not 0 < top_p <= 1:
        raise InvalidRequestError(
            name + "top_p", f"top_p is {top_p:g}; it must be above 0 and at most 1"
        )
    seed = options.seed if options.HasField("seed") else random.getrandbits(_SEED_BITS)
    return SamplingParameters(temperature, top_k, top_p, seed)


def _check(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # false for NaN, too
        raise InvalidRequestError(
            name, f"{name.rpartition('.')[2]} is {value:g}; it must be {least:g} to {most:g}"
        )
