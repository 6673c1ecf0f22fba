"""How much heavy callers slow down ordinary ones: `python -m benchmarks.abuse.fairness`.

31 ordinary callers translate short sentences in a closed loop, each on a connection of its own:
first alone, then beside heavy callers, then alone again, and so on.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final

import grpc
import typer

from benchmarks.abuse.service import ROOT, connect, quantile, running_service
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

TEXTS: Final = [
    "저는 어제 친구와 함께 영화를 봤어요",
    "내일 날씨가 좋으면 공원에 가요",
    "이 책은 정말 재미있어요",
    "우리는 주말에 할머니 댁에 갔어요",
]
_ORDINARY: Final = 31
_LONG: Final = ("나는 " * 49).strip()
_WIDEST: Final = pb.DecodingOptions(
    min_tokens=100, beam_search=pb.BeamSearch(width=16, num_hypotheses=16)
)
_BEST_OF_WIDEST: Final = pb.DecodingOptions(
    min_tokens=100, beam_search=pb.BeamSearch(width=16)
)  # a batch with 16 hypotheses of each text is refused: its response would be too large
_Heavy = Callable[[Any], Awaitable[Any]]


async def _beam(stub: Any) -> None:
    async for _ in stub.Translate(pb.TranslateRequest(text=_LONG, decoding=_WIDEST)):
        pass


def _batch(decoding: pb.DecodingOptions) -> _Heavy:
    request = pb.TranslateBatchRequest(
        texts=[_LONG] * 128, decoding=decoding, attention=pb.ATTENTION_NONE
    )
    return lambda stub: stub.TranslateBatch(request)


async def _align(stub: Any) -> None:
    await stub.Align(
        pb.AlignRequest(source=_LONG, target="I am " * 49, rule=pb.ALIGNMENT_RULE_POSTERIOR)
    )


_HEAVY: Final[dict[str, tuple[int, _Heavy]]] = {
    "8 callers, beam 16, 100 tokens": (8, _beam),
    "1 batch of 128 such texts, best hypothesis": (1, _batch(_BEST_OF_WIDEST)),
    "1 batch of 128 long greedy texts": (1, _batch(pb.DecodingOptions(min_tokens=100))),
    "8 callers, posterior alignment": (8, _align),
}


def main(
    checkout: Annotated[
        Path, typer.Option(help="Root of the repository whose service to measure.")
    ] = ROOT,
    seconds: Annotated[float, typer.Option(help="Duration of each part.")] = 15,
) -> None:
    """Measure ordinary callers alone and beside heavy ones, in turns."""
    with running_service(checkout) as (_, address):
        asyncio.run(_measure(address, seconds))


async def _measure(address: str, seconds: float) -> None:
    await _ordinary(address, 3)
    print("beside | p50 alone | p50 | ratio | p99 alone | p99 | ratio | heavy calls finished")
    for name, (count, heavy) in _HEAVY.items():
        before = await _ordinary(address, seconds)
        finished = [0]
        heavies = [asyncio.create_task(_repeat(address, heavy, finished)) for _ in range(count)]
        await asyncio.sleep(1)
        times = await _ordinary(address, seconds)
        for task in heavies:
            task.cancel()
        await asyncio.gather(*heavies, return_exceptions=True)
        await asyncio.sleep(1)
        alone = before + await _ordinary(address, seconds)
        cells = [name]
        for fraction in (0.5, 0.99):
            base, loaded = quantile(alone, fraction), quantile(times, fraction)
            cells += [f"{1e3 * base:.0f} ms", f"{1e3 * loaded:.0f} ms", f"{loaded / base:.2f}"]
        print(" | ".join([*cells, str(finished[0])]), flush=True)


async def _ordinary(address: str, seconds: float) -> list[float]:
    """Return the durations of the calls of all ordinary callers, in seconds."""
    end = time.monotonic() + seconds
    times: list[float] = []

    async def caller(number: int) -> None:
        async with connect(address) as channel:
            stub: Any = TranslationServiceStub(channel)
            while (began := time.monotonic()) < end:
                number += 1
                async for _ in stub.Translate(pb.TranslateRequest(text=TEXTS[number % len(TEXTS)])):
                    pass
                times.append(time.monotonic() - began)

    await asyncio.gather(*(caller(number) for number in range(_ORDINARY)))
    return times


async def _repeat(address: str, heavy: _Heavy, finished: list[int]) -> None:
    async with connect(address) as channel:
        stub = TranslationServiceStub(channel)
        while True:
            try:
                await heavy(stub)
                finished[0] += 1
            except grpc.aio.AioRpcError as error:
                print(f"  a heavy call failed: {error.code().name} {error.details()}")
                await asyncio.sleep(1)


if __name__ == "__main__":
    typer.run(main)
