"""HTTP/2 frames for clients that do what no HTTP library does (RFC 9113, section 6)."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, CONTINUATION = 0, 1, 3, 4, 6, 9
ACKNOWLEDGED: Final = 1
END_STREAM, END_HEADERS = 1, 4


class Frame(NamedTuple):
    """A received frame."""

    kind: int
    flags: int
    payload: bytes


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Encode a frame."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def header(name: str, value: str) -> bytes:
    """Encode a header for HPACK, as a literal without indexing."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def call_headers(method: str) -> bytes:
    """Encode the headers of a call of the translation service."""
    headers = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", f"/jumok.v1.TranslationService/{method}"),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    ]
    return b"".join(header(*each) for each in headers)


class FrameReader:
    """Divides received bytes into frames."""

    def __init__(self) -> None:
        self._received = b""

    def feed(self, content: bytes) -> Iterator[Frame]:
        """Yield the frames that are complete now."""
        self._received += content
        while len(self._received) >= 9:
            end = 9 + int.from_bytes(self._received[:3], "big")
            if len(self._received) < end:
                return
            kind, flags = self._received[3], self._received[4]
            payload, self._received = self._received[9:end], self._received[end:]
            yield Frame(kind, flags, payload)
