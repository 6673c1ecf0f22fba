"""A tiny model, trained and exported once a session, for whoever needs a real one."""

from pathlib import Path

import pytest

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
    """The TOML file that `tiny_run` was trained with."""
    path = tmp_path_factory.mktemp("configuration") / "tiny.toml"
    path.write_text(TINY, "utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_run(tiny_configuration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training of a few seconds on the embedded corpus."""
    # not at the top: the client's tests run where there is no torch
    from jumok.training.configuration import load_configuration
    from jumok.training.trainer import train

    run = tmp_path_factory.mktemp("runs") / "tiny"
    train(load_configuration(tiny_configuration), tiny_configuration.parent, run)
    return run


@pytest.fixture(scope="session")
def tiny_bundle(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of `tiny_run`."""
    from jumok.export.exporter import export_bundle
    from jumok.training.checkpoint import load_checkpoint

    bundle = tmp_path_factory.mktemp("bundles") / "tiny"
    export_bundle(load_checkpoint(tiny_run), bundle, ["CPUExecutionProvider"])
    return bundle
