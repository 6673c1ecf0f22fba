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
from jumok.runtime.choice import choose_runtime
from jumok.runtime.errors import RuntimeSetupError
from jumok.runtime.opening import open_engine
from jumok.runtime.session import CPU, CUDA, usable_providers


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


@pytest.mark.parametrize(
    ("provider", "precision", "usable", "found", "chosen"),
    [
        ("auto", "auto", [CPU], ["float32", "int8"], (CPU, "int8")),
        ("auto", "auto", [CPU], ["float32"], (CPU, "float32")),
        ("auto", "auto", [CUDA, CPU], ["float32", "int8"], (CUDA, "float32")),
        ("auto", "auto", [CUDA, CPU], ["float32", "float16"], (CUDA, "float32")),
        ("cpu", "auto", [CUDA, CPU], ["float32", "int8"], (CPU, "int8")),
        ("cuda", "float16", [CUDA, CPU], ["float32", "float16"], (CUDA, "float16")),
        ("cpu", "float16", [CPU], ["float32", "float16"], (CPU, "float16")),
        ("auto", "int8", [CPU], ["float32", "int8"], (CPU, "int8")),
        ("cpu", "float32", [CUDA, CPU], ["float32", "int8"], (CPU, "float32")),
    ],
)
def test_choice(provider: Any, precision: Any, usable: Any, found: Any, chosen: Any) -> None:
    """What was asked for is run if it works here; "auto" takes the fastest exact way."""
    assert choose_runtime(provider, precision, usable=usable, found=found) == chosen


@pytest.mark.parametrize(
    ("provider", "precision", "usable", "found", "reason"),
    [
        ("cuda", "auto", [CPU], ["float32"], "CUDA does not work here; install 'jumok.gpu.'"),
        ("auto", "int8", [CUDA, CPU], ["float32", "int8"], "int8 are for the CPU: take --prov"),
        (
            "cpu",
            "float16",
            [CPU],
            ["float32", "int8"],
            "no graphs in float16: take --precision float32 or int8, or export it with "
            "--precision float16$",
        ),
    ],
)
def test_what_does_not_work_is_refused(
    provider: Any, precision: Any, usable: Any, found: Any, reason: str
) -> None:
    """One sentence says why a choice does not work, and what does."""
    with pytest.raises(RuntimeSetupError, match=reason) as refused:
        choose_runtime(provider, precision, usable=usable, found=found)
    assert "\n" not in str(refused.value)


def test_cuda_that_does_not_load_is_not_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA that is installed and does not load is left out, after a look at a small graph."""
    opened = []

    class Session(onnxruntime.InferenceSession):  # type: ignore[misc]
        def __init__(self, graph: Any, options: Any, providers: list[Any]) -> None:
            opened.append(providers[0][0])
            super().__init__(graph, options, providers=[CPU])

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    usable_providers.cache_clear()
    assert usable_providers() == (CPU,)
    assert opened == [CUDA]
    usable_providers.cache_clear()


def test_each_graph_is_opened_once(every: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening an engine opens its encoder and its step, and nothing twice."""
    opened = []
    plain = onnxruntime.InferenceSession

    def count(graph: Any, *arguments: Any, **options: Any) -> Any:
        opened.append(graph.name)
        return plain(graph, *arguments, **options)

    monkeypatch.setattr(onnxruntime, "InferenceSession", count)
    open_engine(every, "cpu")
    assert opened == ["encoder.int8.onnx", "decoder_step.int8.onnx"]


@pytest.mark.parametrize("precision", get_args(Precision))
def test_asked_for(every: Bundle, precision: Precision) -> None:
    """The CPU runs any precision that is asked for, with nearly the same results."""
    inputs = np.array([[5, 6, 7, 3]]), np.array([4], dtype=np.int32)
    engine = open_engine(every, "cpu", precision)
    assert engine.precision == precision
    exact = open_engine(every, "cpu", "float32").encode(*inputs)["encoder_states"]
    found = engine.encode(*inputs)["encoder_states"]
    assert found.dtype == np.float32
    assert np.abs(found - exact).max() < 0.05
