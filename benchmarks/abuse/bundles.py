"""Damaged bundles: is each one loaded or refused in one line?

    python -m benchmarks.abuse.bundles --seconds 600
    python -m benchmarks.abuse.bundles --seconds 600 --part graphs

The manifest and the tokenizer are damaged in this process. Damaged graphs are opened in processes
of their own, whose memory is limited, because ONNX Runtime can crash on them. The manifest has the
sums of the damaged files, as if somebody had made such a bundle on purpose.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from benchmarks.abuse.mutation import damaged_bytes, damaged_json
from benchmarks.abuse.small_bundle import write_small_bundle
from jumok.bundle.errors import BundleError
from jumok.bundle.folder import file_entry, load_bundle
from jumok.bundle.manifest import MANIFEST_NAME
from jumok.runtime.errors import RuntimeSetupError
from jumok.runtime.opening import open_engine

_GRAPHS: Final = ("encoder.onnx", "decoder_step.onnx")
_TOKENIZER: Final = "tokenizer.model"
_EXAMPLES: Final = 100  # of one round
_WORKER_SECONDS: Final = 900  # for a round of graphs
_WORKER_BYTES: Final = 8 * 2**30


class Damage:
    """A bundle whose files are damaged one at a time, and what happened when it was loaded.

    Attributes:
        outcomes: how many damaged bundles were loaded, or refused for which reason.
    """

    def __init__(self, folder: Path) -> None:
        """Write a valid bundle to `folder`."""
        write_small_bundle(folder)
        self._folder = folder
        self._files = {file.name: file.read_bytes() for file in folder.iterdir()}
        self.manifest: Any = json.loads(self._files[MANIFEST_NAME])
        self.outcomes: Counter[str] = Counter()

    def damaged_file(self, names: Sequence[str], seed: int) -> tuple[str, bytes]:
        """Return the name of one of the files and a damaged content of it."""
        random = Random(seed)
        name = random.choice(names)
        return name, damaged_bytes(self._files[name], random)

    def load(self, name: str, content: bytes, opened: Callable[[Any], object] = id) -> None:
        """Load the bundle with another content of one file.

        Raises:
            Exception: it was refused in another way than it should be.
        """
        files = self._files | {name: content}
        if name != MANIFEST_NAME:
            (self._folder / name).write_bytes(content)
            entry = file_entry(self._folder / name).model_dump()
            manifest = self.manifest | {"files": self.manifest["files"] | {name: entry}}
            files[MANIFEST_NAME] = json.dumps(manifest).encode()
        for each in {name, MANIFEST_NAME}:
            (self._folder / each).write_bytes(files[each])
        try:
            opened(load_bundle(self._folder))
            self.outcomes[f"{name}: loaded"] += 1
        except (BundleError, RuntimeSetupError) as error:
            message = str(error)
            assert message.isprintable(), repr(message)
            assert len(message) < 2000, len(message)
            self.outcomes[f"{name}: refused"] += 1
        finally:
            for each in {name, MANIFEST_NAME}:
                (self._folder / each).write_bytes(self._files[each])


def check_files(damage: Damage, examples: int, start: int) -> None:
    """Damage the manifest and the tokenizer in many ways."""

    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged_json(damage.manifest))
    def load_manifest(content: bytes) -> None:
        damage.load(MANIFEST_NAME, content)

    load_manifest()
    for number in range(start, start + 5 * examples):
        damage.load(*damage.damaged_file((MANIFEST_NAME, _TOKENIZER), number))


def open_graphs(first: int, last: int) -> None:
    """Open damaged graphs in this process; print the number of each before, and the outcomes."""
    resource.setrlimit(resource.RLIMIT_AS, (_WORKER_BYTES, _WORKER_BYTES))
    with tempfile.TemporaryDirectory() as folder:
        damage = Damage(Path(folder, "bundle"))
        for number in range(first, last):
            print(number, flush=True)
            damage.load(
                *damage.damaged_file(_GRAPHS, number),
                lambda bundle: open_engine(bundle, "cpu", threads=1),
            )
    print(json.dumps(damage.outcomes), flush=True)


def watch_graphs(seconds: float, first: int) -> Counter[str]:
    """Open damaged graphs in other processes until `seconds` are over; count crashes."""
    outcomes: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        last = first + _EXAMPLES
        command = [
            sys.executable,
            "-m",
            "benchmarks.abuse.bundles",
            "--open",
            str(first),
            str(last),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_WORKER_SECONDS, check=False
            )
            status, printed, problem = str(done.returncode), done.stdout, done.stderr
        except subprocess.TimeoutExpired as error:
            status, printed, problem = "timeout", (error.stdout or b"").decode(), ""
        *_, line = printed.splitlines() or [str(first)]
        if status == "0":
            outcomes.update(json.loads(line))
            first = last
        else:
            number = int(line)
            outcomes[f"ended with {status}"] += 1
            print(f"graph {number}: {status} {problem[-500:]}", flush=True)
            first = number + 1
    return outcomes


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--part", choices=("files", "graphs"), default="files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--open", type=int, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.open:
        open_graphs(*arguments.open)
        return 0
    begun = time.monotonic()
    if arguments.part == "graphs":
        outcomes = watch_graphs(arguments.seconds, arguments.seed)
    else:
        with tempfile.TemporaryDirectory() as folder:
            damage = Damage(Path(folder, "bundle"))
            start = arguments.seed
            while time.monotonic() < begun + arguments.seconds:
                check_files(damage, _EXAMPLES, start)
                start += 5 * _EXAMPLES
        outcomes = damage.outcomes
    for outcome, count in sorted(outcomes.items()):
        print(f"{outcome:40} {count:9,}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.monotonic() - begun:.0f} s, peak memory of this process {peak:.0f} MiB")
    return any(outcome.startswith("ended") for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main())
