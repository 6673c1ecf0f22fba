"""A service whose engine is a fake, so that its steps can be held and made to fail."""

import threading
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call
from numpy.typing import NDArray

from bundle.folder import Bundle
from bundle.manifest import FileEntry, GraphEntry, Limits, Manifest
from bundle.signature import DECODER_STEP, ENCODER
from bundle.tokenizer import Tokenizer
from service.config import ServiceConfig
from service.engine import Encoded, Sizes, Stepped
from service.server import Server
from service.translator import Translator

SENTENCES = ["나는 학생입니다", "그는 학교에 갑니다", "우리는 책을 읽습니다", "I am a student"]


class CopyingEngine:
    """Translates a sentence into itself, attending to the very token that it copies.

    Attributes:
        gate: where not None, each step waits for a permit.
        failing: makes the next step raise.
        steps: taken so far.
        encoded: sentences encoded so far.
    """

    provider = "FakeExecutionProvider"
    runtime_version = "0"
    sizes = Sizes(encoder=1, key=1, state=1)

    def __init__(self) -> None:
        self.gate: threading.Semaphore | None = None
        self.failing = False
        self.steps = 0
        self.encoded = 0

    def encode(self, source_ids: NDArray[np.int64], lengths: NDArray[np.int32]) -> Encoded:
        self.encoded += len(lengths)
        states = source_ids[:, :, None].astype(np.float32)
        return Encoded(states, states, np.zeros((len(lengths), 1), dtype=np.float32))

    def step(
        self, previous_ids: Any, parents: Any, scored_ids: Any, decoder_state: Any, *memory: Any
    ) -> Stepped:
        if self.gate is not None:
            self.gate.acquire()
        if self.failing:
            self.failing = False
            raise RuntimeError("the device is on fire")
        self.steps += 1
        encoder_states, _, _ = memory
        places = decoder_state[:, 0, 0].astype(int)
        rows = np.arange(len(places))
        attention = np.zeros((len(places), 1, encoder_states.shape[1]), dtype=np.float32)
        attention[rows, 0, places] = 1
        token_ids = encoder_states[rows, places, 0].astype(np.int64)[:, None, None]
        log_probs = np.full(token_ids.shape, -0.5, dtype=np.float32)
        return Stepped(token_ids, log_probs, attention, decoder_state + 1, log_probs[:, :, 0])


@pytest.fixture(scope="session")
def copying_bundle() -> Bundle:
    tokenizer = Tokenizer.train(SENTENCES * 20, 300, seed=0)
    entry = FileEntry(size=0, sha256="0" * 64)
    manifest = Manifest(
        producer_version="0",
        name="copy",
        source_language="ko",
        target_language="ko",
        source_tokenizer="tokenizer.model",
        target_tokenizer="tokenizer.model",
        limits=Limits(max_source_tokens=60, max_target_tokens=50, candidates=1),
        encoder=GraphEntry(file="encoder.onnx", signature=ENCODER),
        decoder_step=GraphEntry(file="decoder_step.onnx", signature=DECODER_STEP),
        files=dict.fromkeys(("tokenizer.model", "encoder.onnx", "decoder_step.onnx"), entry),
        provenance={},
    )
    return Bundle(Path("copy"), manifest, "f" * 64, tokenizer, tokenizer)


@pytest.fixture
def engine() -> CopyingEngine:
    return CopyingEngine()


@pytest.fixture
def config() -> ServiceConfig:
    return ServiceConfig(
        listen="localhost:0",
        max_rows=8,
        max_queue=4,
        max_text_characters=300,
        drain_seconds=20,
    )


@pytest.fixture
async def translator(
    copying_bundle: Bundle, engine: CopyingEngine, config: ServiceConfig
) -> Translator:
    return Translator(
        copying_bundle,
        engine,  # type: ignore[arg-type]
        max_rows=config.max_rows,
        max_queue=config.max_queue,
        max_text_characters=config.max_text_characters,
    )


@pytest.fixture
async def server(
    translator: Translator, engine: CopyingEngine, config: ServiceConfig
) -> AsyncIterator[Server]:
    server = Server(config, translator)
    await server.start()
    yield server
    if engine.gate is not None:  # let whatever is held go on, so that draining ends
        engine.gate.release(10_000)
    await server.stop()


@pytest.fixture
async def channel(server: Server) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(f"localhost:{server.port}") as channel:
        yield channel


async def refusal(call: AsyncIterable[object]) -> tuple[grpc.aio.AioRpcError, list[str]]:
    """Return the error of a call and the fields that its BadRequest names."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in call:
            pass
    fields = []
    if (status := from_call(caught.value)) is not None:  # type: ignore[arg-type]
        for detail in status.details:
            bad = error_details_pb2.BadRequest()
            if detail.Unpack(bad):
                fields += [violation.field for violation in bad.field_violations]
    assert "\n" not in (caught.value.details() or "")
    return caught.value, fields
