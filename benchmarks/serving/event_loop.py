"""The event loop's work per token, without engine and gRPC.

Run as `python -m benchmarks.serving.event_loop`: one recorded translation is replayed to many
streams at once, and all work of the event loop is timed, from the request to the serialized
messages: tokenizing the source, waking the readers, detokenizing, and building the messages and
the result.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Annotated, Any, Final

import numpy as np
import typer

from jumok.bundle.folder import load_bundle
from jumok.decoding.hypothesis import ScoredHypothesis, TokenSequence
from jumok.service.batch_admission import BatchAdmission
from jumok.service.config import DEFAULT_BUNDLE
from jumok.service.delivery import Delivery
from jumok.service.job import Job, Update
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.servicer import TranslationServicer
from jumok.service.translator import Translator
from jumok.v1 import translation_pb2 as pb

TOKENS: Final = 18
"""Tokens of the source and of the translation, without the end of the sentence."""

_STREAMS: Final = 32


class _Engine:
    """Placeholder for the engine in the model description; it never runs."""

    provider = precision = runtime_version = "none"


class _Call:
    """A call without a deadline."""

    def time_remaining(self) -> None:
        return None


class EventLoop:
    """Replays one translation to many streams."""

    def __init__(self, model: ServedModel) -> None:
        """Record a translation of 18 tokens by `model`, with random attention."""
        self._model = model
        pieces = range(100, 100 + TOKENS)
        self._text = _text(model, TOKENS)
        rows = np.random.default_rng(0).dirichlet(np.ones(TOKENS + 1), TOKENS + 1)
        self._tokens = TokenSequence()
        for token_id, row in zip(
            (*pieces, model.special.end), rows.astype(np.float32), strict=True
        ):
            self._tokens.append(token_id, -0.5, row, ())
        self._jobs: list[Job] = []

    async def seconds(self, tokens_per_message: int, rounds: int) -> float:
        """Return the seconds per token of a stream."""
        delivery = Delivery(
            max_rows=1, max_queue=1, max_encoded=1, join_steps=0, messages_per_second=1e9
        )
        scheduler: Any = delivery._scheduler
        scheduler.submit = self._submit
        models = ModelRegistry([self._model])
        servicer = TranslationServicer(models, Translator(delivery), BatchAdmission(1, 1))
        self._all_wait = asyncio.Event()
        spent = 0.0
        for _ in range(rounds):
            self._jobs.clear()
            self._all_wait.clear()
            begun = time.perf_counter()
            readers = [asyncio.create_task(self._read(servicer)) for _ in range(_STREAMS)]
            await self._all_wait.wait()
            for decided in range(tokens_per_message, len(self._tokens), tokens_per_message):
                delivery.distribute([Update(job, decided) for job in self._jobs])
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            outcome = [ScoredHypothesis(self._tokens, -1.0, ended=True)]
            delivery.distribute(
                [Update(job, len(self._tokens), None, outcome) for job in self._jobs]
            )
            messages = await asyncio.gather(*readers)
            spent += time.perf_counter() - begun
            # the first message has the source, the last one the result
            assert set(messages) == {2 + -(-TOKENS // tokens_per_message)}
        return spent / rounds / _STREAMS / TOKENS

    def _submit(self, job: Job) -> None:
        job.search.decided.extend(self._tokens)  # all at once; updates say how many are decided
        self._jobs.append(job)
        if len(self._jobs) == _STREAMS:
            self._all_wait.set()

    async def _read(self, servicer: TranslationServicer) -> int:
        request = pb.TranslateRequest(text=self._text)
        messages = 0
        async for response in servicer.Translate(request, _Call()):
            response.SerializeToString()
            messages += 1
        return messages


def _text(model: ServedModel, tokens: int) -> str:
    """Return a text of `tokens` tokens."""
    words: Sequence[str] = [
        model.source_tokenizer.piece(token_id).strip("▁")
        for token_id in range(300, model.source_tokenizer.vocabulary_size)
        if model.source_tokenizer.begins_word(token_id)
    ]
    text = ""
    for word in words:
        longer = f"{text} {word}".strip()
        if len(model.source_tokenizer.encode(longer).ids) <= tokens:
            text = longer
    assert len(model.source_tokenizer.encode(text).ids) == tokens
    return text


def measure(rounds: int = 20) -> dict[str, float]:
    """Return microseconds per token by tokens per message, medians of five."""
    bundle = load_bundle(DEFAULT_BUNDLE)
    engine: Any = _Engine()
    loop = EventLoop(ServedModel.of(bundle, engine, max_text_characters=4000))
    return {
        f"{count} per message": 1e6
        * statistics.median(asyncio.run(loop.seconds(count, rounds)) for _ in range(5))
        for count in (1, 8)
    }


def main(rounds: Annotated[int, typer.Option(help="Rounds of 32 streams.")] = 20) -> None:
    """Print the microseconds per token that the event loop spends."""
    for name, microseconds in measure(rounds).items():
        typer.echo(f"{name:16}{microseconds:6.1f} us per token")


if __name__ == "__main__":
    typer.run(main)
