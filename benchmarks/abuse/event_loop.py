"""Run as `python -m benchmarks.abuse.event_loop`: how long messages hold the event loop.

Prints a table: for each kind of message the longest time that the loop was held, the longest CPU
time that it spent at once, which does not depend on what else the machine does, the peak memory,
and the status that the caller got.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import grpc
import typer

from benchmarks.abuse.service_process import ServiceProcess
from jumok.v1 import translation_pb2 as pb

_SERVICE: Final = "/jumok.v1.TranslationService/"
_SETTLING: Final = 0.3  # seconds until the loop is idle and has noted its last time
_LIGATURE: Final = "\ufdfa"  # 18 characters after normalization
_SENTENCE: Final = "저는 어제 친구와 함께 영화를 봤어요"
_LONG: Final = "나는 학교에 가요 " * 16
_UNKNOWN: Final = b"\x78\x01"  # field 15, a varint
_BAD_TEXT: Final = b"\x0a\x01\xff"
_WIDE: Final = pb.DecodingOptions(
    beam_search=pb.BeamSearch(width=16, num_hypotheses=16), alternatives=16, min_tokens=100
)
_HTML: Final = pb.TEXT_FORMAT_HTML
_MARKDOWN: Final = pb.TEXT_FORMAT_MARKDOWN
_GLOSSARY: Final = [
    pb.GlossaryEntry(source="가나" + "다" * length, target="a") for length in range(198)
]


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of message.

    Attributes:
        name: what is sent.
        method: to which method.
        content: makes the request.
        calls: how many calls are made at once.
    """

    name: str
    method: str
    content: Callable[[], bytes]
    calls: int = 1


def _translate(**fields: Any) -> Callable[[], bytes]:
    return lambda: pb.TranslateRequest(**fields).SerializeToString()


def _batch(texts: list[str], **fields: Any) -> Callable[[], bytes]:
    return lambda: pb.TranslateBatchRequest(texts=texts, **fields).SerializeToString()


CASES: Final = [
    Case("an ordinary sentence", "Translate", _translate(text=_SENTENCE)),
    Case("4,000 × U+FDFA", "Translate", _translate(text=_LIGATURE * 4000)),
    Case("40 calls of 4,000 × U+FDFA", "Translate", _translate(text=_LIGATURE * 4000), 40),
    Case("4,000 emoji", "Translate", _translate(text="\U0001f600" * 4000)),
    Case("batch of 85 × 4,000 × U+FDFA", "TranslateBatch", _batch([_LIGATURE * 4000] * 85)),
    Case("batch of 1,000 × 330 × U+FDFA", "TranslateBatch", _batch([_LIGATURE * 330] * 1000)),
    Case(
        "batch of 100 with a prefix of 4,000 × U+FDFA",
        "TranslateBatch",
        _batch([_SENTENCE] * 100, decoding=pb.DecodingOptions(target_prefix=_LIGATURE * 4000)),
    ),
    Case("20 MiB of unknown fields", "Translate", lambda: _UNKNOWN * (10 * 2**20) + _BAD_TEXT),
    Case("3 MiB of unknown fields", "Translate", lambda: _UNKNOWN * (3 * 2**19) + _BAD_TEXT),
    Case("1 MiB of unknown fields", "TranslateBatch", lambda: _UNKNOWN * 2**19),
    Case("1 MiB of empty texts", "TranslateBatch", lambda: b"\x0a\x00" * 2**19),
    Case("1 MiB of empty options", "TranslateBatch", lambda: b"\x1a\x00" * 2**19),
    Case("a paragraph of 4,000 characters", "Translate", _translate(text=f"{_SENTENCE}. " * 150)),
    Case("500 lines", "Translate", _translate(text="가나다\n" * 500)),
    Case("2,000 × 「。", "Translate", _translate(text="「。" * 2000)),
    Case("a sentence of 4,000 characters", "Translate", _translate(text="가, " * 1333)),
    Case("batch of 85 × 2,000 lines", "TranslateBatch", _batch(["가\n" * 2000] * 85)),
    Case(
        "1,100 tags", "Translate", _translate(text="가 " + "<a>" * 1100 + " 다", text_format=_HTML)
    ),
    Case(
        "450 nested elements",
        "Translate",
        _translate(text="<b>가 " * 450 + "</b>" * 450, text_format=_HTML),
    ),
    Case("1,000 lists", "Translate", _translate(text="* 가\n" * 1000, text_format=_MARKDOWN)),
    Case("200 terms", "Translate", _translate(text="가나 " * 1300, glossary=_GLOSSARY)),
    Case("a text of 1 MiB", "Translate", _translate(text="가" * (2**20 // 3 - 20))),
    Case("batch of 1,000 texts, 1 MiB", "TranslateBatch", _batch(["가 " * 260] * 1000)),
    Case("batch of 1,000 sentences", "TranslateBatch", _batch([_SENTENCE] * 1000)),
    Case(
        "batch of 1,000, 16 hypotheses, dense",
        "TranslateBatch",
        _batch([_SENTENCE] * 1000, decoding=_WIDE, attention=pb.ATTENTION_DENSE),
    ),
    Case(
        "batch of 64 × 100 tokens, dense",
        "TranslateBatch",
        _batch(
            [_LONG] * 64,
            decoding=pb.DecodingOptions(min_tokens=100),
            attention=pb.ATTENTION_DENSE,
        ),
    ),
    Case(
        "16 hypotheses × 16 alternatives, dense",
        "Translate",
        _translate(text=_LONG, decoding=_WIDE),
    ),
    Case(
        "Align 100 × 100, dense, posterior",
        "Align",
        lambda: pb.AlignRequest(
            source=_LONG, target="I go to school. " * 19, rule=pb.ALIGNMENT_RULE_POSTERIOR
        ).SerializeToString(),
    ),
]


async def send(channel: grpc.aio.Channel, case: Case) -> str:
    """Make one call, and return its status."""
    content = case.content()
    path = _SERVICE + case.method
    method: Any  # the stubs of gRPC do not know that bytes can be sent
    try:
        if case.method == "Translate":
            method = channel.unary_stream(path)
            async for _ in method(content, timeout=600):
                pass
        else:
            method = channel.unary_unary(path)
            await method(content, timeout=600)
    except grpc.aio.AioRpcError as error:
        return error.code().name
    return "OK"


async def measure(service: ServiceProcess, rounds: int, only: str) -> None:
    """Print one row of the table for each case."""
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    async with grpc.aio.insecure_channel(service.address, options=options) as channel:
        await send(channel, CASES[0])
        typer.echo(
            "| message | held, ms | CPU at once, ms | peak memory, MiB | status |\n"
            "| --- | --- | --- | --- | --- |"
        )
        for case in CASES:
            if only not in case.name:
                continue
            service.measured()
            statuses: set[str] = set()
            for _ in range(rounds):
                calls = [send(channel, case) for _ in range(case.calls)]
                statuses.update(await asyncio.gather(*calls))
            await asyncio.sleep(_SETTLING)
            found = service.measured()
            typer.echo(
                f"| {case.name} | {1000 * found.held:.1f} | {1000 * found.own:.1f} "
                f"| {found.peak:.0f} | {', '.join(sorted(statuses))} |"
            )


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Times that each message is sent.")] = 3,
    only: Annotated[str, typer.Option(help="Send only messages whose name contains this.")] = "",
) -> None:
    """Measure how long messages hold the event loop of a service."""
    with ServiceProcess() as service:
        asyncio.run(measure(service, rounds, only))


if __name__ == "__main__":
    typer.run(main)
