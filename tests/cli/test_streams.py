"""Standard streams that are closed, as services and cron leave them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.client.answers import TEXT

JUMOK = f"{sys.executable} -m jumok.cli"


def run(line: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command with standard input from /dev/null."""
    return subprocess.run(
        line,
        shell=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    ["health", f"translate '{TEXT}'", f"align '{TEXT}' 'I am a student'", "bench --requests 2"],
)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_closed_streams(server: Any, arguments: str, closed: str) -> None:
    """A command that needs no input works whichever stream is closed."""
    ended = run(f"{JUMOK} {arguments} {closed}")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert bool(ended.stdout) == (">&-" not in closed.replace("2>&-", ""))


@pytest.mark.parametrize("closed", ["<&-", "<&- >&-"])
@pytest.mark.parametrize(
    "arguments", ["translate -", "align --source-file - --target-file /dev/null"]
)
def test_closed_input(server: Any, arguments: str, closed: str) -> None:
    """A command that reads standard input says in one line that it is closed."""
    ended = run(f"{JUMOK} {arguments} {closed}")
    assert ended.returncode == 1
    assert ended.stderr.endswith("standard input is closed: name a file, or connect it to one\n")
    assert ended.stderr.count("\n") == 1


def test_files_do_not_take_the_place_of_closed_streams(server: Any, tmp_path: Path) -> None:
    """With output and errors closed, files are written correctly."""
    ended = run(f"{JUMOK} translate '{TEXT}' --heatmap {tmp_path}/map.png <&- >&- 2>&-")
    assert ended.returncode == 0
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_serve_with_closed_streams(tmp_path: Path) -> None:
    """`jumok serve` reports a wrong bundle by its exit status, whichever stream is closed."""
    assert run(f"{JUMOK} serve {tmp_path} <&- >&- 2>&-").returncode == 1
    ended = run(f"{JUMOK} serve {tmp_path} <&- >&-")
    assert ended.returncode == 1
    assert ended.stderr.startswith("jumok serve: ")
    assert "Traceback" not in ended.stderr
