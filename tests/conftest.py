"""Settings of all tests, and a tiny model, trained once and shared by all pytest-xdist workers."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

# How long an example takes says nothing on a busy machine.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

TINY = """\
name = "tiny.ko-en"

[data]
source_language = "ko"
target_language = "en"

[data.embedded]
train = 2000
dev = 220
test = 40

[tokenization]
vocabulary_size = 800

[model]
embedding_size = 32
encoder_size = 32
decoder_size = 48
attention_size = 32
attentional_size = 32
dropout = 0.0
tie_output = true

[limits]
max_source_tokens = 40
max_target_tokens = 24

[training]
steps = 300
batch_tokens = 600
learning_rate = 1e-2
warmup_steps = 30
log_every = 50
evaluate_every = 300
checkpoint_every = 150
device = "cpu"
threads = 1
"""


@pytest.fixture(scope="session")
def tiny_configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The TOML file of `tiny_run`."""
    path = tmp_path_factory.mktemp("configuration") / "tiny.toml"
    path.write_text(TINY, "utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_run(tiny_configuration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a few seconds of training on the embedded corpus. Read it only."""
    # not at the top: the client's tests run without torch
    from jumok.training.configuration import load_configuration
    from jumok.training.trainer import train

    configuration = load_configuration(tiny_configuration)
    return _made_once(
        tmp_path_factory,
        "tiny-run",
        lambda run: train(configuration, tiny_configuration.parent, run),
    )


@pytest.fixture(scope="session")
def tiny_bundle(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of `tiny_run`. Read it only."""
    from jumok.export.exporter import export_bundle
    from jumok.training.checkpoint import load_checkpoint

    return _made_once(
        tmp_path_factory,
        "tiny-bundle",
        lambda bundle: export_bundle(load_checkpoint(tiny_run), bundle, ["CPUExecutionProvider"]),
    )


def _made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Make a folder in the first worker that needs it; other workers wait for it."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # the workers' common folder
    with FileLock(root / f"{name}.lock"):
        if not (root / name).exists():
            unfinished = root / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(root / name)
    return root / name
