"""Requests: protobuf to plain data. What is not set is None, and means the default."""

from typing import Any

from jumok.bundle.alignment import AlignmentRule
from jumok.service.errors import InvalidRequestError
from jumok.service.request import (
    AlignmentRequest,
    BeamOptions,
    DecodingOptions,
    SamplingOptions,
    TranslationRequest,
)
from jumok.v1 import translation_pb2 as pb

_RULES: dict[int, AlignmentRule | None] = {
    pb.ALIGNMENT_RULE_UNSPECIFIED: None,
    pb.ALIGNMENT_RULE_WRITES: "writes",
    pb.ALIGNMENT_RULE_READS: "reads",
    pb.ALIGNMENT_RULE_POSTERIOR: "posterior",
}


def translation_request(
    text: str, model: str, decoding: pb.DecodingOptions, deadline: float
) -> TranslationRequest:
    """Convert one text of a request, whose caller waits until `deadline`."""
    return TranslationRequest(text, model, _decoding(decoding), deadline)


def alignment_request(request: pb.AlignRequest, deadline: float) -> AlignmentRequest:
    """Convert a request whose caller waits until `deadline`.

    Raises:
        InvalidRequestError: its rule is none.
    """
    if request.rule not in _RULES:
        raise InvalidRequestError("rule", f"rule is {request.rule}, which names no AlignmentRule")
    return AlignmentRequest(
        request.source, request.target, request.model, _RULES[request.rule], deadline
    )


def _decoding(options: pb.DecodingOptions) -> DecodingOptions:
    search = options.WhichOneof("search")
    beam, sampling = options.beam_search, options.sampling
    return DecodingOptions(
        max_tokens=_set(options, "max_tokens"),
        min_tokens=_set(options, "min_tokens"),
        target_prefix=options.target_prefix,
        beam=BeamOptions(
            width=_set(beam, "width"),
            num_hypotheses=_set(beam, "num_hypotheses"),
            length_penalty=_set(beam, "length_penalty"),
            coverage_penalty=_set(beam, "coverage_penalty"),
            provisional=beam.provisional,
        )
        if search == "beam_search"
        else None,
        sampling=SamplingOptions(
            temperature=_set(sampling, "temperature"),
            top_k=_set(sampling, "top_k"),
            top_p=_set(sampling, "top_p"),
            seed=_set(sampling, "seed"),
        )
        if search == "sampling"
        else None,
        alternatives=options.alternatives,
        replace_unknown=options.replace_unknown,
    )


def _set(message: Any, field: str) -> Any:
    """Return an optional field where it is set."""
    return getattr(message, field) if message.HasField(field) else None
