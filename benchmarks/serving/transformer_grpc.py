"""P8: CTranslate2 behind a small grpc.aio server that streams tokens from the step callback.

This is a straightforward streaming server for CTranslate2: requests that arrive while a batch runs
form the next batch, the callback passes each token to the stream of its request, and a stream sends
all waiting tokens in one message. Each request, and its row in the batch, ends at its own length.
Unlike the service, it neither tokenizes nor detokenizes text, and sends no attention.
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
    """A server process, and its clients in this process.

    Attributes:
        address: address of the server.
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
        """Serve the model that `make_transformer` wrote, with `workers` batches at a time.

        A batch has at most `clients / workers` sentences and runs on `threads` threads.

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
            raise PeerError("the CTranslate2 server did not start")
        self.address = f"localhost:{port}"

    def run(self, sentences: Sequence[Sentence]) -> None:
        """Translate all sentences."""
        ask_all(self.address, sentences, self._clients, self._connect)

    def stop(self) -> None:
        """Stop the server."""
        with self._server:  # waits for its end and closes the pipe
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
                raise PeerError(f"expected {sentence.length} tokens, got {written}")

        return translate


class _Request(NamedTuple):
    """A sentence waiting for a batch; its tokens are passed to `put`."""

    pieces: list[str]
    length: int
    put: Callable[[Any], None]


class _Batches:
    """Batches the waiting requests, on one thread per worker."""

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
    """Serve a CTranslate2 model on a free port, and print the port."""
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
