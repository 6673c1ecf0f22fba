"""Costs by shape, vocabulary size and number of clients, and CPU time by component."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.serving.engine_alone import EngineAlone
from benchmarks.serving.model import make_bundle, make_model
from benchmarks.serving.provider import Provider
from benchmarks.serving.service_grpc import ServiceGrpc
from benchmarks.serving.shapes import Figures, measure_rows, measure_shapes
from benchmarks.serving.timed_engine import TimedEngine
from benchmarks.serving.workload import Sentence, tokens
from jumok.bundle.folder import Bundle, load_bundle
from jumok.bundle.manifest import Precision
from jumok.bundle.tokenizer import Tokenizer
from jumok.runtime.engine import Engine
from jumok.runtime.opening import default_threads, open_engine
from jumok.service.config import ServiceConfig

_VOCABULARIES: Final = (4000, 16000, 32000)
_CLIENTS: Final = (1, 4, 16, 32, 64, 128)


def measure_costs(
    folder: Path,
    bundle: Bundle,
    precision: Precision,
    tokenizer: Tokenizer,
    workload: Sequence[Sentence],
    clients: int,
    provider: Provider,
) -> dict[str, Any]:
    """Measure one precision on one provider.

    Args:
        folder: folder to write models with other vocabulary sizes to.
        bundle: the model of the other benchmarks.
        precision: precision of the graphs.
        tokenizer: tokenizer of all models, whatever their vocabulary size.
        workload: sentences to translate.
        clients: number of concurrent clients where it is not varied.
        provider: execution provider.

    Returns:
        Milliseconds per call by shape and by vocabulary size; tokens per second by number of
        clients; and under "processor_us_per_token" the CPU time per token by component: of the
        service and its clients and, on the CPU provider only, of the engine alone.
    """
    config = ServiceConfig(provider=provider, precision=precision)
    engine = open_engine(bundle, config.provider, config.precision, threads=config.threads)
    spent = {"service": _service(bundle, precision, workload, clients, provider)}
    if provider == "cpu":
        spent["engine alone"] = _alone(bundle, precision, tokenizer, workload, clients, config)
    return {
        **measure_shapes(engine),
        "vocabulary": _vocabularies(folder, precision, tokenizer, config),
        **_clients(engine, bundle, precision, tokenizer, workload, config, provider),
        "processor_us_per_token": spent,
    }


def _vocabularies(
    folder: Path, precision: Precision, tokenizer: Tokenizer, config: ServiceConfig
) -> Figures:
    found = []
    for size in _VOCABULARIES:
        path = folder / f"{size} {precision}"
        make_bundle(path, make_model(tokenizer, size), [precision])
        engine = open_engine(
            load_bundle(path), config.provider, config.precision, threads=config.threads
        )
        found += [{"vocabulary": size, **figures} for figures in measure_rows(engine)]
    return found


def _clients(
    engine: Engine,
    bundle: Bundle,
    precision: Precision,
    tokenizer: Tokenizer,
    workload: Sequence[Sentence],
    config: ServiceConfig,
    provider: Provider,
) -> dict[str, Figures]:
    service = ServiceGrpc(bundle.path, precision, 1, provider)
    found = []
    try:
        service.run(workload)
        for clients in _CLIENTS:
            alone = EngineAlone(bundle, engine, clients, config)
            some = [*workload, *workload, *workload, *workload][: 16 * clients]
            try:
                found.append(
                    {
                        "clients": clients,
                        "P4": _speed(alone.run, some),
                        "P5": _speed(partial(service.run, clients=clients), some),
                    }
                )
            finally:
                alone.stop()
    finally:
        service.stop()
    return {"clients": found}


def _alone(
    bundle: Bundle,
    precision: Precision,
    tokenizer: Tokenizer,
    workload: Sequence[Sentence],
    clients: int,
    config: ServiceConfig,
) -> dict[str, float]:
    engine = TimedEngine(
        bundle.path,
        bundle.manifest.precisions[precision],
        bundle.target_tokenizer.vocabulary_size,
        precision=precision,
        threads=config.threads or default_threads(),
    )
    alone = EngineAlone(bundle, engine, clients, config)
    try:
        alone.run(workload)
        engine.encoder_seconds = engine.step_seconds = 0.0
        begun = time.perf_counter()
        alone.run(workload)
        seconds = time.perf_counter() - begun
    finally:
        alone.stop()
    a_token = 1e6 / tokens(workload)
    return {
        "steps": a_token * engine.step_seconds,
        "encoder": a_token * engine.encoder_seconds,
        "searches and rows": a_token * (seconds - engine.step_seconds - engine.encoder_seconds),
    }


def _service(
    bundle: Bundle,
    precision: Precision,
    workload: Sequence[Sentence],
    clients: int,
    provider: Provider,
) -> dict[str, float]:
    service = ServiceGrpc(bundle.path, precision, clients, provider)
    try:
        service.run(workload)
        process, ours = psutil.Process(service.process_id), time.process_time()
        before, begun = _threads(process), time.perf_counter()
        service.run(workload)
        seconds, ours = time.perf_counter() - begun, time.process_time() - ours
        after = _threads(process)
    finally:
        service.stop()
    a_token = 1e6 / tokens(workload)
    spent = {thread: total - before.get(thread, 0) for thread, total in after.items()}
    loop = spent.pop(service.process_id)
    return {
        "event loop": a_token * loop,
        "engine, and gRPC's threads": a_token * sum(spent.values()),
        "clients": a_token * ours,
        "of all cores": a_token * seconds * (psutil.cpu_count() or 1),
    }


def _threads(process: psutil.Process) -> dict[int, float]:
    return {thread.id: thread.user_time + thread.system_time for thread in process.threads()}


def _speed(run: Callable[[Sequence[Sentence]], None], sentences: Sequence[Sentence]) -> float:
    begun = time.perf_counter()
    run(sentences)
    return tokens(sentences) / (time.perf_counter() - begun)
