"""Damaged requests of all methods: which statuses do they get?

    python -m benchmarks.abuse.messages --count 5000000
    python -m benchmarks.abuse.messages --count 200000 --socket

Without `--socket`, requests are parsed and checked in this process, but not translated. With it, a
service is started and called over 8 connections. One request in 100 is well-formed with odd values
that hypothesis draws; the others are valid ones with damaged bytes. The exit status is 1 if any
status is not one that the .proto lists.
"""

import argparse
import asyncio
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import grpc
from hypothesis import HealthCheck, Phase, given, seed, settings

from benchmarks.abuse.in_process import InProcess
from benchmarks.abuse.requests import SERVICE, damaged_request, odd_requests, valid_requests
from benchmarks.abuse.small_bundle import write_small_bundle

_PROTO: Final = Path(__file__).parents[2] / "proto" / "jumok" / "v1" / "translation.proto"
_STREAMS: Final = {method.name: method.server_streaming for method in SERVICE.methods}
_ODD_SHARE: Final = 0.01
_MOST_ODD: Final = 50  # drawn at once; calls wait meanwhile
_CONNECTIONS: Final = 8
_AT_ONCE: Final = 64
_SECONDS: Final = 60  # of one call
Call = Callable[[str, bytes], Awaitable[str]]


def documented_statuses() -> set[str]:
    """Return the statuses that the .proto lists, and OK."""
    return {"OK", *re.findall(r"^//   ([A-Z_]+) ", _PROTO.read_text("utf-8"), re.MULTILINE)}


def requests(count: int, start: int, odd_share: float = _ODD_SHARE) -> Iterator[tuple[str, bytes]]:
    """Return pairs of method and request."""
    valid = valid_requests()
    methods = [name for name in valid for _ in range(1 + 2 * (name == "Translate"))]
    random = Random(start)
    odd: list[tuple[str, bytes]] = []
    for number in range(count):
        if random.random() < odd_share:
            if not odd:
                odd = _drawn(max(1, min(_MOST_ODD, round(count * odd_share))), start + number)
            yield odd.pop()
        else:
            method = random.choice(methods)
            yield method, damaged_request(random.choice(valid[method]), random)


def _drawn(count: int, start: int) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []

    @seed(start)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(odd_requests())
    def draw(request: tuple[str, bytes]) -> None:
        found.append(request)

    draw()
    return found


async def statuses(call: Call, made: Iterator[tuple[str, bytes]]) -> Counter[tuple[str, str]]:
    """Call with each request, `_AT_ONCE` at a time; count statuses by method."""
    found: Counter[tuple[str, str]] = Counter()
    documented = documented_statuses()

    async def work() -> None:
        for method, content in made:
            status = await call(method, content)
            if status not in documented:
                print(f"{method} {status}: {content.hex()}", flush=True)
            found[method, status] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(work())
    return found


async def in_process(made: Iterator[tuple[str, bytes]]) -> Counter[tuple[str, str]]:
    """Send requests through the service's checks in this process."""
    with tempfile.TemporaryDirectory() as folder:
        return await statuses(InProcess(Path(folder, "bundle")).call, made)


async def over_sockets(address: str, made: Iterator[tuple[str, bytes]]) -> Counter[tuple[str, str]]:
    """Send requests to a running service."""
    options = (("grpc.use_local_subchannel_pool", 1),)
    channels = [grpc.aio.insecure_channel(address, options) for _ in range(_CONNECTIONS)]
    places = iter(range(sys.maxsize))

    async def call(method: str, content: bytes) -> str:
        channel = channels[next(places) % _CONNECTIONS]
        path = f"/{SERVICE.full_name}/{method}"
        try:
            if _STREAMS[method]:
                stream: Any = channel.unary_stream(path)
                async for _ in stream(content, timeout=_SECONDS):
                    pass
            else:
                unary: Any = channel.unary_unary(path)
                await unary(content, timeout=_SECONDS)
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return "OK"

    try:
        return await statuses(call, made)
    finally:
        for channel in channels:
            await channel.close()


async def _serve_and_call(made: Iterator[tuple[str, bytes]]) -> Counter[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder, "bundle")
        write_small_bundle(bundle)
        service = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jumok.cli", "serve", str(bundle)),
            *("--listen", "localhost:0", "--log-format", "json"),
            stderr=subprocess.PIPE,
        )
        assert service.stderr is not None
        line = (await service.stderr.readline()).decode()
        port = re.search(r'"port": (\d+)', line)
        if port is None:
            raise SystemExit(f"the service did not start: {line}")
        log = asyncio.create_task(service.stderr.read())
        try:
            return await over_sockets(f"localhost:{port[1]}", made)
        finally:
            print(f"peak memory of the service {_peak(service.pid):.0f} MiB")
            service.terminate()
            print(f"{(await log).count(b'Traceback')} tracebacks in its log")
            await service.wait()


def _peak(pid: int) -> float:
    """Return the peak memory of a process, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--socket", action="store_true")
    arguments = parser.parse_args()
    made = requests(arguments.count, arguments.seed)
    begun = time.monotonic()
    found = asyncio.run(_serve_and_call(made) if arguments.socket else in_process(made))
    for (method, status), count in sorted(found.items()):
        print(f"{method:16} {status:20} {count:9,}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.monotonic() - begun:.0f} s, peak memory of this process {peak:.0f} MiB")
    return bool({status for _, status in found} - documented_statuses())


if __name__ == "__main__":
    sys.exit(main())
