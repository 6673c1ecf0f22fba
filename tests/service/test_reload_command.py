"""`jumok serve` while its bundle is replaced."""

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from jumok.client import Client
from jumok.client.errors import ClientError

TEXT = "나는 학생입니다"
RELOADS = 3


def next_line(log: IO[str]) -> str:
    """Return the next line of the log that is not about a call."""
    while '"event": "call"' in (line := log.readline()):
        pass
    return line


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    """A bundle that can be changed."""
    return Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))


@pytest.fixture
def server(bundle: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "jumok.cli", "serve", str(bundle)]
    server = subprocess.Popen(
        [*command, "--listen", "localhost:0", "--log-format", "json"],
        stderr=subprocess.PIPE,
        text=True,
    )
    yield server
    server.kill()
    server.communicate()


def change(bundle: Path, number: int) -> None:
    """Give the bundle another fingerprint."""
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["provenance"]["reload"] = number
    (bundle / "manifest.new").write_text(json.dumps(manifest), "utf-8")
    (bundle / "manifest.new").replace(bundle / "manifest.json")


def test_reloads_under_load_fail_no_call(server: "subprocess.Popen[str]", bundle: Path) -> None:
    """Each SIGHUP loads the changed bundle; a bad one leaves the last one serving."""
    assert server.stderr is not None
    address = f"localhost:{json.loads(server.stderr.readline())['port']}"
    stopping = threading.Event()
    answered: list[str] = []
    failures: list[ClientError] = []

    def load() -> None:
        with Client(address, timeout=60) as client:
            while not stopping.is_set():
                try:
                    answered.append(client.translate_text(TEXT).result.model_fingerprint)
                except ClientError as error:
                    failures.append(error)

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(RELOADS):
            change(bundle, number)
            server.send_signal(signal.SIGHUP)
            assert "model loaded" in next_line(server.stderr)
            assert "model retired" in next_line(server.stderr)
        (bundle / "manifest.json").write_text("{}")
        server.send_signal(signal.SIGHUP)
        assert "reload failed" in next_line(server.stderr)
        last = len(answered)
        with Client(address, timeout=60) as client:
            serving = client.translate_text(TEXT).result.model_fingerprint
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
    server.send_signal(signal.SIGTERM)
    log = server.communicate(timeout=60)[1]
    assert not failures
    assert len(answered) > last
    assert len({*answered, serving}) <= RELOADS + 1
    assert answered[-1] == serving
    assert server.returncode == 0, log
