"""A service with a fake engine, whose steps can be held back or made to fail."""

import threading
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import grpc
import numpy as np
import pytest
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call
from numpy.typing import NDArray

from jumok.bundle.folder import Bundle
from jumok.bundle.manifest import FileEntry, GraphEntry, Graphs, Limits, Manifest
from jumok.bundle.signature import DECODER_STEP, ENCODER
from jumok.bundle.stages import Stages
from jumok.bundle.tokenizer import Tokenizer
from jumok.decoding.driver import HostRows
from jumok.decoding.step_model import Encoded, Rows, Step, StepInput
from jumok.runtime.engine import ExplainedStep
from jumok.service.config import ServiceConfig
from jumok.service.job import Job
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.scheduler import Scheduler
from jumok.service.server import Server
from jumok.v1.translation_pb2_grpc import TranslationServiceStub
from tests.service.jobs import Reader, make_job

VOCABULARY = 290
SENTENCES = ["나는 학생입니다", "그는 학교에 갑니다", "우리는 책을 읽습니다", "I am a student"]

STAGES = Stages(
    score_function="dot",
    wiring="luong",
    tensors={
        "query": "query",
        "scores": "scores",
        "context": "context",
        "decoder_output": "query",
        "attentional": "attentional",
    },
)


class CopyingEngine:
    """Translates a sentence into itself, attending to the token that it copies.

    Attributes:
        gate: if not None, each step waits for a permit.
        failing: makes the next step raise.
        stages: of the steps; None for a bundle of an older jumok.
        steps: number of steps so far.
        encoded: number of sentences encoded so far.
    """

    provider = "FakeExecutionProvider"
    precision = "float32"
    runtime_version = "0"
    signature = DECODER_STEP
    sizes: Final = {"encoder": 1, "key": 1, "state": 1}

    def __init__(self) -> None:
        self.gate: threading.Semaphore | None = None
        self.failing = False
        self.steps = 0
        self.encoded = 0
        self.stages: Stages | None = STAGES

    def open_stages(self) -> None:
        pass

    def explain(self, inputs: StepInput) -> ExplainedStep:
        step = self.step(inputs)
        scores = np.where(step.attention > 0, 100.0, 0.0).astype(np.float32)
        state = inputs.tensors["decoder_state"]
        context = step.attention @ inputs.tensors["encoder_states"]
        vectors = dict.fromkeys(("query", "decoder_output", "attentional"), state)
        return ExplainedStep(step, {**vectors, "context": context, "scores": scores})  # type: ignore[dict-item]

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        self.encoded += len(source_ids)
        states = source_ids[:, :, None].astype(np.float32)
        state = np.zeros((len(source_ids), 1), dtype=np.float32)
        tensors = {"encoder_states": states, "projected_keys": states, "decoder_state": state}
        return Encoded(tensors, source_lengths)

    def rows(self, beam: int, width: int, capacity: int) -> Rows:
        return HostRows(self, beam, width, capacity)

    def step(self, inputs: StepInput) -> Step:
        _, parents, scored_ids, candidates, tensors = inputs
        memory = tensors["encoder_states"]
        if self.gate is not None:
            self.gate.acquire()
        if self.failing:
            self.failing = False
            raise RuntimeError("the device is on fire")
        self.steps += 1
        state = np.take_along_axis(tensors["decoder_state"], parents[:, :, None], axis=1)
        places = state[:, :, 0].astype(int)
        last = tensors["source_lengths"][:, None] - 1
        places = np.minimum(places, last)
        attention = np.zeros((*places.shape, memory.shape[1]), dtype=np.float32)
        np.put_along_axis(attention, places[:, :, None], 1, axis=2)
        copied = np.take_along_axis(memory[:, :, 0], places, axis=1)
        # the others follow it in the vocabulary, each less probable than the one before
        ranks = np.arange(candidates)
        token_ids = (copied[:, :, None].astype(np.int64) + ranks) % VOCABULARY
        log_probs = np.broadcast_to(-0.5 - 2 * ranks.astype(np.float32), token_ids.shape)
        scored = np.where(scored_ids == token_ids[:, :, 0], -0.5, -9).astype(np.float32)
        return Step(token_ids, log_probs, attention, scored, {"decoder_state": state + 1})


@pytest.fixture(scope="session")
def copying_bundle() -> Bundle:
    tokenizer = Tokenizer.train(SENTENCES * 20, VOCABULARY, seed=0)
    assert tokenizer.vocabulary_size == VOCABULARY
    entry = FileEntry(size=0, sha256="0" * 64)
    manifest = Manifest(
        producer_version="0",
        name="copy",
        source_language="ko",
        target_language="ko",
        source_tokenizer="tokenizer.model",
        target_tokenizer="tokenizer.model",
        limits=Limits(max_source_tokens=60, max_target_tokens=50),
        precisions={
            "float32": Graphs(
                encoder=GraphEntry(file="encoder.onnx", signature=ENCODER),
                decoder_step=GraphEntry(file="decoder_step.onnx", signature=DECODER_STEP),
            )
        },
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
        max_rows=16,
        max_queue=4,
        max_batched=50,
        max_text_characters=300,
        drain_seconds=20,
    )


@pytest.fixture
def model(copying_bundle: Bundle, engine: CopyingEngine, config: ServiceConfig) -> ServedModel:
    return ServedModel.of(copying_bundle, engine, config.max_text_characters)  # type: ignore[arg-type]


@pytest.fixture
async def server(
    model: ServedModel, engine: CopyingEngine, config: ServiceConfig
) -> AsyncIterator[Server]:
    server = Server(config, ModelRegistry([model]))
    await server.start()
    yield server
    if engine.gate is not None:  # let held steps continue, so that draining ends
        engine.gate.release(10_000)
    await server.stop()


@pytest.fixture
async def channel(server: Server) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(f"localhost:{server.port}") as channel:
        yield channel


@pytest.fixture
def stub(channel: grpc.aio.Channel) -> Any:
    return TranslationServiceStub(channel)


async def refusal(call: AsyncIterable[object]) -> tuple[grpc.aio.AioRpcError, list[str]]:
    """Return the error of a call and the fields named in its BadRequest."""
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


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def job(model: ServedModel) -> Callable[..., Job]:
    """Make jobs of the model, with a higher limit on source tokens."""
    limits = Limits(max_source_tokens=99, max_target_tokens=50)
    return partial(make_job, replace(model, limits=limits))


def make_scheduler(
    reader: Reader, join_steps: int = 0, max_rows: int = 4, max_queue: int = 3
) -> Scheduler:
    return Scheduler(
        reader.deliver,
        max_rows=max_rows,
        max_queue=max_queue,
        max_encoded=40,
        join_steps=join_steps,
    )


@pytest.fixture
def scheduler(engine: CopyingEngine, reader: Reader) -> Iterator[Scheduler]:
    scheduler = make_scheduler(reader)
    scheduler.start()
    yield scheduler
    if engine.gate is not None:
        engine.gate.release(10_000)
    scheduler.stop()
