"""`jumok web` as a process, with a service of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

JUMOK = [sys.executable, "-P", "-m", "jumok.cli", "web"]


def _children(pid: int) -> list[int]:
    """The processes that a process has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8")
    return [int(child) for child in children.split()]


def _await_end(pid: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} goes on")


@pytest.fixture
def web(tiny_bundle: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A gateway with a service of its own."""
    if sys.platform != "linux":
        pytest.skip("reads /proc")
    environment = {name: value for name, value in os.environ.items() if name[:6] != "JUMOK_"}
    process = subprocess.Popen(
        [*JUMOK, "--listen", "localhost:0"],
        env=environment | {"JUMOK_BUNDLE": str(tiny_bundle)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_one_command(number: int, web: subprocess.Popen[str]) -> None:
    """It says where the page is once it can be opened, and its service ends with it."""
    assert web.stdout is not None
    assert web.stderr is not None
    line = web.stdout.readline()
    (url,) = re.findall(r"http://localhost:\d+/", line)
    with urllib.request.urlopen(url) as page, urllib.request.urlopen(f"{url}v1/models") as models:
        assert "<html" in page.read().decode()
        assert "ko-en" in models.read().decode()
        assert "server" not in page.headers
    (service,) = _children(web.pid)

    web.send_signal(number)

    output, messages = web.communicate(timeout=30)
    assert output == messages == ""
    _await_end(service)


def test_port_in_use_is_one_sentence() -> None:
    """A port in use ends the command before a service is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = subprocess.run(
            [*JUMOK, "--listen", address], capture_output=True, text=True, check=False
        )

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"jumok web: {address} is in use")
    assert len(ended.stderr.splitlines()) == 1


def test_service_that_does_not_start(tmp_path: Path) -> None:
    """If the service does not start, the reason is its own message."""
    ended = subprocess.run(
        [*JUMOK, "--listen", "localhost:0"],
        env=os.environ | {"JUMOK_BUNDLE": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "none" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
