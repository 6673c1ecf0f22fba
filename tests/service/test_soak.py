"""Many calls of all kinds, some given up at any moment: nothing of them may stay."""

import asyncio
import gc
import random
from contextlib import aclosing

import pytest

from jumok.service.errors import OverloadedError
from jumok.service.job import Job
from jumok.service.request import BeamOptions, DecodingOptions, SamplingOptions, TranslationRequest
from jumok.service.translator import Translator
from tests.service.conftest import CopyingEngine

CALLS, AT_ONCE = 10_000, 12
TEXTS = ("나는", "나는 학생입니다", "우리는 책을 읽습니다 그는 학교에 갑니다", "I am a student")
WAYS = (
    DecodingOptions(),
    DecodingOptions(max_tokens=3),
    DecodingOptions(beam=BeamOptions(width=2)),
    DecodingOptions(beam=BeamOptions(width=4, num_hypotheses=3, provisional=True)),
    DecodingOptions(sampling=SamplingOptions(seed=1), alternatives=2),
)


def jobs_alive() -> int:
    gc.collect()
    return sum(type(thing) is Job for thing in gc.get_objects())


@pytest.mark.timeout(280)
async def test_nothing_is_left_behind(translator: Translator, engine: CopyingEngine) -> None:
    """After 10,000 calls, a fifth of them given up, no row, task, outbox or job is left."""
    generator = random.Random(0)
    translator.start()
    before = jobs_alive()
    finished = given_up = 0

    async def call(text: str, decoding: DecodingOptions, patience: int | None) -> None:
        nonlocal finished, given_up
        try:
            async with aclosing(
                translator.translate(TranslationRequest(text, decoding=decoding))
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
            await call(text, decoding, patience)

    async def caller() -> None:
        for _ in range(CALLS // AT_ONCE):
            patience = generator.randrange(4) if generator.random() < 0.2 else None
            await call(generator.choice(TEXTS), generator.choice(WAYS), patience)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(caller())
    assert finished + given_up >= CALLS - AT_ONCE
    assert given_up > CALLS / 10
    assert not translator._outboxes
    async with asyncio.timeout(10):
        while translator._scheduler.running:  # noqa: ASYNC110 - it is on the engine's thread
            await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    await translator.stop()
    assert jobs_alive() <= before + 1
    assert engine.encoded <= CALLS
