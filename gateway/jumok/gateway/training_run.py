"""What a training has recorded: figures and attention."""

import json
from pathlib import Path
from typing import Any, Final

from jumok.gateway.errors import GatewayError

_METRICS: Final = "metrics.jsonl"
_ATTENTION: Final = "attention.jsonl"


class TrainingRun:
    """The folder of a run, which a training may be writing to."""

    def __init__(self, folder: Path) -> None:
        """Open a run.

        Raises:
            GatewayError: the folder is no run.
        """
        if not (folder / _METRICS).is_file():
            raise GatewayError(
                f"{folder} is no run, since it has no {_METRICS}: "
                "give the folder that `jumok train` writes to"
            )
        self._folder = folder

    def tag(self) -> str:
        """Make an entity tag (RFC 9110), which changes with the files."""
        parts = []
        for name in (_METRICS, _ATTENTION):
            try:
                status = (self._folder / name).stat()
            except OSError:
                continue
            parts.append(f"{status.st_size:x}-{status.st_mtime_ns:x}")
        return f'"{".".join(parts)}"'

    def content(self) -> dict[str, Any]:
        """Read what the run has recorded: its name, figures by step, and attention by step."""
        return {
            "name": self._folder.resolve().name,
            "metrics": _records(self._folder / _METRICS),
            "attention": _records(self._folder / _ATTENTION),
        }


def _records(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines.

    An incomplete line, which is being written or was when the training was killed, is left out.
    """
    records = []
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    record = json.loads(line, parse_constant=lambda name: None)  # JSON has no NaN
                except ValueError:
                    continue
                if isinstance(record, dict) and isinstance(record.get("step"), int):
                    records.append(record)
    except FileNotFoundError:  # attention.jsonl: the run was made by an earlier version
        pass
    return records
