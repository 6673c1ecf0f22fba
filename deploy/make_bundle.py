#!/usr/bin/env python
"""Make a bundle from the embedded corpus unless it exists; run by the trainer container.

`JUMOK_TRAINED` is the folder of the bundle, and `JUMOK_STEPS`, if set, the number of steps.

Training and export run in this process because it is PID 1 of the container: SIGTERM reaches the
training, which saves a checkpoint and stops, and the next start resumes it.
"""

import os
from pathlib import Path

from jumok.cli.command import main

RUNS = Path("/runs")


def jumok(*arguments: str) -> None:
    """Run a subcommand, and exit if it fails."""
    try:
        main(arguments)
    except SystemExit as end:
        if end.code:
            raise


def make_bundle(bundle: Path, steps: str) -> None:
    """Train and export, resuming unfinished work."""
    if (bundle / "manifest.json").is_file():
        print(f"{bundle} exists: nothing to do")
        return
    # a run can be resumed only with the number of steps it was started with
    run = RUNS / f"embedded-{steps}" if steps else RUNS / "embedded"
    jumok("train", "--output", str(run), *(["--steps", steps] if steps else []))
    jumok("export", str(run), str(bundle))


if __name__ == "__main__":
    make_bundle(Path(os.environ["JUMOK_TRAINED"]), os.environ.get("JUMOK_STEPS", ""))
