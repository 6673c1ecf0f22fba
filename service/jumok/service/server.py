"""The gRPC server, with health checking, reflection and graceful shutdown."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial

import grpc
import structlog
from grpc_health.v1 import health, health_pb2_grpc

from jumok.service.accounts import Accounts
from jumok.service.authentication import KeyInterceptor
from jumok.service.batch_admission import BatchAdmission
from jumok.service.certificates import server_credentials
from jumok.service.config import ServiceConfig
from jumok.service.delivery import Delivery
from jumok.service.drain_interceptor import DrainInterceptor
from jumok.service.glossaries import Glossaries
from jumok.service.health import Health
from jumok.service.interceptors import ReaderInterceptor, StatusInterceptor
from jumok.service.listening import acceptors, connection_options, listen
from jumok.service.loading import find_bundles, load_model
from jumok.service.log_lines import close_log
from jumok.service.memory import MemoryBudget
from jumok.service.model import ServedModel
from jumok.service.monitoring import Monitoring
from jumok.service.reflection import enable_reflection
from jumok.service.registry import ModelRegistry
from jumok.service.reloading import Reloader
from jumok.service.request_size import RequestLimits
from jumok.service.servicer import TranslationServicer
from jumok.service.translator import Translator
from jumok.v1 import translation_pb2, translation_pb2_grpc

_log = structlog.get_logger()
_LEAST_RECEIVED_BYTES = 4 * 2**20
"""gRPC receives requests of up to this size, so that larger ones than allowed get our own refusal,
which is clearer."""

_SWITCH_SECONDS = 1e-4
_WATCH_SECONDS = 0.25
_FOLLOW_SECONDS = 1.0
_LATE_SECONDS = 0.1
_LONGEST_SECONDS = 1.0
"""Draining continues when no late call has arrived for the first time, or after the second one."""

_READER_SECONDS = 1.0
"""How long a reader may pause while the server drains."""

_STOP_SECONDS = 1.0
_SERVICE = translation_pb2.DESCRIPTOR.services_by_name["TranslationService"].full_name


class Server:
    """The whole service on one address.

    Attributes:
        port: the port that it listens on.
        serving: whether health is SERVING.
        monitoring: its metrics, log lines and traces.
    """

    def __init__(
        self,
        config: ServiceConfig,
        models: ModelRegistry,
        interceptors: Sequence[grpc.aio.ServerInterceptor] = (),
    ) -> None:
        """Prepare to serve models; needs a running event loop.

        Args:
            config: the configuration.
            models: the models to serve.
            interceptors: further interceptors, such as OpenTelemetry's. They wrap all methods, see
                streams as async generators, and see errors as statuses.

        Raises:
            StartupError: the server cannot listen on the address, or the files of TLS, keys or
                glossaries are wrong.
        """
        self._config = config
        self._health = Health([_SERVICE])
        self.monitoring = Monitoring(config, lambda: self._health.serving)
        self._delivery = Delivery(
            max_rows=config.max_rows,
            max_queue=config.max_queue,
            max_encoded=config.max_encoded,
            join_steps=config.join_steps,
            messages_per_second=config.messages_per_second,
            step_seconds=config.step_seconds,
            metrics=self.monitoring.metrics,
        )
        memory = MemoryBudget(config.max_memory_bytes)
        self.monitoring.metrics.watch_bytes(lambda: memory.reserved)
        self._glossaries = Glossaries(config.glossaries) if config.glossaries else None
        self._drain = DrainInterceptor(_SERVICE)
        self._readers = ReaderInterceptor(config.reader_seconds, memory)
        keys = KeyInterceptor(Accounts(config.keys)) if config.keys else None
        statuses = StatusInterceptor(
            RequestLimits(config.max_request_bytes, config.max_text_characters)
        )
        options = [
            *connection_options(config),
            (
                "grpc.max_receive_message_length",
                max(config.max_request_bytes, _LEAST_RECEIVED_BYTES),
            ),
        ]
        servicer = TranslationServicer(
            models,
            Translator(self._delivery),
            BatchAdmission(config.max_batched, min(config.max_rows, config.max_queue)),
            config.max_response_bytes,
            self._glossaries,
        )
        self._draining = False
        self._servers = [
            grpc.aio.server(
                interceptors=[
                    self.monitoring.interceptor,
                    self._drain,
                    *([keys] if keys else []),
                    self._readers,
                    *interceptors,
                    statuses,
                ],
                options=options,
            )
            for _ in range(acceptors(config))
        ]
        for server in self._servers:
            translation_pb2_grpc.add_TranslationServiceServicer_to_server(servicer, server)
            health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
            enable_reflection((_SERVICE, health.SERVICE_NAME), server)
        self.port = listen(self._servers, config.listen, server_credentials(config))

    async def start(self) -> None:
        """Start serving."""
        self.monitoring.start()
        self._delivery.start()
        for server in self._servers:
            await server.start()
        self._health.set(serving=True)
        self._watchers = [asyncio.create_task(self._watch())]
        if self._glossaries is not None:
            self._watchers.append(asyncio.create_task(_follow(self._glossaries)))

    def retire(self, model: ServedModel) -> None:
        """Release a model that the registry no longer has, once its calls have ended."""
        self._delivery.retire(model)

    async def stop(self) -> bool:
        """Drain: report NOT_SERVING, then refuse new calls while the running ones finish.

        Returns:
            Whether the engine's thread has ended; if not, it hangs.
        """
        self._draining = True
        self._health.set(serving=False)
        await asyncio.sleep(self._config.drain_delay_seconds)
        loop = asyncio.get_running_loop()
        end = loop.time() + self._config.drain_seconds
        self._drain.begin()
        self._readers.hurry(_READER_SECONDS)
        await self._drain.quiet(_LATE_SECONDS, min(_LONGEST_SECONDS, self._config.drain_seconds))
        grace = max(0.0, end - loop.time())
        stopping = asyncio.gather(*(server.stop(grace) for server in self._servers))
        await asyncio.sleep(_LATE_SECONDS)  # clients have been told to connect elsewhere
        self._drain.refuse()
        await stopping
        stopped = await self._delivery.stop(max(_STOP_SECONDS, end - loop.time()))
        for watcher in self._watchers:
            watcher.cancel()
        await self.monitoring.stop()
        return stopped

    async def _watch(self) -> None:
        """Report NOT_SERVING while the engine keeps failing or hangs."""
        serving = True
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if self._delivery.watch() != serving:
                serving = not serving
                _log.warning("health changed", serving=serving)
                self._health.set(serving=serving and not self._draining)


async def _follow(glossaries: Glossaries) -> None:
    """Read changed glossaries; the folder may be slow or hang."""
    while True:
        await asyncio.sleep(_FOLLOW_SECONDS)
        await asyncio.to_thread(glossaries.refresh)


async def serve(config: ServiceConfig) -> None:
    """Serve until SIGTERM or SIGINT, then drain; reload changed bundles on SIGHUP.

    Raises:
        BundleError: a bundle cannot be used.
        RuntimeSetupError: the configured provider or precision does not work.
        StartupError: the service cannot start as configured.
    """
    # Between two steps the engine's thread needs the GIL; the default of 5 ms is as long as a step.
    sys.setswitchinterval(_SWITCH_SECONDS)
    load = partial(load_model, config=config)
    models = {path: load(path) for path in find_bundles(config.bundle)}
    registry = ModelRegistry(models.values())
    server = Server(config, registry)
    reloader = Reloader(config, load, models, registry, server.retire)
    server.monitoring.metrics.watch_reloads(lambda: (reloader.loaded, reloader.failed))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, reloader.request)
    # Objects created so far stay alive; scanning them in every collection would delay requests.
    gc.collect()
    gc.freeze()
    await server.start()
    default = registry.models[0].description
    _log.info(
        "serving",
        address=config.listen,
        port=server.port,
        metrics_port=server.monitoring.port,
        **default.summary,
        runtime=default.runtime_version,
        models=[model.description.name for model in registry.models],
    )
    del models  # retired models must not be kept
    reloading = asyncio.create_task(reloader.run())
    await stopping.wait()
    reloading.cancel()
    _log.info("draining", delay=config.drain_delay_seconds, seconds=config.drain_seconds)
    for number in (signal.SIGTERM, signal.SIGINT):  # a second signal ends the process at once
        with contextlib.suppress(ValueError):
            loop.remove_signal_handler(number)
    if not await server.stop():
        _log.error("the engine hangs; the process ends without it")
        close_log()  # writes the lines that wait
        os._exit(1)  # an orderly exit would wait for the engine's thread
    _log.info("stopped")
