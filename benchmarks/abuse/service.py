"""A service process to abuse, and its clients."""

import os
import re
import subprocess
import sys
import threading
import tomllib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import grpc

ROOT: Final = Path(__file__).resolve().parents[2]


@contextmanager
def running_service(
    checkout: Path, **settings: object
) -> "Iterator[tuple[subprocess.Popen[str], str]]":
    """Run the service of a checkout on the shipped ko-en; yield its process and address.

    Args:
        checkout: root of the repository whose code to run.
        settings: settings by name, such as `max_rows`; see docs/operations.md.
    """
    document = tomllib.loads((checkout / "pyproject.toml").read_text("utf-8"))
    sources = document["tool"]["hatch"]["build"]["dev-mode-dirs"]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(str(checkout / source) for source in sources),
        **{f"JUMOK_{name.upper()}": str(value) for name, value in settings.items()},
    }
    command = [sys.executable, "-m", "jumok.cli", "serve", str(checkout / "models/ko-en")]
    process = subprocess.Popen(
        [*command, "--listen", "localhost:0", "--log-format", "json"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r'"port": (\d+)', line)
    if found is None:
        raise SystemExit(f"the service did not start: {line}{process.stderr.read()}")
    # a pipe that nobody reads fills up, and then log lines pile up in the service
    threading.Thread(target=deque, args=(process.stderr, 0), daemon=True).start()
    try:
        yield process, f"localhost:{found[1]}"
    finally:
        process.kill()
        process.wait()


def connect(address: str) -> grpc.aio.Channel:
    """Open a connection of its own, which makes a caller of its own."""
    return grpc.aio.insecure_channel(
        address,
        [
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_receive_message_length", -1),
        ],
    )


def quantile(values: list[float], fraction: float) -> float:
    """Return the value below which this fraction of the values is; NaN if there are none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(fraction * len(ranked)))] if ranked else float("nan")
