"""P5: the service over gRPC, including its clients."""

import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import grpc

from benchmarks.errors import PeerError
from benchmarks.serving.grpc_clients import ask_all
from benchmarks.serving.provider import Provider
from benchmarks.serving.workload import Sentence
from jumok.bundle.manifest import Precision
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub


class ServiceGrpc:
    """A server process, and its clients in this process, which use gRPC's stubs.

    Attributes:
        address: address of the server.
        process_id: process id of the server.
    """

    def __init__(
        self, bundle: Path, precision: Precision, clients: int, provider: Provider
    ) -> None:
        """Start the server.

        Raises:
            PeerError: the server does not start.
        """
        self._clients = clients
        command = [sys.executable, "-m", "jumok.cli", "serve", str(bundle)]
        command += ["--listen", "localhost:0"]
        self._server = subprocess.Popen(
            [*command, "--log-format", "json", "--precision", precision, "--provider", provider],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._server.stderr is not None
        found = re.search(r'"port": (\d+)', self._server.stderr.readline())
        if found is None:
            raise PeerError("the server did not start: " + self._server.stderr.read())
        self.address = f"localhost:{found[1]}"
        self.process_id = self._server.pid

    def run(self, sentences: Sequence[Sentence], clients: int | None = None) -> None:
        """Translate all sentences; `clients` overrides the number of concurrent clients."""
        ask_all(self.address, sentences, clients or self._clients, _connect)

    def stop(self) -> None:
        """Stop the server."""
        self._server.terminate()
        self._server.wait()


def _connect(channel: grpc.aio.Channel) -> Callable[[Sentence], Awaitable[None]]:
    stub: Any = TranslationServiceStub(channel)

    async def translate(sentence: Sentence) -> None:
        request = pb.TranslateRequest(
            text=sentence.text,
            decoding=pb.DecodingOptions(max_tokens=sentence.length, min_tokens=sentence.length),
            attention=pb.ATTENTION_DENSE_BYTES,
        )
        written = 0
        async for response in stub.Translate(request):
            if response.WhichOneof("event") == "tokens":
                written += len(response.tokens.tokens)
        if written != sentence.length:
            raise PeerError(f"expected {sentence.length} tokens, got {written}")

    return translate
