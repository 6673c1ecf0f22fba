"""Which graphs of a bundle the engine runs."""

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import onnx
import onnxruntime
import pytest

from jumok.bundle.folder import Bundle, load_bundle
from jumok.bundle.manifest import Precision
from jumok.runtime.engine import Engine
from jumok.service.errors import StartupError

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@pytest.fixture(scope="session")
def every(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle with graphs in every precision."""
    from jumok.export.graph_files import graphs_in
    from jumok.export.half_precision import multiply_in_half
    from jumok.export.quantization import quantize

    folder = tmp_path_factory.mktemp("precisions")
    for kind in ("encoder", "decoder_step"):
        graph = onnx.load(tiny_bundle / f"{kind}.onnx")
        onnx.save(graph, folder / f"{kind}.onnx")
        onnx.save(quantize(graph), folder / f"{kind}.int8.onnx")
        onnx.save(multiply_in_half(graph), folder / f"{kind}.float16.onnx")
    bundle = load_bundle(tiny_bundle)
    manifest = bundle.manifest.model_copy(update={"precisions": graphs_in(folder)})
    return replace(bundle, path=folder, manifest=manifest)


def without(bundle: Bundle, precision: Precision) -> Bundle:
    """Leave out the graphs of a precision."""
    precisions = dict(bundle.manifest.precisions)
    del precisions[precision]
    return replace(bundle, manifest=bundle.manifest.model_copy(update={"precisions": precisions}))


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions that say they run on CUDA; the CPU does the work."""

    class CudaSession(onnxruntime.InferenceSession):  # type: ignore[misc]
        def __init__(self, graph: Any, options: Any, providers: list[Any]) -> None:
            super().__init__(graph, options, providers=[CPU])

        def get_providers(self) -> list[str]:
            return [CUDA, CPU]

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    monkeypatch.setattr(onnxruntime, "InferenceSession", CudaSession)


def test_the_cpu_takes_int8(every: Bundle) -> None:
    """Unless told, the CPU runs graphs in int8."""
    assert Engine(every, "cpu").precision == "int8"


def test_the_cpu_takes_float32_without_int8(every: Bundle) -> None:
    """Where there is no int8 the CPU runs float32, for float16 is slow on it."""
    assert Engine(without(every, "int8"), "cpu").precision == "float32"


def test_cuda_takes_float16_when_asked(every: Bundle, cuda: None) -> None:
    """CUDA runs graphs in float16 for those who ask for them: company can matter there."""
    engine = Engine(every, precision="float16")
    assert (engine.provider, engine.precision) == (CUDA, "float16")


def test_cuda_takes_float32(every: Bundle, cuda: None) -> None:
    """Unless told, CUDA runs float32: int8 it cannot, and float16 must be asked for."""
    assert Engine(every).precision == "float32"


def test_cuda_that_does_not_load(every: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CUDA turns out not to work, the CPU runs what suits the CPU."""

    class CpuSession(onnxruntime.InferenceSession):  # type: ignore[misc]
        def __init__(self, graph: Any, options: Any, providers: list[Any]) -> None:
            super().__init__(graph, options, providers=[CPU])

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    monkeypatch.setattr(onnxruntime, "InferenceSession", CpuSession)
    engine = Engine(every)
    assert (engine.provider, engine.precision) == (CPU, "int8")


@pytest.mark.parametrize("precision", get_args(Precision))
def test_asked_for(every: Bundle, precision: Precision) -> None:
    """The CPU runs any precision that is asked for, and says much the same in all."""
    inputs = np.array([[5, 6, 7, 3]]), np.array([4], dtype=np.int32)
    engine = Engine(every, "cpu", precision=precision)
    assert engine.precision == precision
    exact = Engine(every, "cpu", precision="float32").encode(*inputs)
    found = engine.encode(*inputs)
    assert found.encoder_states.dtype == np.float32
    assert np.abs(found.encoder_states - exact.encoder_states).max() < 0.05


def test_not_in_the_bundle(every: Bundle) -> None:
    """A precision that the bundle lacks is refused in one sentence."""
    with pytest.raises(StartupError) as refused:
        Engine(without(every, "float16"), "cpu", precision="float16")
    assert str(refused.value).endswith(
        "has no graphs in float16: take --precision float32 or int8, or export it with "
        "--precision float16"
    )


def test_int8_on_cuda(every: Bundle, cuda: None) -> None:
    """CUDA is not given graphs that would go to and fro between it and the CPU."""
    with pytest.raises(StartupError, match="in int8 are for the CPU: take --provider cpu, or"):
        Engine(every, precision="int8")
