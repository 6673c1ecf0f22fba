"""The routes of the page that plays a training."""

import json
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from jumok.client.async_client import AsyncClient
from jumok.gateway.application import create_application
from jumok.gateway.training_run import TrainingRun


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "train/loss": 2.5}\n')
    return tmp_path


def client_of(application: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application)
    return httpx.AsyncClient(transport=transport, base_url="http://film", follow_redirects=True)


@pytest.fixture
def web(run: Path) -> httpx.AsyncClient:
    return client_of(create_application(None, run=TrainingRun(run)))


async def test_run_is_json(web: httpx.AsyncClient, run: Path) -> None:
    """The run is answered as JSON, and again only once it has changed."""
    answer = await web.get("/v1/run")
    assert answer.json()["metrics"] == [{"step": 1, "train/loss": 2.5}]
    seen = {"if-none-match": answer.headers["etag"]}
    assert (
        (await web.get("/v1/run", headers=seen)).status_code,
        (await web.get("/v1/run")).status_code,
    ) == (
        304,
        200,
    )

    with (run / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({"step": 2, "train/loss": 2.0}) + "\n")
    assert len((await web.get("/v1/run", headers=seen)).json()["metrics"]) == 2


async def test_without_a_service_the_film_is_all(web: httpx.AsyncClient) -> None:
    """`/` and `/film` lead to the film, and nothing is translated."""
    for path in ("/", "/film"):
        answer = await web.get(path)
        assert answer.status_code == 200
        assert answer.url.path == "/film/"
    assert (await web.get("/v1/models")).status_code == 404


async def test_film_obeys_the_policy_of_the_page(web: httpx.AsyncClient) -> None:
    """There is neither script nor style in the page itself, which the policy would forbid."""
    answer = await web.get("/film/")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "<style" not in answer.text and "style=" not in answer.text
    assert answer.text.count("<script") == answer.text.count('<script type="module" src=') == 1


async def test_beside_a_service(run: Path) -> None:
    """With a service the page for translating stays at `/`, and the film is there as well."""
    connected = create_application(lambda: AsyncClient("localhost:1"), run=TrainingRun(run))
    async with client_of(connected) as web:
        assert (await web.get("/", follow_redirects=False)).status_code == 200
        assert (await web.get("/v1/run")).json()["name"] == run.name
        assert (await web.head("/v1/run")).status_code == 200


async def test_without_a_run() -> None:
    """No run is served unless one is named."""
    async with client_of(create_application(lambda: AsyncClient("localhost:1"))) as web:
        assert (await web.get("/v1/run")).status_code == 404
        assert (await web.head("/v1/run")).status_code == 204  # 404 is an error in the console
