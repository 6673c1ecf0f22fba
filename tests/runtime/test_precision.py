"""Choice of execution provider and precision."""

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import onnx
import onnxruntime
import pytest

from jumok.bundle.folder import Bundle, file_entry, load_bundle
from jumok.bundle.manifest import Precision
from jumok.runtime.choice import choose_runtime
from jumok.runtime.errors import RuntimeSetupError
from jumok.runtime.opening import open_engine
from jumok.runtime.resident_engine import ResidentEngine
from jumok.runtime.session import CPU, CUDA, usable_providers


@pytest.fixture(scope="session")
def every(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return a bundle with graphs in every precision."""
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
    files = {file.name: file_entry(file) for file in folder.iterdir()}
    manifest = bundle.manifest.model_copy(update={"precisions": graphs_in(folder), "files": files})
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
    """Valid requests are honoured; "auto" chooses the fastest combination that is exact."""
    assert choose_runtime(provider, precision, usable=usable, found=found) == chosen


@pytest.mark.parametrize(
    ("provider", "precision", "usable", "found", "reason"),
    [
        (
            "cuda",
            "auto",
            [CPU],
            ["float32"],
            "CUDA does not work here; install 'jumok.gpu.'.*, or choose cpu$",
        ),
        (
            "auto",
            "int8",
            [CUDA, CPU],
            ["float32", "int8"],
            "int8 graphs run on the CPU only: choose cpu, or float32$",
        ),
        (
            "cpu",
            "float16",
            [CPU],
            ["float32", "int8"],
            "no float16 graphs: choose float32 or int8, or export the model with "
            "--precision float16$",
        ),
    ],
)
def test_impossible_requests_are_refused(
    provider: Any, precision: Any, usable: Any, found: Any, reason: str
) -> None:
    """An impossible request is refused in one sentence that names alternatives."""
    with pytest.raises(RuntimeSetupError, match=reason) as refused:
        choose_runtime(provider, precision, usable=usable, found=found)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("failure", ["silent", "error"])
def test_cuda_that_does_not_load_is_not_usable(
    failure: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CUDA that is installed but does not load is not usable; nothing is printed."""
    opened = []

    class Session(onnxruntime.InferenceSession):  # type: ignore[misc]
        def __init__(self, graph: Any, options: Any, providers: list[Any], **others: Any) -> None:
            opened.append(providers[0][0])
            if failure == "error":
                raise ArithmeticError("CUDA failure 35: the driver is too old")
            super().__init__(graph, options, providers=[CPU], **others)

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: print("Failed to load libcublas"))
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    assert usable_providers() == (CPU,)
    assert opened == [CUDA]
    assert capsys.readouterr().out == ""


def test_cuda_is_not_opened_if_the_cpu_is_requested(
    every: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With provider "cpu", no session is opened on CUDA, not even to test it."""
    providers = []
    plain = onnxruntime.InferenceSession

    def note(*arguments: Any, **options: Any) -> Any:
        providers.extend(options["providers"])
        return plain(*arguments, **options)

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "InferenceSession", note)
    open_engine(every, "cpu")
    assert providers == [CPU, CPU]


def test_step_is_reopened_without_cuda_graphs(
    every: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that CUDA refuses to capture is opened again without capture."""
    steps = []
    step = (every.path / "decoder_step.onnx").read_bytes()
    plain = onnxruntime.InferenceSession

    def refuse(graph: Any, options: Any, providers: list[Any], **others: Any) -> Any:
        if graph == step:
            steps.append(dict(providers[0][1]))
            if "enable_cuda_graph" in steps[-1]:
                raise RuntimeError("some nodes were not assigned to CUDA")
        return OnCuda(plain(graph, options, providers=[CPU], **others))

    class OnCuda:
        def __init__(self, session: Any) -> None:
            self.session = session

        def get_providers(self) -> list[str]:
            return [CUDA, CPU]

        def __getattr__(self, name: str) -> Any:
            return getattr(self.session, name)

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    monkeypatch.setattr(onnxruntime, "InferenceSession", refuse)
    engine = open_engine(every, "cuda", "float32")
    assert isinstance(engine, ResidentEngine)
    assert not engine.captured
    assert [("enable_cuda_graph" in options) for options in steps] == [True, False]


def test_each_graph_is_opened_once(every: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening an engine opens its encoder and its decoder step once each."""
    opened = []
    names = {file.read_bytes(): file.name for file in every.path.iterdir()}
    plain = onnxruntime.InferenceSession

    def count(graph: Any, *arguments: Any, **options: Any) -> Any:
        opened.append(names[graph])
        return plain(graph, *arguments, **options)

    monkeypatch.setattr(onnxruntime, "InferenceSession", count)
    open_engine(every, "cpu")
    assert opened == ["encoder.int8.onnx", "decoder_step.int8.onnx"]


@pytest.mark.parametrize("precision", get_args(Precision))
def test_every_precision_runs_on_the_cpu(every: Bundle, precision: Precision) -> None:
    """The CPU runs each precision if requested, with nearly the same results."""
    inputs = np.array([[5, 6, 7, 3]]), np.array([4], dtype=np.int32)
    engine = open_engine(every, "cpu", precision)
    assert engine.precision == precision
    exact = open_engine(every, "cpu", "float32").encode(*inputs)["encoder_states"]
    found = engine.encode(*inputs)["encoder_states"]
    assert found.dtype == np.float32
    assert np.abs(found - exact).max() < 0.05
