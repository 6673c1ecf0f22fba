"""Files of a bundle: only regular files inside its folder are read, and never too much of one."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from jumok.bundle.errors import BundleError
from jumok.bundle.folder import load_bundle
from jumok.bundle.reading import read_file


@contextmanager
def fifo(path: Path) -> Iterator[None]:
    os.mkfifo(path)
    yield


@contextmanager
def device(path: Path) -> Iterator[None]:
    try:
        os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))  # /dev/zero, which never ends
    except PermissionError:
        pytest.skip("only root can make devices")
    yield


@contextmanager
def unix_socket(path: Path) -> Iterator[None]:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
            yield
    finally:
        os.chdir(here)


@contextmanager
def link_to_device(path: Path) -> Iterator[None]:
    path.symlink_to("/dev/zero")
    yield


@contextmanager
def subfolder(path: Path) -> Iterator[None]:
    path.mkdir()
    yield


@pytest.mark.parametrize("name", ["manifest.json", "encoder.onnx", "tokenizer.model"])
@pytest.mark.parametrize("make", [fifo, device, unix_socket, link_to_device, subfolder])
def test_only_regular_files_are_opened(
    folder: Path, name: str, make: Callable[[Path], AbstractContextManager[None]]
) -> None:
    """In place of any file, something else is refused at once: a FIFO would wait for a writer."""
    (folder / name).unlink()
    with make(folder / name), pytest.raises(BundleError) as error:
        load_bundle(folder)
    assert f"{name} is not a file inside the bundle" in str(error.value)


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    """A file of a terabyte costs no more than a small one."""
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(2**40)
    assert read_file(tmp_path, "huge", 10) == bytes(10)


def test_a_file_larger_than_listed_is_refused(folder: Path) -> None:
    """Of a file larger than the manifest says, only one byte more is read."""
    with (folder / "encoder.onnx").open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(BundleError, match=r"encoder\.onnx is not the file that was exported"):
        load_bundle(folder)


def test_a_huge_manifest_is_refused(folder: Path) -> None:
    """A manifest of a gigabyte is not read."""
    with (folder / "manifest.json").open("r+b") as file:
        file.truncate(2**30)
    with pytest.raises(BundleError, match="larger than 1048576 bytes"):
        load_bundle(folder)


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "/proc/self/mem", "/" + "x" * 300])
def test_a_path_that_is_no_folder(path: str) -> None:
    """Something else than a folder is no bundle."""
    with pytest.raises(BundleError, match="is not a bundle: "):
        load_bundle(Path(path))


def test_verified_bytes_are_opened(folder: Path) -> None:
    """A file that changes after the bundle was loaded is refused when it is opened."""
    bundle = load_bundle(folder)
    assert bundle.read(folder / "encoder.onnx") == b"encoder"
    (folder / "encoder.onnx").write_bytes(b"Encoder")
    with pytest.raises(BundleError, match=r"encoder\.onnx is not the file that was exported"):
        bundle.read(folder / "encoder.onnx")
