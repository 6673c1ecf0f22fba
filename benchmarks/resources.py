"""The memory and CPU time of a service: at its start, and while it translates 32 streams.

    python -m benchmarks.resources models/ko-en models/de-en

Prints a Markdown table. Figures are those of the process of the service alone, from /proc.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from jumok.bundle.folder import load_bundle
from jumok.client import AsyncClient

_TEXTS = {
    "ko": "저는 어제 친구와 함께 영화를 봤어요.",
    "de": "Ich habe gestern mit einem Freund einen Film gesehen.",
}
_STREAMS = 32


@dataclass(frozen=True)
class Usage:
    """What a process has used.

    Attributes:
        resident: resident memory, in KiB.
        peak: its maximum so far.
        cpu: CPU time, in seconds.
    """

    resident: int
    peak: int
    cpu: float

    @classmethod
    def of(cls, pid: int) -> "Usage":
        """Read the usage of a process."""
        status = Path(f"/proc/{pid}/status").read_text()
        sizes = dict(re.findall(r"^(Vm\w+):\s+(\d+) kB$", status, re.MULTILINE))
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        seconds = ticks / os.sysconf("SC_CLK_TCK")
        return cls(int(sizes["VmRSS"]), int(sizes["VmHWM"]), seconds)


@contextmanager
def _service(bundle: Path, precision: str) -> Iterator[tuple[int, str]]:
    """Serve a bundle, and yield the process id and the address."""
    command = [sys.executable, "-m", "jumok.cli", "serve", str(bundle), "--listen", "localhost:0"]
    process = subprocess.Popen(
        [*command, "--precision", precision, "--log-format", "json", "--provider", "cpu"],
        env=os.environ | {"JUMOK_METRICS_LISTEN": "localhost:0"},
        stderr=subprocess.PIPE,  # filled and not read, which must not disturb the service
    )
    assert process.stderr is not None
    try:
        yield process.pid, f"localhost:{json.loads(process.stderr.readline())['port']}"
    finally:
        process.terminate()
        process.communicate()


async def _load(address: str, text: str, seconds: float) -> int:
    """Translate in 32 streams for some seconds; return the number of tokens."""
    tokens, end = 0, time.monotonic() + seconds

    async def stream(client: AsyncClient) -> None:
        nonlocal tokens
        while time.monotonic() < end:
            translation = await client.translate_text(text)
            tokens += len(translation.tokens)

    async with AsyncClient(address) as client, asyncio.TaskGroup() as group:
        for _ in range(_STREAMS):
            group.create_task(stream(client))
    return tokens


def main(
    bundles: Annotated[list[Path], typer.Argument(help="Folders of bundles.")],
    seconds: Annotated[float, typer.Option(help="Seconds of load.")] = 20,
) -> None:
    """Measure the memory and CPU time of the service."""
    typer.echo("| model | precision | at start | under 32 streams | peak | CPU time per token |")
    typer.echo("| --- | --- | --- | --- | --- | --- |")
    for bundle in bundles:
        manifest = load_bundle(bundle).manifest
        for precision in ("int8", "float32"):
            with _service(bundle, precision) as (pid, address):
                started = Usage.of(pid)
                text = _TEXTS[manifest.source_language]
                tokens = asyncio.run(_load(address, text, seconds))
                loaded = Usage.of(pid)
            memory = (started.resident, loaded.resident, loaded.peak)
            sizes = " | ".join(f"{kibibytes / 1024:.0f} MiB" for kibibytes in memory)
            cpu = 1000 * (loaded.cpu - started.cpu) / tokens
            typer.echo(f"| {manifest.name} | {precision} | {sizes} | {cpu:.1f} ms |")


if __name__ == "__main__":
    typer.run(main)
