"""Calls of a service whose engine copies the source."""

import asyncio
from collections.abc import Callable
from typing import Any

from jumok.v1 import translation_pb2 as pb

TEXT = "나는 학생입니다"


async def events(stub: Any, **fields: object) -> tuple[pb.Source, list[pb.Token], pb.Result]:
    request = pb.TranslateRequest(**fields)  # type: ignore[arg-type]
    responses = [response async for response in stub.Translate(request)]
    kinds = [response.WhichOneof("event") for response in responses]
    assert kinds == ["source", *["tokens"] * (len(kinds) - 2), "result"]
    tokens = [token for response in responses[1:-1] for token in response.tokens.tokens]
    return responses[0].source, tokens, responses[-1].result


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition on the server holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the condition depends on the engine's thread
            await asyncio.sleep(0.005)
