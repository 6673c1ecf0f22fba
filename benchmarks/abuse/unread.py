"""Run as `python -m benchmarks.abuse.unread`: clients that never read a response.

They set the HTTP/2 flow-control window of their streams to zero, so that the service cannot send
the message of any response. Prints how and when the service ended their calls.
"""

import socket
import struct
import time
from typing import Annotated, Final

import grpc
import typer

from benchmarks.abuse.http2_frames import (
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PREFACE,
    RESET,
    SETTINGS,
    FrameReader,
    call_headers,
    frame,
)
from benchmarks.abuse.service_process import ServiceProcess
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

_SENTENCE: Final = "저는 어제 친구와 함께 영화를 봤어요"
_REQUESTS: Final[dict[str, bytes]] = {
    "Translate": pb.TranslateRequest(text=_SENTENCE).SerializeToString(),
    "TranslateBatch": pb.TranslateBatchRequest(texts=[_SENTENCE] * 10).SerializeToString(),
    "Align": pb.AlignRequest(source=_SENTENCE, target="Hello there.").SerializeToString(),
}
_INITIAL_WINDOW_SIZE: Final = 4


def _call(method: str) -> bytes:
    """Return the frames of a connection with one call, on stream 1."""
    request = _REQUESTS[method]
    return (
        PREFACE
        + frame(SETTINGS, 0, 0, struct.pack(">HI", _INITIAL_WINDOW_SIZE, 0))
        + frame(HEADERS, END_HEADERS, 1, call_headers(method))
        + frame(DATA, END_STREAM, 1, b"\0" + struct.pack(">I", len(request)) + request)
    )


def _ending(connection: socket.socket, seconds: float) -> str:
    """Read frames until the call ends, and return how."""
    connection.settimeout(seconds)
    reader = FrameReader()
    try:
        while content := connection.recv(65536):
            for received in reader.feed(content):
                if received.kind == RESET:
                    return "reset"
                if received.kind == HEADERS and received.flags & END_STREAM:
                    return "status"
    except TimeoutError:
        return "still open"
    return "connection ended"


def main(
    seconds: Annotated[float, typer.Option(help="Setting JUMOK_READER_SECONDS.")] = 2,
    patience: Annotated[float, typer.Option(help="Seconds to wait for the end.")] = 15,
) -> None:
    """Call each method without reading the response."""
    with ServiceProcess(reader_seconds=seconds) as service:
        host, _, port = service.address.rpartition(":")
        typer.echo("| method | ended by | after, s |\n| --- | --- | --- |")
        for method in _REQUESTS:
            with socket.create_connection((host, int(port))) as connection:
                begun = time.monotonic()
                connection.sendall(_call(method))
                ending = _ending(connection, patience)
                typer.echo(f"| {method} | {ending} | {time.monotonic() - begun:.1f} |")
        with grpc.insecure_channel(service.address) as channel:
            *_, last = TranslationServiceStub(channel).Translate(
                pb.TranslateRequest(text=_SENTENCE)
            )
            assert last.HasField("result")


if __name__ == "__main__":
    typer.run(main)
