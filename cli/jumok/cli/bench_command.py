"""`jumok bench`: put load on a running server and measure latency and throughput."""

import asyncio
import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from jumok.cli.connection import LOCAL, Connection, Timeout, connects
from jumok.cli.latency import Latency, Percentiles, summarise
from jumok.cli.lines import read_lines
from jumok.cli.load import Ask, Load, closed_loop, freeze_heap, open_loop
from jumok.cli.picture import checked_path
from jumok.client.decoding import BeamSearch, DecodingOptions
from jumok.client.errors import ClientError, InvalidRequest

USER_ERRORS: tuple[type[Exception], ...] = (ClientError, OSError)

_SENTENCES = {
    "ko": (
        "안녕하세요",
        "나는 학생입니다",
        "비가 오면 창문을 닫아 주세요",
        "저는 어제 친구와 함께 영화를 봤어요",
        "내일 아침에 서울에서 부산까지 가는 기차표를 두 장 예약해 주세요",
        "회의가 몇 시에 시작하는지 알려 주시면 그 시간에 맞춰서 자료를 준비하겠습니다",
    ),
    "de": (
        "Guten Morgen!",
        "Kannst du mir bitte helfen?",
        "Ich habe das Buch gestern gelesen.",
        "Der Mann, der dort steht, ist mein Bruder.",
        "Wenn es morgen nicht regnet, gehen wir mit den Kindern in den Zoo.",
        "Ich weiß nicht, warum er gestern nicht gekommen ist, obwohl er es versprochen hatte.",
    ),
}
_WARM_UP = 16


@connects
def run(
    connection: Connection = LOCAL,
    clients: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help="Concurrent clients (closed loop): each sends its next request "
            "when the last is answered.",
        ),
    ] = 32,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            metavar="R",
            help="Send R requests a second instead, at random times (open loop).",
        ),
    ] = None,
    requests: Annotated[int, typer.Option(min=1, metavar="N", help="Number of requests.")] = 1000,
    texts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File of texts, one per line, used in rotation.  Default: built-in Korean or "
            "German sentences.",
        ),
    ] = None,
    beam: Annotated[int, typer.Option(min=1, max=16, metavar="WIDTH", help="Beam width.")] = 1,
    length: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Make every translation exactly N tokens long."),
    ] = None,
    most_ttft: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="MS",
            help="Count a call towards goodput if its first token came within MS.",
        ),
    ] = None,
    most_itl: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="MS", help="And if its tokens came at most MS apart on average."
        ),
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write all figures to FILE as JSON."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", callback=checked_path, help="Plot the latencies to FILE."),
    ] = None,
    timeout: Timeout = 60.0,
) -> None:
    """Put load on a running server, and measure latency and throughput.

    TTFT is the time to the first token, ITL the time between tokens; tokens that arrive in one
    message share its time equally.
    """
    decoding = DecodingOptions(
        max_tokens=length,
        min_tokens=length,
        beam_search=BeamSearch(width=beam) if beam > 1 else None,
    )

    async def put_load() -> Load:
        async with connection.async_client(timeout) as client:
            model = await client.get_model()
            sentences = itertools.cycle(_sentences(texts, model.source_language))
            asks = [Ask(text, decoding) for text in itertools.islice(sentences, requests)]
            await closed_loop(client, asks[:_WARM_UP], _WARM_UP)
            freeze_heap()
            if rate is not None:
                return await open_loop(client, asks, rate)
            return await closed_loop(client, asks, clients)

    connection.await_start(timeout)
    load = asyncio.run(put_load())
    seconds = [None if limit is None else limit / 1000 for limit in (most_ttft, most_itl)]
    latency = summarise(load, *seconds)
    if latency.failed == latency.calls:
        raise InvalidRequest(f"every call failed: {load.calls[0].error}")
    if figures is not None:
        asked = {"rate": rate} if rate else {"clients": clients}
        report = {**asked, "requests": requests, "beam": beam, **asdict(latency)}
        figures.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", "utf-8")
    if plot is not None:
        from jumok.cli.latency_picture import draw_latency  # matplotlib takes half a second

        draw_latency(load, plot)
    _show(latency)
    if latency.failed:
        error = next(call.error for call in load.calls if call.error)
        print(f"jumok bench: {latency.failed} calls failed, the first: {error}", file=sys.stderr)
        raise typer.Exit(1)


def _sentences(path: Path | None, language: str) -> Sequence[str]:
    if path is not None:
        found = []
        with path.open("rb") as file:
            for number, line in read_lines(file):
                if isinstance(line, InvalidRequest):
                    raise InvalidRequest(f"{path}, line {number}: {line}")
                if line.strip():
                    found.append(line)
        if not found:
            raise InvalidRequest(f"{path} has no text: put one on each line")
        return found
    own = _SENTENCES.get(language.partition("-")[0].lower())
    if own is None:
        raise InvalidRequest(
            f"jumok has no sentences in {language!r} of its own: name a file of some with --texts"
        )
    return own


def _show(latency: Latency) -> None:
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for name in ("milliseconds", "p50", "p95", "p99"):
        table.add_column(name, justify="left" if name == "milliseconds" else "right")
    for name, times in (
        ("to the first token (TTFT)", latency.ttft),
        ("between tokens (ITL)", latency.itl),
        ("to the end", latency.end_to_end),
    ):
        table.add_row(name, *_milliseconds(times))
    console.print(table)
    good = "" if latency.goodput is None else f", {latency.goodput:,.1f} of them good"
    console.print(
        f"{latency.tokens_per_second:,.0f} tokens/s, "
        f"{latency.calls_per_second:,.1f} calls/s{good}; "
        f"{latency.calls - latency.failed:,} of {latency.calls:,} calls in {latency.seconds:.1f} s",
        soft_wrap=True,
    )


def _milliseconds(times: Percentiles) -> list[str]:
    values: Any = asdict(times).values()
    return ["–" if value is None else f"{1000 * value:,.2f}" for value in values]
