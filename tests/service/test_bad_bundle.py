"""`jumok serve` with a bundle that cannot be served."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from benchmarks.abuse.small_bundle import small_graphs, write_small_bundle
from jumok.bundle.folder import file_entry


def fifo(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    os.mkfifo(folder / "manifest.json")


def external_data(folder: Path) -> None:
    graph = small_graphs(290)["encoder.onnx"]
    weights = graph.graph.initializer[0]
    (folder / "weights.bin").write_bytes(weights.raw_data)
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="weights.bin")
    (folder / "encoder.onnx").write_bytes(graph.SerializeToString())
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"]["encoder.onnx"] = file_entry(folder / "encoder.onnx").model_dump()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (fifo, "manifest.json is not a file inside the bundle"),
        (external_data, "encoder.onnx: the graph cannot be opened: it keeps values in other files"),
    ],
)
def test_one_line_and_exit_status_1(
    tmp_path: Path, damage: Callable[[Path], None], complaint: str
) -> None:
    """The service ends at once, says why in one line, and shows no traceback."""
    folder = tmp_path / "bundle"
    write_small_bundle(folder)
    damage(folder)
    done = subprocess.run(
        [sys.executable, "-m", "jumok.cli", "serve", str(folder), "--listen", "localhost:0"],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 1
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
