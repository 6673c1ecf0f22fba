"""The calls of the service over HTTP."""

import asyncio
import threading
from typing import Any

import httpx
import pytest

from jumok.client.async_client import AsyncClient
from jumok.client.json_form import to_json
from jumok.gateway.application import MOST_BODY_BYTES
from jumok.service.server import Server
from tests.gateway.events import read_events
from tests.service.conftest import CopyingEngine

TEXT = "나는 학생입니다"


async def test_translation_in_one_object(http: httpx.AsyncClient) -> None:
    """A translation has its source, the tokens of the best hypothesis, and the result."""
    response = await http.post("/v1/translate", json={"text": TEXT})

    answer = response.json()
    assert response.status_code == 200
    assert list(answer) == ["source", "tokens", "result"]
    assert "".join(token["text"] for token in answer["tokens"]) == TEXT
    assert all(sum(token["attention"]) == 1 for token in answer["tokens"])
    (hypothesis,) = answer["result"]["hypotheses"]
    assert hypothesis["text"] == TEXT
    assert hypothesis["tokens"] == []


@pytest.mark.parametrize("wish", ["field", "header", "query"])
async def test_stream(wish: str, http: httpx.AsyncClient) -> None:
    """A stream has one event for each message, in the order of the wire."""
    if wish == "query":
        response = await http.get("/v1/translate", params={"text": TEXT})
    elif wish == "header":
        headers = {"Accept": "text/event-stream"}
        response = await http.post("/v1/translate", json={"text": TEXT}, headers=headers)
    else:
        response = await http.post("/v1/translate", json={"text": TEXT, "stream": True})

    assert response.headers["content-type"].startswith("text/event-stream")
    events = read_events(response.text)
    assert [name for name, _ in events if name != "tokens"] == ["source", "result"]
    assert events[0][0] == "source"
    assert events[-1][0] == "result"
    tokens = [token for name, data in events if name == "tokens" for token in data["tokens"]]
    assert "".join(token["text"] for token in tokens) == TEXT


async def test_form_of_jumok_translate(http: httpx.AsyncClient, server: Server) -> None:
    """The data of an event is what `jumok translate --format json` writes under its name."""
    response = await http.post("/v1/translate", json={"text": TEXT, "stream": True})

    async with AsyncClient(f"localhost:{server.port}") as client:
        written = [to_json(event) async for event in client.translate(TEXT)]
    streamed = [{name: data} for name, data in read_events(response.text)]
    for event in (streamed[-1], written[-1]):
        del event["result"]["timings"]
    assert streamed[0] == written[0]
    assert streamed[-1] == written[-1]
    assert _tokens(streamed[1:-1]) == _tokens(written[1:-1])


def _tokens(events: list[dict[str, Any]]) -> list[Any]:
    """The tokens of events, however many of them each has."""
    return [token for event in events for token in event["tokens"]["tokens"]]


async def test_options_reach_the_service(http: httpx.AsyncClient) -> None:
    """Decoding options, attention and the rest are those of the wire."""
    request = {
        "text": TEXT,
        "model": "copy",
        "attention": "ATTENTION_BEST",
        "segmentation": "SEGMENTATION_NONE",
        "decoding": {
            "max_tokens": 3,
            "alternatives": 2,
            "beam_search": {"width": 2, "num_hypotheses": 2},
        },
    }

    answer = (await http.post("/v1/translate", json=request)).json()

    assert len(answer["tokens"]) == 3
    assert [len(token["alternatives"]) for token in answer["tokens"]] == [2, 2, 2]
    assert [token["attention"] for token in answer["tokens"]] == [[], [], []]
    assert len(answer["result"]["hypotheses"]) == 2
    assert answer["result"]["finish_reason"] == "FINISH_REASON_LENGTH"


async def test_batch(http: httpx.AsyncClient) -> None:
    """Each text has its outcome; the failure of one does not affect the others."""
    response = await http.post("/v1/translate/batch", json={"texts": [TEXT, " "]})

    translated, failed = response.json()["items"]
    assert translated["translation"]["result"]["hypotheses"][0]["text"] == TEXT
    assert translated["failure"] is None
    assert failed["translation"] is None
    assert failed["failure"]["code"] == 3
    assert failed["failure"]["field"] == "text"


