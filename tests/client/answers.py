"""Responses of the test server."""

import re
import struct
from typing import Any

from google.protobuf.duration_pb2 import Duration

from jumok.v1 import translation_pb2 as pb

TEXT = "나는 학생입니다"
ENGLISH = "I am a student"


def source() -> pb.Source:
    """The source event of `TEXT`, the example in the .proto."""
    return pb.Source(
        tokens=[
            pb.SourceToken(id=11, piece="▁나는", start=0, end=2, word=0),
            pb.SourceToken(id=12, piece="▁학생", start=3, end=5, word=1),
            pb.SourceToken(id=13, piece="입니다", start=5, end=8, word=1),
            pb.SourceToken(id=3, piece="</s>", start=8, end=8),
        ],
        words=[pb.Span(start=0, end=2), pb.Span(start=3, end=8)],
    )


def tokens(attention: int = pb.ATTENTION_DENSE, alternatives: int = 0) -> list[pb.Token]:
    """The tokens of the translation, with the requested attention."""
    rows = [
        ("▁I", "I", [0.96, 0.02, 0.01, 0.01]),
        ("▁am", " am", [0.03, 0.07, 0.88, 0.02]),
        ("▁a", " a", [0.05, 0.55, 0.35, 0.05]),
        ("▁stu", " stu", [0.0, 1.0, 0.0, 0.0]),
        ("dent", "dent", [0.0, 0.5, 0.25, 0.25]),
    ]
    made = []
    for number, (piece, text, row) in enumerate(rows):
        token = pb.Token(id=21 + number, piece=piece, text=text, log_prob=-0.25)
        if attention in (pb.ATTENTION_DENSE, pb.ATTENTION_UNSPECIFIED):
            token.attention.extend(row)
        if attention == pb.ATTENTION_DENSE_BYTES:
            token.attention_bytes = struct.pack("<4f", *row)
        token.alternatives.extend(
            pb.Alternative(id=31 + other, piece=f"▁{text.strip()}{other}", log_prob=-2.0 - other)
            for other in range(alternatives)
        )
        if attention != pb.ATTENTION_NONE:
            token.best_position = row.index(max(row))
        made.append(token)
    return made


def words(text: str) -> list[pb.Span]:
    """The words of the translation."""
    return [pb.Span(start=found.start(), end=found.end()) for found in re.finditer(r"\S+", text)]


def hypothesis(text: str, score: float = -0.25, **fields: Any) -> pb.Hypothesis:
    """One complete hypothesis."""
    fields = {"finish_reason": pb.FINISH_REASON_END_OF_SENTENCE, **fields}
    link = pb.AlignmentLink(source_word=1, target_word=3, weight=0.75)
    return pb.Hypothesis(
        text=text, log_prob=-1.5, score=score, words=words(text), alignment=[link], **fields
    )


def result(*others: pb.Hypothesis, **fields: Any) -> pb.Result:
    """The result, with further hypotheses."""
    fields = {"finish_reason": pb.FINISH_REASON_END_OF_SENTENCE, **fields}
    return pb.Result(
        hypotheses=[hypothesis(ENGLISH, finish_reason=fields["finish_reason"]), *others],
        timings=pb.Timings(
            queued=Duration(nanos=1_000_000),
            first_token=Duration(nanos=12_000_000),
            total=Duration(seconds=1, nanos=500_000_000),
        ),
        model="ko-en",
        model_fingerprint="f" * 64,
        **fields,
    )


def explanation(target: str = "", index: int = 0) -> pb.ExplainResponse:
    """The explanation of a token of the translation, or of a given one whose tokens are words."""
    given = [
        pb.Token(id=41 + n, piece=f"▁{word}", text=f"{' ' * (n > 0)}{word}", log_prob=-9.5)
        for n, word in enumerate(target.split())
    ]
    written = [*(given or tokens(pb.ATTENTION_BEST)), pb.Token(id=3, piece="</s>", log_prob=-0.25)]
    best = [
        pb.Alternative(id=token.id, piece=token.piece, log_prob=token.log_prob)
        for token in written[index : index + 1]
        if not given
    ]
    weights = [0.5, 0.25, 0.125, 0.125]
    return pb.ExplainResponse(
        source=source(),
        tokens=written,
        token_index=index,
        query=[0.5, -0.25, 1.5],
        positions=[
            pb.ExplainedPosition(
                key=[1.0 * n, 2.0], value=[1.0, 2.0 * n, 4.0], score=-1.0 * n, attention=weight
            )
            for n, weight in enumerate(weights)
        ],
        context=[1.0, 1.75, 4.0],
        decoder_output=[0.5, -0.25, 1.5],
        attentional=[0.75, -0.5],
        lexical=[0.125, 0.25],
        candidates=[*best, pb.Alternative(id=77, piece="▁other", log_prob=-2.5)],
        score_function="additive",
        wiring="luong",
        model="ko-en",
        model_fingerprint="f" * 64,
    )
