"""A service in a process of its own, whose event loop and memory are measured."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Measured:
    """What a service did since the last measurement.

    Attributes:
        held: the longest time that the event loop was held, in seconds.
        own: the longest CPU time that the event loop spent at once, in seconds.
        peak: peak resident memory, in MiB.
        now: resident memory, in MiB.
    """

    held: float
    own: float
    peak: float
    now: float


class ServiceProcess:
    """A running service; a context manager that stops it.

    Attributes:
        address: where it listens.
    """

    def __init__(self, **settings: object) -> None:
        """Start it with settings, such as `reader_seconds=2`."""
        environment = {f"JUMOK_{name.upper()}": str(value) for name, value in settings.items()}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.abuse.timed_loop"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | environment,
            text=True,
        )

    def __enter__(self) -> Self:
        """Wait until it serves."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            if event.get("event") == "serving":
                self.address = f"localhost:{event['port']}"
                return self
        raise RuntimeError("the service did not start; see its message above")

    def measured(self) -> Measured:
        """Return the measurements since the last call."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        print(file=stdin, flush=True)
        while "held" not in (answer := json.loads(stdout.readline())):
            pass
        return Measured(**answer)

    @property
    def cpu_seconds(self) -> float:
        """CPU time that the process has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(60)
