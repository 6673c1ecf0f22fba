"""The gRPC server, with health checking, reflection and graceful shutdown."""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Sequence

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from jumok.bundle.folder import load_bundle
from jumok.runtime.opening import open_engine
from jumok.service.batch_admission import BatchAdmission
from jumok.service.config import ServiceConfig
from jumok.service.delivery import Delivery
from jumok.service.errors import StartupError
from jumok.service.interceptors import ReaderInterceptor, StatusInterceptor
from jumok.service.model import ServedModel
from jumok.service.monitoring import Monitoring
from jumok.service.reflection import enable_reflection
from jumok.service.registry import ModelRegistry
from jumok.service.servicer import TranslationServicer
from jumok.service.translator import Translator
from jumok.v1 import translation_pb2, translation_pb2_grpc

_log = structlog.get_logger()
_MAX_REQUEST_BYTES = 64 * 2**20
_SWITCH_SECONDS = 1e-4
_WATCH_SECONDS = 1.0
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
            StartupError: the server cannot listen on the address.
        """
        self._config = config
        self.serving = False
        self.monitoring = Monitoring(config, lambda: self.serving)
        self._delivery = Delivery(
            max_rows=config.max_rows,
            max_queue=config.max_queue,
            max_encoded=config.max_encoded,
            join_steps=config.join_steps,
            messages_per_second=config.messages_per_second,
            metrics=self.monitoring.metrics,
        )
        self._server = grpc.aio.server(
            interceptors=[
                self.monitoring.interceptor,
                ReaderInterceptor(config.reader_seconds),
                *interceptors,
                StatusInterceptor(),
            ],
            options=[
                ("grpc.so_reuseport", 0),  # a port in use must be an error
                # texts that are too long must reach our own check, which has a clearer message
                ("grpc.max_receive_message_length", _MAX_REQUEST_BYTES),
            ],
        )
        self._health = health.aio.HealthServicer()
        translation_pb2_grpc.add_TranslationServiceServicer_to_server(
            TranslationServicer(
                models,
                Translator(self._delivery),
                BatchAdmission(config.max_batched, min(config.max_rows, config.max_queue)),
            ),
            self._server,
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        enable_reflection((_SERVICE, health.SERVICE_NAME), self._server)
        try:
            self.port = self._server.add_insecure_port(config.listen)
        except RuntimeError as error:
            raise StartupError(
                f"cannot listen on {config.listen}: is it HOST:PORT, and is the port free?"
            ) from error

    async def start(self) -> None:
        """Start serving."""
        self.monitoring.start()
        self._delivery.start()
        await self._server.start()
        await self._report(serving=True)
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Report NOT_SERVING, refuse new calls, and give running ones `drain_seconds`."""
        self.serving = False
        self._watcher.cancel()
        await self._health.enter_graceful_shutdown()
        await self._server.stop(self._config.drain_seconds)
        await self._delivery.stop()
        await self.monitoring.stop()

    async def _watch(self) -> None:
        """Report NOT_SERVING while the engine keeps failing."""
        serving = True
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if self._delivery.works != serving:
                serving = not serving
                _log.warning("health changed", serving=serving)
                await self._report(serving)

    async def _report(self, serving: bool) -> None:
        self.serving = serving
        statuses = health_pb2.HealthCheckResponse
        for service in ("", _SERVICE):
            await self._health.set(service, statuses.SERVING if serving else statuses.NOT_SERVING)


async def serve(config: ServiceConfig) -> None:
    """Serve until SIGTERM or SIGINT, then drain.

    Raises:
        BundleError: the bundle cannot be used.
        StartupError: the service cannot start as configured.
    """
    # Between two steps the engine's thread needs the GIL; the default of 5 ms is as long as a step.
    sys.setswitchinterval(_SWITCH_SECONDS)
    bundle = load_bundle(config.bundle)
    engine = open_engine(
        bundle,
        config.provider,
        config.precision,
        threads=config.threads,
        cuda_graphs=config.cuda_graphs,
    )
    model = ServedModel.of(bundle, engine, config.max_text_characters)
    server = Server(config, ModelRegistry([model]))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    # Objects created so far stay alive; scanning them in every collection would delay requests.
    gc.collect()
    gc.freeze()
    await server.start()
    _log.info(
        "serving",
        address=config.listen,
        port=server.port,
        metrics_port=server.monitoring.port,
        model=model.description.name,
        fingerprint=model.description.fingerprint[:12],
        provider=engine.provider,
        precision=engine.precision,
        runtime=engine.runtime_version,
    )
    await stopping.wait()
    _log.info("draining", seconds=config.drain_seconds)
    for number in (signal.SIGTERM, signal.SIGINT):  # a second signal ends the process at once
        with contextlib.suppress(ValueError):
            loop.remove_signal_handler(number)
    await server.stop()
    _log.info("stopped")
