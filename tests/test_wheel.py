"""The wheel: one top-level package, and a command that works without the repository."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = sorted(
    path.name for path in ROOT.glob("*/jumok/*") if path.is_dir() and path.name != "__pycache__"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["-w", str(folder), str(ROOT)]
    subprocess.run(command, check=True, timeout=200)
    (wheel,) = folder.iterdir()
    return wheel


def test_wheel_adds_one_package(wheel: Path) -> None:
    """The wheel adds only `jumok` to site-packages; all its packages are typed."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"jumok"}
    assert {name.split("/")[1] for name in names if name.startswith("jumok/")} == {
        *PACKAGES,
        "models",
    }
    typed = {name.split("/")[1] for name in names if name.endswith("/py.typed")}
    assert typed == set(PACKAGES)
    assert len(names) == len(set(names))
    assert {"jumok/gateway/page/index.html", "jumok/v1/translation.proto"} <= set(names)
    shipped = {path.name for path in (ROOT / "models" / "ko-en").iterdir()}
    assert {
        name.rpartition("/")[2] for name in names if name.startswith("jumok/models/ko-en/")
    } == shipped


def test_wheel_works_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    """Installed alone, it serves its model and translates, whatever is in the current folder."""
    environment, here = tmp_path / "venv", tmp_path / "empty"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", f"{wheel}[serve,client]"]
    subprocess.run(install, check=True, timeout=280)
    for name in ("client", "service", "training"):
        (here / name).mkdir(parents=True)
        (here / name / "__init__.py").write_text("raise SystemExit('the decoy was imported')")
        (here / f"{name}.py").write_text("raise SystemExit('the decoy was imported')")
    (here / "bundle.py").write_text("raise SystemExit('the decoy was imported')")
    for package in ("torch", "onnx"):
        absent = subprocess.run(
            [python, "-c", f"import {package}"], cwd=here, capture_output=True, check=False
        )
        assert b"ModuleNotFoundError" in absent.stderr
    jumok = environment / "bin" / "jumok"
    server = subprocess.Popen(
        [jumok, "serve", "--listen", "localhost:0", "--log-format", "json"],
        cwd=here,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        started = json.loads(server.stderr.readline())
        address = f"localhost:{started['port']}"
        translated = subprocess.run(
            [jumok, "translate", "--address", address, "나는 학생입니다"],
            cwd=here,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        server.terminate()
        server.communicate(timeout=40)
    assert translated.returncode == 0, translated.stderr
    assert "student" in translated.stdout
    assert server.returncode == 0


def test_no_module_has_two_names() -> None:
    """In a checkout, our modules can be imported as `jumok.…` only."""
    code = """
import importlib
for name in {packages}:
    module = importlib.import_module(f"jumok.{{name}}")
    for bare in (name, f"{{name}}.jumok"):
        try:
            found = importlib.import_module(bare)
        except ModuleNotFoundError:
            continue
        assert getattr(found, "__file__", None) is None, bare
        assert not any("/jumok/" in path for path in found.__path__), bare
"""
    code = code.format(packages=[name for name in PACKAGES if name != "v1"])
    for folder in (ROOT, ROOT / "tests"):
        subprocess.run([sys.executable, "-P", "-c", code], cwd=folder, check=True, timeout=100)
