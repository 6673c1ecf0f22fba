"""Many calls of all kinds, some abandoned midway, leak nothing."""

import asyncio
import gc
import random
from contextlib import aclosing

import pytest

from jumok.decoding.options import Decoding, SamplingParameters
from jumok.service.caller import Caller
from jumok.service.delivery import Delivery
from jumok.service.errors import OverloadedError
from jumok.service.job import Job
from jumok.service.model import ServedModel
from jumok.service.translator import TranslationOptions, Translator, read_text
from tests.service.conftest import CopyingEngine

CALLS, AT_ONCE = 10_000, 12
TEXTS = ("나는", "나는 학생입니다", "우리는 책을 읽습니다 그는 학교에 갑니다", "I am a student")
WAYS = (
    TranslationOptions(Decoding(50)),
    TranslationOptions(Decoding(3)),
    TranslationOptions(Decoding(50, beam=2)),
    TranslationOptions(Decoding(50, beam=4, hypotheses=3), provisional=True),
    TranslationOptions(Decoding(50, sampling=SamplingParameters(seed=1), alternatives=2)),
)


def jobs_alive() -> int:
    gc.collect()
    return sum(type(thing) is Job for thing in gc.get_objects())


@pytest.mark.timeout(280)
async def test_abandoned_calls_leak_nothing(model: ServedModel, engine: CopyingEngine) -> None:
    """After 10,000 calls, a fifth of them abandoned, no row, task, outbox or job is left."""
    generator = random.Random(0)
    delivery = Delivery(
        max_rows=16, max_queue=4, max_encoded=512, join_steps=1, messages_per_second=400
    )
    translator = Translator(delivery)
    delivery.start()
    before = jobs_alive()
    finished = given_up = 0

    async def call(text: str, options: TranslationOptions, patience: int | None) -> None:
        nonlocal finished, given_up
        try:
            source = read_text(model, "text", text)
            async with aclosing(
                translator.translate(model, source, options, float("inf"), Caller("Ana"))
            ) as events:
                seen = 0
                async for _ in events:
                    seen += 1
                    if patience is not None and seen > patience:
                        given_up += 1
                        return
                finished += 1
        except OverloadedError:
            await asyncio.sleep(0.01)
            await call(text, options, patience)

    async def caller() -> None:
        for _ in range(CALLS // AT_ONCE):
            patience = generator.randrange(4) if generator.random() < 0.2 else None
            await call(generator.choice(TEXTS), generator.choice(WAYS), patience)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(caller())
    assert finished + given_up >= CALLS - AT_ONCE
    assert given_up > CALLS / 10
    assert not delivery._outboxes
    async with asyncio.timeout(10):
        while delivery._scheduler.running:  # noqa: ASYNC110 - it is on the engine's thread
            await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert await delivery.stop(10)
    assert jobs_alive() <= before + 1
    assert engine.encoded <= CALLS
