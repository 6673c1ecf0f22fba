"""Opening the graphs of a bundle: what is opened is what was verified, and it fits together."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from benchmarks.abuse.small_bundle import small_graphs, write_small_bundle
from jumok.bundle.errors import BundleError
from jumok.bundle.folder import file_entry, load_bundle
from jumok.bundle.manifest import MANIFEST_NAME
from jumok.runtime.opening import open_engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "small"
    write_small_bundle(path)
    return path


def replace(folder: Path, name: str, content: bytes) -> None:
    """Replace a file together with its entry in the manifest."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST_NAME).read_bytes())
    manifest["files"][name] = file_entry(folder / name).model_dump()
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest), "utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(BundleError) as refused:
        open_engine(load_bundle(folder), "cpu")
    message = str(refused.value)
    assert message.startswith(str(folder))
    assert "\n" not in message
    return message


def test_the_small_bundle_can_be_served(folder: Path) -> None:
    """The bundle that these tests damage is a valid one."""
    engine = open_engine(load_bundle(folder), "cpu")
    encoded = engine.encode(np.array([[5, 6, 3]]), np.array([3], dtype=np.int32))
    assert encoded["encoder_states"].shape == (1, 3, 4)


@pytest.mark.parametrize("beside", [True, False])
def test_external_data_is_refused(
    folder: Path, beside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A graph that keeps values in another file is refused, and that file is not read."""
    graph = small_graphs(290)["encoder.onnx"]
    weights = graph.graph.initializer[0]
    place = folder if beside else folder.parent
    monkeypatch.chdir(place)  # ONNX Runtime looks for external data here
    (place / "weights.bin").write_bytes(weights.raw_data)
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="weights.bin")
    replace(folder, "encoder.onnx", graph.SerializeToString())
    assert "it keeps values in other files" in refusal(folder)


def test_a_graph_replaced_after_it_was_verified_is_refused(folder: Path) -> None:
    """The bytes that are opened are verified, not those that were there before."""
    bundle = load_bundle(folder)
    (folder / "encoder.onnx").write_bytes(small_graphs(291)["encoder.onnx"].SerializeToString())
    with pytest.raises(BundleError, match="is not the file that was exported"):
        open_engine(bundle, "cpu")


@pytest.mark.parametrize("name", ["encoder.onnx", "decoder_step.onnx"])
@pytest.mark.parametrize(
    ("vocabulary", "complaint"),
    [(289, "the graphs do not work"), (291, "has more than the 290 tokens of its tokenizer")],
)
def test_a_vocabulary_of_another_size_is_refused(
    folder: Path, name: str, vocabulary: int, complaint: str
) -> None:
    """The graphs must have as many tokens as the tokenizers."""
    replace(folder, name, small_graphs(vocabulary)[name].SerializeToString())
    assert complaint in refusal(folder)


def widen(graph: onnx.ModelProto, size: int) -> None:
    """Change the declared size of the encoder's states."""
    graph.graph.output[0].type.tensor_type.shape.dim[2].dim_value = size


@pytest.mark.parametrize("size", [0, 5, 2**16 + 1, 2**40])
def test_absurd_sizes_are_refused(folder: Path, size: int) -> None:
    """The size of a feature must be possible, and the same in both graphs."""
    graph = small_graphs(290)["encoder.onnx"]
    widen(graph, size)
    replace(folder, "encoder.onnx", graph.SerializeToString())
    refusal(folder)


CONTENTS: list[Callable[[bytes], bytes]] = [
    lambda _: b"",
    lambda _: b"no graph",
    lambda _: bytes(1000),
    lambda graph: graph[: len(graph) // 2],
    lambda graph: graph[:4] + b"ORTM" + graph[8:],
]


@pytest.mark.parametrize("change", CONTENTS)
def test_a_damaged_graph_is_refused(
    folder: Path, change: Callable[[bytes], bytes], capfd: pytest.CaptureFixture[str]
) -> None:
    """A file that is no graph is refused in one line, and ONNX Runtime prints nothing."""
    replace(folder, "encoder.onnx", change((folder / "encoder.onnx").read_bytes()))
    assert "encoder.onnx: the graph cannot be opened" in refusal(folder)
    assert capfd.readouterr() == ("", "")
