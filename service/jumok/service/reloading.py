"""Reloading: keeps the served models up to date with the bundles on disk."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import structlog

from jumok.bundle.errors import BundleError
from jumok.runtime.errors import RuntimeSetupError
from jumok.service.config import ServiceConfig
from jumok.service.errors import StartupError
from jumok.service.loading import find_bundles, fingerprint
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry

_log = structlog.get_logger()
T = TypeVar("T")
Snapshot = Mapping[Path, tuple[int, int, int]]
"""Inode, size and time of change of each file of the bundles."""


class Reloader:
    """Loads changed bundles and replaces their models, while the old ones serve.

    Calls that have begun keep the model that they began with.

    Attributes:
        loaded: number of models that have replaced another or been added.
        failed: number of bundles, or sets of them, that could not be loaded; what was served
            before is then still served.
    """

    def __init__(
        self,
        config: ServiceConfig,
        load: Callable[[Path], ServedModel],
        models: Mapping[Path, ServedModel],
        registry: ModelRegistry,
        retire: Callable[[ServedModel], None],
    ) -> None:
        """Prepare to run on the running event loop.

        Args:
            config: the configuration, which says where bundles are and how often to look.
            load: loads the bundle in a folder, on another thread.
            models: the models in `registry`, by the folders that they were loaded from.
            registry: where models are replaced.
            retire: called with each model that is no longer in `registry`.
        """
        self.loaded = self.failed = 0
        self._config, self._load = config, load
        self._registry, self._retire = registry, retire
        self._models = dict(models)
        self._requested = asyncio.Event()
        # One thread for all reloads: each new thread would have a heap of its own, which grows.
        self._thread = ThreadPoolExecutor(1, "reloading")

    def request(self) -> None:
        """Ask `run` to reload soon; callable from a signal handler of the event loop."""
        self._requested.set()

    async def run(self) -> None:
        """Reload when requested, and when bundles have changed; never returns."""
        interval = self._config.watch_seconds or None
        loaded: Snapshot | None = None
        last: Snapshot | None = None
        try:
            while True:
                try:
                    async with asyncio.timeout(interval):
                        await self._requested.wait()
                except TimeoutError:
                    now = await self._in_thread(self._snapshot)
                    # what has changed since the last look may still be being written
                    if now != loaded and now == last:
                        await self.reload()
                        loaded = now
                    last = now
                else:
                    self._requested.clear()
                    await self.reload()
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def reload(self) -> None:
        """Load the bundles that have changed, and replace all models at once."""
        models: dict[Path, ServedModel] = {}
        try:
            for path in await self._in_thread(find_bundles, self._config.bundle):
                if (model := await self._current(path)) is not None:
                    models[path] = model
            self._registry.replace(models.values())
        except (BundleError, StartupError) as error:
            self._fail(str(error))
            return
        old, self._models = self._models, models
        for path, model in models.items():
            if model is not old.get(path):
                self.loaded += 1
                _log.info("model loaded", bundle=str(path), **model.description.summary)
        for path, model in old.items():
            if model is not models.get(path):
                _log.info("model retired", bundle=str(path), **model.description.summary)
                self._retire(model)

    async def _current(self, path: Path) -> ServedModel | None:
        """Return the model of a bundle, loaded if it has changed; the old one if it is bad."""
        old = self._models.get(path)
        if old and old.description.fingerprint == await self._in_thread(fingerprint, path):
            return old
        try:
            return await self._in_thread(self._load, path)
        except (BundleError, RuntimeSetupError, StartupError) as error:
            self._fail(str(error))
        except Exception:  # no bundle must end the reloading of others
            self._fail(f"{path}: cannot be loaded", exc_info=True)
        return old

    def _fail(self, reason: str, **fields: object) -> None:
        self.failed += 1
        _log.error("reload failed; the models served before are kept", reason=reason, **fields)

    def _snapshot(self) -> Snapshot | None:
        """Describe the files of all bundles; None if they cannot be read."""
        try:
            files = [
                file for bundle in find_bundles(self._config.bundle) for file in bundle.iterdir()
            ]
            stats = ((file, file.stat()) for file in sorted(files))
            return {file: (stat.st_ino, stat.st_size, stat.st_mtime_ns) for file, stat in stats}
        except (BundleError, OSError):
            return None

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, function, *arguments)
