"""P8: CTranslate2 behind a small grpc.aio server, its tokens streamed from its step callback.

What one would write to serve CTranslate2 as a stream: requests that wait while a batch runs form
the next batch, the callback hands each token to the stream of its request, and a stream puts all
tokens that wait into one message. A request's stream ends at its own length, and so does its row
in the batch. Unlike the service it neither tokenizes nor decodes text, and has no attention.
"""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated, Any, Final, NamedTuple

import ctranslate2
import grpc
import typer

from benchmarks.errors import PeerError
from benchmarks.serving.grpc_clients import ask_all
from benchmarks.serving.workload import Sentence
from jumok.v1 import translation_pb2 as pb

_METHOD: Final = "/ctranslate2/Translate"


class TransformerGrpc:
    """A server of its own process, and clients in this one.

    Attributes:
        address: of the server.
    """

    def __init__(
        self,
        folder: Path,
        vocabulary: Sequence[str],
        compute: str,
        clients: int,
        threads: int,
        workers: int = 1,
    ) -> None:
        """Serve what `make_transformer` wrote, with `workers` batches at a time.

        Each batch has at most its worker's share of the clients, and `threads` threads.

        Raises:
            PeerError: the server does not start.
        """
        self._clients, self._vocabulary = clients, vocabulary
        command = [sys.executable, "-m", "benchmarks.serving.transformer_grpc", str(folder)]
        command += ["--compute", compute, "--batch", str(-(-clients // workers))]
        command += ["--threads", str(threads), "--workers", str(workers)]
        self._server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._server.stdout is not None
        port = self._server.stdout.readline().strip()
        if not port:
            raise PeerError("the server of CTranslate2 did not start")
        self.address = f"localhost:{port}"

    def run(self, sentences: Sequence[Sentence]) -> None:
        """Translate all."""
        ask_all(self.address, sentences, self._clients, self._connect)

    def stop(self) -> None:
        """End the server."""
        with self._server:  # waits, and closes its output
            self._server.terminate()

    def _connect(self, channel: grpc.aio.Channel) -> Callable[[Sentence], Awaitable[None]]:
        call: Any = channel.unary_stream(
            _METHOD,
            request_serializer=pb.TranslateRequest.SerializeToString,
            response_deserializer=pb.TranslateResponse.FromString,
        )

        async def translate(sentence: Sentence) -> None:
            pieces = " ".join(self._vocabulary[token_id] for token_id in sentence.source)
            options = pb.DecodingOptions(max_tokens=sentence.length)
            written = 0
            async for response in call(pb.TranslateRequest(text=pieces, decoding=options)):
                written += len(response.tokens.tokens)
            if written != sentence.length:
                raise PeerError(f"{written} tokens of {sentence.length} were written")

        return translate


class _Request(NamedTuple):
    """A sentence that waits for a batch; its tokens go to `put`."""

    pieces: list[str]
    length: int
    put: Callable[[Any], None]


class _Batches:
    """Runs the requests that wait as the next batch, on a thread per worker."""

    def __init__(self, translator: Any, most: int, workers: int) -> None:
        self._translator, self._most = translator, most
        self._waiting: SimpleQueue[_Request] = SimpleQueue()
        for _ in range(workers):
            threading.Thread(target=self._run, daemon=True).start()

    def submit(self, request: _Request) -> None:
        self._waiting.put(request)

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < self._most and not self._waiting.empty():
                batch.append(self._waiting.get())

            def step(result: Any, batch: list[_Request] = batch) -> bool:
                request = batch[result.batch_id]
                if result.step < request.length:
                    request.put(result)
                return bool(result.step + 1 >= request.length)  # ends this row

            longest = max(request.length for request in batch)
            end: Exception | None = None
            try:
                self._translator.translate_batch(
                    [request.pieces for request in batch],
                    beam_size=1,
                    min_decoding_length=longest,
                    max_decoding_length=longest,
                    return_end_token=False,
                    callback=step,
                )
            except Exception as error:  # each stream raises it
                end = error
            for request in batch:
                request.put(end)


def _servicer(batches: _Batches) -> Callable[[pb.TranslateRequest, Any], AsyncIterator[Any]]:
    loop = asyncio.get_running_loop()

    async def translate(request: pb.TranslateRequest, context: Any) -> AsyncIterator[Any]:
        results: asyncio.Queue[Any] = asyncio.Queue()

        def put(result: Any) -> None:
            loop.call_soon_threadsafe(results.put_nowait, result)

        length = request.decoding.max_tokens
        batches.submit(_Request(request.text.split(" "), length, put))
        written = 0
        while written < length:
            # All waiting results go into one message, as in our service.
            waiting = [await results.get()]
            while not results.empty():
                waiting.append(results.get_nowait())
            ended = waiting[-1] is None
            tokens = []
            for result in waiting[: -1 if ended else None]:
                if isinstance(result, Exception):
                    raise result
                tokens.append(
                    pb.Token(
                        id=result.token_id,
                        piece=result.token,
                        text=result.token,
                        log_prob=result.log_prob or 0,
                    )
                )
            if tokens:
                yield pb.TranslateResponse(tokens=pb.Tokens(tokens=tokens))
            written += len(tokens)
            if ended:
                return

    return translate


async def _serve(translator: Any, most: int, workers: int) -> None:
    server = grpc.aio.server()
    handler: Any = grpc.unary_stream_rpc_method_handler(
        _servicer(_Batches(translator, most, workers)),
        request_deserializer=pb.TranslateRequest.FromString,
        response_serializer=pb.TranslateResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("ctranslate2", {"Translate": handler}),)
    )
    port = server.add_insecure_port("localhost:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


def main(
    folder: Path,
    compute: Annotated[str, typer.Option()] = "int8",
    batch: Annotated[int, typer.Option()] = 32,
    threads: Annotated[int, typer.Option()] = 1,
    workers: Annotated[int, typer.Option()] = 1,
) -> None:
    """Serve a model of CTranslate2 on a free port, which is printed."""
    translator = ctranslate2.Translator(
        str(folder),
        device="cpu",
        compute_type=compute,
        inter_threads=workers,
        intra_threads=threads,
    )
    asyncio.run(_serve(translator, batch, workers))


if __name__ == "__main__":
    typer.run(main)
