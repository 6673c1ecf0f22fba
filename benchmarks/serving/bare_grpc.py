"""P6: bare grpc.aio streams of messages like the service's: the upper bound that gRPC sets."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final

import grpc
import numpy as np

from benchmarks.serving.grpc_clients import ask_all
from benchmarks.serving.workload import Sentence
from jumok.v1 import translation_pb2 as pb

_METHOD: Final = "/bare/Stream"


class BareGrpc:
    """A server process that sends prepared messages, and its clients in this process.

    Attributes:
        address: address of the server.
    """

    def __init__(self, clients: int, packed: int) -> None:
        """Start the server, which sends `packed` tokens per message."""
        self._clients, self._packed = clients, packed
        self._server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.serving.bare_grpc"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._server.stdout is not None
        self.address = f"localhost:{int(self._server.stdout.readline())}"

    def run(self, sentences: Sequence[Sentence]) -> None:
        """Stream as many tokens as the translations have."""
        ask_all(self.address, sentences, self._clients, self._connect)

    async def seconds_to_first(self, sentence: Sentence, times: int) -> list[float]:
        """Return the seconds to the first message of `times` calls with pauses in between."""
        async with grpc.aio.insecure_channel(self.address) as channel:
            stream, found = self._stream(channel), []
            for _ in range(times):
                await asyncio.sleep(0.02)
                asked, came = time.perf_counter(), 0.0
                async for _ in stream(sentence):
                    came = came or time.perf_counter()
                found.append(came - asked)
        return found

    def stop(self) -> None:
        """Stop the server."""
        self._server.terminate()
        self._server.wait()

    def _connect(self, channel: grpc.aio.Channel) -> Callable[[Sentence], Awaitable[None]]:
        stream = self._stream(channel)

        async def read(sentence: Sentence) -> None:
            async for _ in stream(sentence):
                pass

        return read

    def _stream(self, channel: grpc.aio.Channel) -> Callable[[Sentence], AsyncIterator[Any]]:
        call: Any = channel.unary_stream(
            _METHOD, response_deserializer=pb.TranslateResponse.FromString
        )

        def stream(sentence: Sentence) -> AsyncIterator[Any]:
            asked = f"{sentence.length} {self._packed} {len(sentence.source)}"
            messages: AsyncIterator[Any] = call(asked.encode())
            return messages

        return stream


def _message(count: int, source: int) -> bytes:
    row = np.full(source, 1 / source, dtype="<f4").tobytes()
    token = pb.Token(
        id=1234, piece="▁word", text=" word", log_prob=-1.5, best_position=3, attention_bytes=row
    )
    return pb.TranslateResponse(tokens=pb.Tokens(tokens=[token] * count)).SerializeToString()


async def _stream(request: bytes, context: Any) -> AsyncIterator[bytes]:
    length, packed, source = map(int, request.split())
    message = _message(packed, source)
    for start in range(0, length, packed):
        yield message if start + packed <= length else _message(length - start, source)


async def _serve() -> None:
    server = grpc.aio.server()
    handler: Any = grpc.unary_stream_rpc_method_handler(_stream)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("bare", {"Stream": handler}),)
    )
    port = server.add_insecure_port("localhost:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve())