async def test_models(http: httpx.AsyncClient) -> None:
    """Models are described as on the wire."""
    (model,) = (await http.get("/v1/models")).json()["models"]

    assert model["name"] == "copy"
    assert model["max_source_tokens"] == 60


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({}, "text"),
        ({"text": TEXT, "strem": True}, "strem"),
        ({"text": 1}, "text"),
        ({"text": TEXT, "attention": "DENSE"}, "attention"),
        ({"text": TEXT, "decoding": {"beam_search": {"widht": 2}}}, "decoding.beam_search.widht"),
        ({"text": TEXT, "decoding": {"beam_search": {"width": 99}}}, "decoding.beam_search.width"),
        ({"text": TEXT, "decoding": {"sampling": {"top_k": -1}}}, "decoding.sampling.top_k"),
        ({"text": TEXT, "protected_spans": [{"start": 2, "end": 1}]}, "protected_spans[0]"),
        ({"text": TEXT, "glossary": [{"source": "a", "target": "b"}] * 2}, "glossary"),
        ({"text": TEXT, "glossary": [{"source": "a"}]}, "glossary[0].target"),
        ({"text": ""}, "text"),
        ({"text": "가" * 301}, "text"),
    ],
)
async def test_wrong_fields(request_: object, field: str, http: httpx.AsyncClient) -> None:
    """A wrong field is named, whether the gateway or the service finds it; so with a stream."""
    response = await http.post("/v1/translate", json=request_)
    headers = {"Accept": "text/event-stream"}
    streamed = await http.post("/v1/translate", json=request_, headers=headers)

    assert response.status_code == streamed.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == streamed.json()
    assert response.json()["errors"][0]["field"] == field
    assert response.json()["detail"].startswith(f"{field}: ")


async def test_unknown_model(http: httpx.AsyncClient) -> None:
    """A model that does not exist is not found."""
    response = await http.post("/v1/translate", json={"text": TEXT, "model": "none"})

    assert response.status_code == 404
    assert response.json()["errors"][0]["field"] == "model"


async def test_failure_during_a_stream(http: httpx.AsyncClient, engine: CopyingEngine) -> None:
    """A failure after the first event is an event with problem details."""
    engine.failing = True

    response = await http.post("/v1/translate", json={"text": TEXT, "stream": True})

    events = read_events(response.text)
    assert [name for name, _ in events] == ["source", "error"]
    assert events[-1][1]["status"] == 502


async def test_explanation(http: httpx.AsyncClient, server: Server) -> None:
    """An explanation is what `jumok explain --format json` writes."""
    body = {"text": TEXT, "target": "나는", "token_index": 1}
    response = await http.post("/v1/explain", json=body)
    async with AsyncClient(f"localhost:{server.port}") as client:
        written = to_json(await client.explain(TEXT, "나는", token_index=1))

    assert response.json() == written["explained"]
    refused = await http.post("/v1/explain", json={**body, "token_index": 9})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "token_index")


@pytest.mark.parametrize("stream", [True, False])
async def test_busy_service(stream: bool, http: httpx.AsyncClient, engine: CopyingEngine) -> None:
    """When too many sentences wait, the response says when to try again."""
    engine.gate = threading.Semaphore(0)
    body = {"text": TEXT, "stream": stream}
    asking = [asyncio.create_task(http.post("/v1/translate", json=body)) for _ in range(40)]

    done, waiting = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
    engine.gate.release(10_000)

    response = done.pop().result()
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) >= 1
    await asyncio.gather(*waiting)


async def test_many_errors_are_cut_off(http: httpx.AsyncClient) -> None:
    """A request with many unknown fields gets an answer of the usual size."""
    wrong = {f"field{number}": 1 for number in range(1000)}
    answer = await http.post("/v1/translate", json={"text": TEXT, **wrong})

    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 20


async def test_body_of_a_get_is_no_disconnection(http: httpx.AsyncClient) -> None:
    """A large body that no route reads is refused, unless the answer is there before it is read."""
    answer = await http.request("GET", "/v1/models", content=b"x" * (MOST_BODY_BYTES + 1))

    assert answer.status_code in (200, 413)  # and not 499, as for a client that has gone away


async def test_unknown_paths(http: httpx.AsyncClient) -> None:
    """A path that no route has is not found, with any method."""
    answers = [await http.get("/v1/none"), await http.post("/v1/none", json={})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[1].headers["content-type"] == "application/problem+json"
