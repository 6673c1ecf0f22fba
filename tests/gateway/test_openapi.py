"""The OpenAPI description: complete, and kept by the server whatever it is sent."""

import asyncio
import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from jumok.bundle.folder import Bundle
from jumok.client.async_client import AsyncClient
from jumok.gateway.application import create_application
from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from tests.gateway.conftest import listening
from tests.service.conftest import CopyingEngine

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """The description of the gateway."""
    return create_application(lambda: AsyncClient("localhost:1")).openapi()


def test_paths(description: dict[str, Any]) -> None:
    """All calls are described."""
    assert set(description["paths"]) == {
        "/v1/align",
        "/v1/explain",
        "/v1/models",
        "/v1/translate",
        "/v1/translate/batch",
        "/download_file/{key}",
        "/frontend/settings",
        "/health",
        "/languages",
        "/translate",
        "/translate_file",
    }


def test_every_field_is_described(description: dict[str, Any]) -> None:
    """Each schema, each of its fields and each parameter has a description."""
    missing = []
    for name, schema in description["components"]["schemas"].items():
        if not schema.get("description"):
            missing.append(name)
        for field, value in schema.get("properties", {}).items():
            if not value.get("description"):
                missing.append(f"{name}.{field}")
    for path, operations in description["paths"].items():
        missing += [
            f"{path} {parameter['name']}"
            for operation in operations.values()
            for parameter in operation.get("parameters", ())
            if not parameter.get("description")
        ]
    assert missing == []


def test_texts_are_those_of_the_contract(description: dict[str, Any]) -> None:
    """Descriptions are the comments of the .proto, with what the values of an enum mean."""
    properties = description["components"]["schemas"]["TranslateRequest"]["properties"]

    assert properties["text"]["description"].startswith("The text, in the model's source language")
    assert "`ATTENTION_NONE`: No attention." in properties["attention"]["description"]


def test_requests_have_examples(description: dict[str, Any]) -> None:
    """Each required field of a request has an example."""
    schemas = description["components"]["schemas"]
    for name in ("TranslateRequest", "TranslateBatchRequest", "AlignRequest", "ExplainRequest"):
        for field in schemas[name]["required"]:
            assert schemas[name]["properties"][field]["examples"]


def test_errors_are_problem_details(description: dict[str, Any]) -> None:
    """Errors are problem details, and in LibreTranslate's API as there."""
    for path, operations in description["paths"].items():
        for operation in operations.values():
            assert "422" not in operation["responses"]
            if path.startswith("/v1/"):
                assert list(operation["responses"]["default"]["content"]) == [
                    "application/problem+json"
                ]


@pytest.fixture(scope="module")
def fuzzed(copying_bundle: Bundle) -> Iterator[str]:
    """The URL of a gateway and its service that run in a thread of their own."""
    urls: queue.Queue[str] = queue.Queue()
    ending = threading.Event()

    async def serve() -> None:
        model = ServedModel.of(copying_bundle, CopyingEngine(), 300)  # type: ignore[arg-type]
        server = Server(ServiceConfig(listen="localhost:0", max_rows=16), ModelRegistry([model]))
        await server.start()
        address = f"localhost:{server.port}"
        application = create_application(lambda: AsyncClient(address, timeout=20))
        async with listening(application) as url:
            urls.put(url)
            await asyncio.to_thread(ending.wait)
        await server.stop()

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    yield urls.get(timeout=60)
    ending.set()
    thread.join()


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=str)
def test_any_request_is_answered(mode: schemathesis.GenerationMode, fuzzed: str) -> None:
    """No request, right or wrong, makes the server fail or answer otherwise than described."""
    schema = schemathesis.openapi.from_url(f"{fuzzed}/openapi.json")
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    assert len(operations) == 12

    @settings(
        max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(data=strategies.data())
    def send(operation: Any, data: strategies.DataObject) -> None:
        case = data.draw(operation.as_strategy(mode))
        case.call_and_validate(checks=CHECKS)

    for operation in operations:
        if mode is schemathesis.GenerationMode.POSITIVE or operation.body or operation.query:
            send(operation)
