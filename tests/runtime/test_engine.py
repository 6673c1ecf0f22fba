import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from jumok.bundle.errors import BundleError
from jumok.bundle.folder import file_entry, load_bundle
from jumok.bundle.manifest import GraphEntry
from jumok.runtime.errors import RuntimeSetupError
from jumok.runtime.opening import open_engine

CUDA = "CUDAExecutionProvider"


def test_provider_and_version(tiny_bundle: Path) -> None:
    """The provider and version are those of ONNX Runtime."""
    engine = open_engine(load_bundle(tiny_bundle), "cpu")
    assert engine.provider == "CPUExecutionProvider"
    assert engine.runtime_version == onnxruntime.__version__


def test_padding_changes_nothing(tiny_bundle: Path) -> None:
    """A sentence encoded in a wider batch has the same states to 1e-6."""
    engine = open_engine(load_bundle(tiny_bundle), "cpu")
    lengths = np.array([3], dtype=np.int32)
    narrow = engine.encode(np.array([[5, 6, 3]]), lengths)
    wide = engine.encode(np.array([[5, 6, 3, 0, 0, 0, 0]]), lengths)
    assert np.abs(narrow["encoder_states"] - wide["encoder_states"][:, :3]).max() < 1e-6
    assert np.abs(narrow["decoder_state"] - wide["decoder_state"]).max() < 1e-6


@pytest.mark.skipif(CUDA in onnxruntime.get_available_providers(), reason="CUDA is here")
def test_missing_cuda_is_refused(tiny_bundle: Path) -> None:
    """Without CUDA, requesting it raises an error that says in one sentence what to do."""
    with pytest.raises(RuntimeSetupError, match="jumok\\[gpu\\]") as error:
        open_engine(load_bundle(tiny_bundle), "cuda")
    assert "\n" not in str(error.value)


def test_a_graph_that_does_not_match_the_manifest_is_refused(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    """A graph with other inputs, or a file that is no graph, is refused in one sentence."""
    folder = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, folder)
    bundle = load_bundle(folder)
    graphs = bundle.manifest.precisions["float32"]
    encoder = GraphEntry(file=graphs.decoder_step.file, signature=graphs.encoder.signature)
    swapped = bundle.manifest.model_copy(
        update={"precisions": {"float32": graphs.model_copy(update={"encoder": encoder})}}
    )
    with pytest.raises(BundleError, match="signature"):
        open_engine(replace(bundle, manifest=swapped), "cpu")
    file = folder / graphs.encoder.file
    file.write_bytes(b"no graph")
    with pytest.raises(BundleError, match="is not the file that was exported"):
        open_engine(bundle, "cpu")
    files = bundle.manifest.files | {file.name: file_entry(file)}
    listed = bundle.manifest.model_copy(update={"files": files})
    with pytest.raises(BundleError, match="cannot be opened") as error:
        open_engine(replace(bundle, manifest=listed), "cpu")
    assert "\n" not in str(error.value)
