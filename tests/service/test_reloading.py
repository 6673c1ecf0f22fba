"""Reloading: bundles that change, appear, disappear or are bad, while calls run."""

import asyncio
import gc
import json
import shutil
import threading
import time
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from jumok.bundle.errors import BundleError
from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.reloading import Reloader
from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub
from tests.service.calls import TEXT, events, until
from tests.service.conftest import CopyingEngine, refusal


def write(folder: Path, name: str, **fields: object) -> None:
    """Write a bundle that `Service.load` reads."""
    folder.mkdir(exist_ok=True)
    new = folder / "manifest.new"
    new.write_text(json.dumps({"name": name, "time": time.monotonic_ns(), **fields}))
    new.rename(folder / "manifest.json")


class Service:
    """A server with two models, and what reloads them.

    Attributes:
        loads: the folders loaded so far.
    """

    def __init__(self, folder: Path, model: ServedModel, config: ServiceConfig) -> None:
        self.folder, self._model = folder, model
        self.loads: list[str] = []
        write(folder / "a", "first")
        write(folder / "b", "second")
        self.config = config.model_copy(update={"bundle": (folder,)})
        models = {path: self.load(path) for path in (folder / "a", folder / "b")}
        self.registry = ModelRegistry(models.values())
        self.server = Server(self.config, self.registry)
        self.reloader = Reloader(self.config, self.load, models, self.registry, self.server.retire)

    def load(self, path: Path) -> ServedModel:
        self.loads.append(path.name)
        content = (path / "manifest.json").read_bytes()
        manifest = json.loads(content)
        if manifest.get("bad"):
            raise BundleError(f"{path}: bad")
        if manifest.get("bug"):
            raise RuntimeError("a bug")
        description = replace(
            self._model.description,
            name=manifest["name"],
            fingerprint=sha256(content).hexdigest(),
        )
        return replace(self._model, description=description, engine=CopyingEngine())  # type: ignore[arg-type]

    @property
    def names(self) -> list[str]:
        return [model.description.name for model in self.registry.models]


@pytest.fixture
async def service(
    tmp_path: Path, model: ServedModel, config: ServiceConfig
) -> AsyncIterator[Service]:
    service = Service(tmp_path, model, config)
    await service.server.start()
    yield service
    await service.server.stop()


@pytest.fixture
async def stub(service: Service) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(f"localhost:{service.server.port}") as channel:
        yield TranslationServiceStub(channel)


async def test_a_changed_bundle_replaces_its_model_and_others_stay(
    service: Service, stub: Any
) -> None:
    """Only the changed bundle is loaded; order and default remain."""
    before = [model.description.fingerprint for model in service.registry.models]
    write(service.folder / "b", "second")
    await service.reloader.reload()
    after = (await stub.ListModels(pb.ListModelsRequest())).models
    assert [model.name for model in after] == ["first", "second"]
    assert [model.fingerprint != old for model, old in zip(after, before, strict=True)] == [
        False,
        True,
    ]
    assert service.loads == ["a", "b", "b"]
    assert (service.reloader.loaded, service.reloader.failed) == (1, 0)


async def test_bundles_are_added_and_removed(service: Service, stub: Any) -> None:
    """A new folder adds a model, a removed one ends it; the first one left is the default."""
    write(service.folder / "c", "third")
    shutil.rmtree(service.folder / "a")
    await service.reloader.reload()
    assert service.names == ["second", "third"]
    _, _, result = await events(stub, text=TEXT)
    assert result.model == "second"
    error, fields = await refusal(stub.Translate(pb.TranslateRequest(text=TEXT, model="first")))
    assert error.code() == grpc.StatusCode.NOT_FOUND
    assert fields == ["model"]


@pytest.mark.parametrize("fault", ["bad", "bug"])
async def test_a_bad_bundle_leaves_the_old_model_serving(
    service: Service, stub: Any, fault: str
) -> None:
    """There is one log line; other bundles are loaded nevertheless."""
    write(service.folder / "a", "first", **{fault: True})
    write(service.folder / "b", "renamed")
    with capture_logs() as logs:
        await service.reloader.reload()
    assert service.names == ["first", "renamed"]
    assert [log["event"].partition(";")[0] for log in logs] == [
        "reload failed",
        "model loaded",
        "model retired",
    ]
    assert (service.reloader.loaded, service.reloader.failed) == (1, 1)
    _, _, result = await events(stub, text=TEXT)
    assert result.model == "first"


async def test_models_of_one_name_and_empty_folders_change_nothing(service: Service) -> None:
    """A set of bundles that could not have been started with is refused as a whole."""
    write(service.folder / "b", "first")
    await service.reloader.reload()
    assert (service.names, service.reloader.failed) == (["first", "second"], 1)
    for name in ("a", "b"):
        shutil.rmtree(service.folder / name)
    await service.reloader.reload()
    assert (service.names, service.reloader.failed) == (["first", "second"], 2)


async def test_running_calls_keep_their_model_whose_memory_is_then_released(
    service: Service, stub: Any
) -> None:
    """A stream that began before the switch ends on the old model; then nothing refers to it."""
    old = service.registry.models[0]
    engine, fingerprint = old.engine, old.description.fingerprint
    assert isinstance(engine, CopyingEngine)
    engine.gate = gate = threading.Semaphore(1)
    stream = aiter(stub.Translate(pb.TranslateRequest(text=TEXT)))
    await anext(stream)
    write(service.folder / "a", "first")
    await service.reloader.reload()
    later = asyncio.create_task(events(stub, text=TEXT))
    released = weakref.ref(engine)
    del old, engine
    gate.release(100)
    responses = [response async for response in stream]
    assert responses[-1].result.model_fingerprint == fingerprint
    assert (await later)[2].model_fingerprint != fingerprint
    del stream
    gc.collect()  # of gRPC's objects; the service's have no cycles
    await until(lambda: released() is None)


async def test_an_idle_model_is_released_at_once(service: Service, stub: Any) -> None:
    """The lanes that a model has used do not keep it."""
    released = [weakref.ref(model.engine) for model in service.registry.models]
    for name in service.names:
        await events(stub, text=TEXT, model=name)
    for folder, name in (("a", "first"), ("b", "second")):
        write(service.folder / folder, name)
    await service.reloader.reload()
    gc.collect()
    await until(lambda: [engine() for engine in released] == [None, None])


@asynccontextmanager
async def running(reloader: Reloader) -> AsyncIterator[None]:
    task = asyncio.create_task(reloader.run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_reload_can_be_requested(service: Service) -> None:
    """Without watching, bundles are loaded when asked for."""
    write(service.folder / "a", "new")
    async with running(service.reloader):
        service.reloader.request()
        await until(lambda: service.names == ["new", "second"])


async def test_watching_loads_what_has_changed_once(
    tmp_path: Path, model: ServedModel, config: ServiceConfig
) -> None:
    """Changes are found without a request; a bad bundle is tried once until it changes again."""
    service = Service(tmp_path, model, config.model_copy(update={"watch_seconds": 0.01}))
    await service.server.start()
    async with running(service.reloader):
        write(tmp_path / "a", "new")
        await until(lambda: service.names == ["new", "second"])
        write(tmp_path / "c", "third", bad=True)
        await until(lambda: service.reloader.failed == 1)
        write(tmp_path / "c", "third")
        await until(lambda: service.names == ["new", "second", "third"])
    await service.server.stop()
    assert service.loads == ["a", "b", "a", "c", "c"]
