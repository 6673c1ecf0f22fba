"""Run as `python -m benchmarks.abuse.reload`: replaces a model again and again under load."""

import asyncio
import json
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import structlog
import typer

from jumok.bundle.manifest import MANIFEST_NAME
from jumok.client.async_client import AsyncClient
from jumok.client.errors import ClientError
from jumok.service.config import DEFAULT_BUNDLE, ServiceConfig
from jumok.service.server import serve

_TEXTS = (
    "나는 학생입니다",
    "비가 오면 창문을 닫아 주세요",
    "내일 아침에 서울에서 부산까지 가는 기차표를 두 장 예약해 주세요",
)
_TICK = 0.001
_BUCKET = 0.0005
_BUCKETS = 20_000
_STARTING_SECONDS = 120


@dataclass
class Phase:
    """What clients saw in one phase.

    Attributes:
        seconds: how long each successful call took.
        failures: the failed calls, by reason.
    """

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)


class Lags:
    """How late the event loop of another process is, counted in shared memory of fixed size.

    Attributes:
        phase: number of the current phase, 0 or 1.
    """

    def __init__(self) -> None:
        """Count nothing yet."""
        context = multiprocessing.get_context("spawn")
        self.phase = context.Value("i", 0, lock=False)
        self._counts = context.Array("L", 2 * _BUCKETS, lock=False)

    def add(self, seconds: float) -> None:
        """Count one lag."""
        self._counts[self.phase.value * _BUCKETS + min(_BUCKETS - 1, int(seconds / _BUCKET))] += 1

    def of(self, phase: int) -> list[float]:
        """Return all lags of a phase in seconds, in ascending order, rounded down."""
        counts = self._counts[phase * _BUCKETS : (phase + 1) * _BUCKETS]
        return [number * _BUCKET for number, count in enumerate(counts) for _ in range(count)]


def main(
    reloads: Annotated[int, typer.Option(min=4, help="Number of reloads.")] = 100,
    clients: Annotated[int, typer.Option(min=1, help="Concurrent streams (closed loop).")] = 8,
    seconds: Annotated[
        float, typer.Option(min=1, help="Length of the phase without reloads.")
    ] = 30,
    bundle: Annotated[Path, typer.Option(help="Bundle to serve.")] = DEFAULT_BUNDLE,
) -> None:
    """Count failed calls, and measure latency, event-loop lag and memory."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "bundle"
        shutil.copytree(bundle, folder)
        asyncio.run(_measure(folder, reloads, clients, seconds))


async def _measure(folder: Path, reloads: int, clients: int, seconds: float) -> None:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    lags = Lags()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(folder, port, lags))
    process.start()
    assert process.pid is not None
    memory, durations = [], []
    async with AsyncClient(f"localhost:{port}", timeout=60) as client:
        await _started(client)
        async with _load(client, clients) as quiet:
            await asyncio.sleep(seconds)
        lags.phase.value = 1
        async with _load(client, clients) as busy:
            for number in range(reloads):
                began = time.monotonic()
                before = (await client.get_model()).fingerprint
                _change(folder, number)
                os.kill(process.pid, signal.SIGHUP)
                while (await client.get_model()).fingerprint == before:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                durations.append(time.monotonic() - began)
                await asyncio.sleep(0.5)
                memory.append(_resident(process.pid))
                print(
                    f"reload {number + 1}: {durations[-1]:.2f} s, {memory[-1]:.0f} MB, "
                    f"{len(busy.seconds)} calls, {busy.failures.total()} failed",
                    file=sys.stderr,
                )
    os.kill(process.pid, signal.SIGTERM)
    process.join()
    _print(quiet, busy, lags)
    quarter = reloads // 4
    second, last = (
        statistics.mean(part) for part in (memory[quarter : 2 * quarter], memory[-quarter:])
    )
    print(f"\na reload takes {statistics.median(durations):.2f} s (median)")
    print(f"memory: {second:.1f} MB in the second quarter, {last:.1f} MB in the last quarter")
    print(f"ratio of the two: {last / second:.3f}")
    print(
        f"ratio of p99 with reloads to without: {_p(busy.seconds, 99) / _p(quiet.seconds, 99):.2f}"
    )


def _print(quiet: Phase, busy: Phase, lags: Lags) -> None:
    print("phase            calls  failed  p50 ms  p99 ms  lag p99 ms  lag p99.9 ms  lag max ms")
    for number, (label, phase) in enumerate((("without reloads", quiet), ("with reloads", busy))):
        lag = lags.of(number)
        print(
            f"{label:15} {len(phase.seconds):6} {phase.failures.total():7} "
            f"{_p(phase.seconds, 50) * 1e3:7.0f} {_p(phase.seconds, 99) * 1e3:7.0f} "
            f"{_p(lag, 99) * 1e3:11.1f} {_p(lag, 99.9) * 1e3:13.1f} {max(lag) * 1e3:11.1f}"
        )
        for reason, count in phase.failures.items():
            print(f"  {count} × {reason}")


@asynccontextmanager
async def _load(client: AsyncClient, clients: int) -> AsyncIterator[Phase]:
    phase = Phase()
    stopping = asyncio.Event()

    async def stream(number: int) -> None:
        while not stopping.is_set():
            number += 1
            began = time.perf_counter()
            try:
                await client.translate_text(_TEXTS[number % len(_TEXTS)])
            except ClientError as error:
                phase.failures[f"{type(error).__name__}: {error}"] += 1
            else:
                phase.seconds.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(stream(number))
        try:
            yield phase
        finally:
            stopping.set()


async def _started(client: AsyncClient) -> None:
    async with asyncio.timeout(_STARTING_SECONDS):
        while True:
            try:
                await client.get_model()
            except ClientError:
                await asyncio.sleep(0.1)
            else:
                return


def _change(folder: Path, number: int) -> None:
    """Give the bundle another fingerprint."""
    manifest = json.loads((folder / MANIFEST_NAME).read_bytes())
    manifest["provenance"]["reload"] = number
    new = folder / "manifest.new"
    new.write_text(json.dumps(manifest), "utf-8")
    new.replace(folder / MANIFEST_NAME)


def _resident(process: int) -> float:
    """Return the resident memory of a process in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _p(values: Sequence[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def _serve(folder: Path, port: int, lags: Lags) -> None:
    """Serve in a process of its own, and measure how late the event loop is."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

    async def tick() -> None:
        while True:
            due = time.monotonic() + _TICK
            await asyncio.sleep(_TICK)
            lags.add(time.monotonic() - due)

    async def both() -> None:
        ticking = asyncio.create_task(tick())
        await serve(ServiceConfig(bundle=(folder,), listen=f"localhost:{port}"))
        ticking.cancel()

    asyncio.run(both())


if __name__ == "__main__":
    typer.run(main)
