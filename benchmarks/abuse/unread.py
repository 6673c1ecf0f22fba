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

from benchmarks.abuse.service_process import ServiceProcess
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

_SENTENCE: Final = "저는 어제 친구와 함께 영화를 봤어요"
_REQUESTS: Final[dict[str, bytes]] = {
    "Translate": pb.TranslateRequest(text=_SENTENCE).SerializeToString(),
    "TranslateBatch": pb.TranslateBatchRequest(texts=[_SENTENCE] * 10).SerializeToString(),
    "Align": pb.AlignRequest(source=_SENTENCE, target="Hello there.").SerializeToString(),
}
_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS = 0, 1, 3, 4
_INITIAL_WINDOW_SIZE: Final = 4
_END_STREAM, _END_HEADERS = 1, 4


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _header(name: str, value: str) -> bytes:
    """Encode a header for HPACK, as a literal without indexing."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def _call(method: str) -> bytes:
    """Return the frames of a connection with one call, on stream 1."""
    headers = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", f"/jumok.v1.TranslationService/{method}"),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    ]
    request = _REQUESTS[method]
    return (
        _PREFACE
        + _frame(_SETTINGS, 0, 0, struct.pack(">HI", _INITIAL_WINDOW_SIZE, 0))
        + _frame(_HEADERS, _END_HEADERS, 1, b"".join(_header(*each) for each in headers))
        + _frame(_DATA, _END_STREAM, 1, b"\0" + struct.pack(">I", len(request)) + request)
    )


def _ending(connection: socket.socket, seconds: float) -> str:
    """Read frames until the call ends, and return how."""
    connection.settimeout(seconds)
    received = b""
    headers = 0
    try:
        while True:
            while len(received) >= 9 and len(received) >= 9 + (
                length := int.from_bytes(received[:3], "big")
            ):
                kind, flags = received[3], received[4]
                received = received[9 + length :]
                if kind == _RESET:
                    return "reset"
                if kind == _HEADERS:
                    headers += 1
                    if flags & _END_STREAM:
                        return "status"
            content = connection.recv(65536)
            if not content:
                return "connection ended"
            received += content
    except TimeoutError:
        return "still open"


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
