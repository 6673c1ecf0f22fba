"""P5: the service over gRPC, its clients included."""

import asyncio
import re
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

from benchmarks.errors import PeerError
from benchmarks.serving.workload import Sentence


class ServiceGrpc:
    """A server of its own process, and clients in this one that share a connection.

    Attributes:
        messages: how many messages with tokens the clients have read, and how many tokens.
    """

    def __init__(self, bundle: Path, precision: str, clients: int, beam: int = 1) -> None:
        """Start the server.

        Raises:
            PeerError: it does not start.
        """
        self._clients, self._beam = clients, beam
        self.messages = self.tokens = 0
        command = [sys.executable, "-m", "client", "serve", str(bundle), "--precision", precision]
        self._server = subprocess.Popen(
            [*command, "--listen", "localhost:0", "--log-format", "json"],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._server.stderr is not None
        found = re.search(r'"port": (\d+)', self._server.stderr.readline())
        if found is None:
            raise PeerError("the server did not start: " + self._server.stderr.read())
        self.address = f"localhost:{found[1]}"

    def run(self, sentences: Sequence[Sentence]) -> None:
        """Translate all."""
        asyncio.run(self._run(sentences))

    def stop(self) -> None:
        """End the server."""
        self._server.terminate()
        self._server.wait()

    async def _run(self, sentences: Sequence[Sentence]) -> None:
        left = deque(sentences)
        async with grpc.aio.insecure_channel(self.address) as channel:
            stub: Any = TranslationServiceStub(channel)

            async def client() -> None:
                while left:
                    await self._translate(stub, left.popleft())

            async with asyncio.TaskGroup() as group:
                for _ in range(self._clients):
                    group.create_task(client())

    async def _translate(self, stub: Any, sentence: Sentence) -> None:
        decoding = pb.DecodingOptions(max_tokens=sentence.length, min_tokens=sentence.length)
        if self._beam > 1:
            decoding.beam_search.width = self._beam
        request = pb.TranslateRequest(
            text=sentence.text, decoding=decoding, attention=pb.ATTENTION_DENSE_BYTES
        )
        written = 0
        async for response in stub.Translate(request):
            if response.WhichOneof("event") == "tokens":
                self.messages += 1
                written += len(response.tokens.tokens)
        self.tokens += written
        if written != sentence.length:
            raise PeerError(f"{written} tokens were written where {sentence.length} were asked for")
