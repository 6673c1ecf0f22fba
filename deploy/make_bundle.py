#!/usr/bin/env python
"""Makes a bundle from the embedded corpus, unless it is there: what the trainer container does.

`JUMOK_TRAINED` is the folder of the bundle; `JUMOK_STEPS`, if set, the steps to train.

Training and export share this process because it is the container's first: SIGTERM reaches the
training, which saves a checkpoint and stops, and the next start resumes it.
"""

import os
from pathlib import Path

from jumok.cli.command import main

RUNS = Path("/runs")


def jumok(*arguments: str) -> None:
    """Run a subcommand; go on only if it succeeds."""
    try:
        main(arguments)
    except SystemExit as end:
        if end.code:
            raise


def make_bundle(bundle: Path, steps: str) -> None:
    """Train and export, as far as that is not done."""
    if (bundle / "manifest.json").is_file():
        print(f"{bundle} is there: nothing to do")
        return
    # a run goes on only with the steps it was started with
    run = RUNS / f"embedded-{steps}" if steps else RUNS / "embedded"
    jumok("train", "--output", str(run), *(["--steps", steps] if steps else []))
    jumok("export", str(run), str(bundle))


if __name__ == "__main__":
    make_bundle(Path(os.environ["JUMOK_TRAINED"]), os.environ.get("JUMOK_STEPS", ""))
