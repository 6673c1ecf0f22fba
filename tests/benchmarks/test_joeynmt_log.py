import pytest

from benchmarks.errors import PeerError
from benchmarks.joeynmt_log import TrainingLog, parse_generation, parse_training

_NAME = "2026-01-02 03:04:05,678 - INFO - joeynmt"
_LOG = f"""\
{_NAME}.model - Total params: 9528320
{_NAME}.training - EPOCH 1
{_NAME}.training - Epoch   1, Step:       28, Batch Loss:     5.007715, Batch Acc: 0.083498, \
Tokens per Sec:      605, Lr: 0.001000
{_NAME}.prediction - Generation took 62.4219[sec].
{_NAME}.training - Epoch   1, total training loss: 288.23, num. of seqs: 3750, \
num. of tokens: 61644, 96.2420[sec]
{_NAME}.training - Epoch   2, Step:       56, Batch Loss:     4.583374, Batch Acc: 0.142521, \
Tokens per Sec:      682, Lr: 0.001000
{_NAME}.training - Epoch   2, total training loss: 208.23, num. of seqs: 3750, \
num. of tokens: 61644, 90.0000[sec]
{_NAME}.training - Best validation result (greedy) at step       56:   0.05 bleu.
"""


def test_a_training_is_read() -> None:
    """Seconds and tokens are summed over all epochs, without validation."""
    assert parse_training(_LOG) == TrainingLog(
        parameters=9528320,
        losses={28: 5.007715, 56: 4.583374},
        epochs=2,
        target_tokens=2 * 61644,
        seconds=96.242 + 90,
        best_update=56,
    )


def test_incomplete_training_is_refused() -> None:
    """An incomplete log is refused."""
    with pytest.raises(PeerError, match="is incomplete"):
        parse_training(_LOG.rpartition(f"{_NAME}.training - Best")[0])


def test_the_last_translation_is_timed() -> None:
    """The last translation in a log counts; a log without translation is refused."""
    line = f"{_NAME}.prediction - Generation took {{}}[sec].\n"
    assert parse_generation(line.format(1.5) + line.format(2.25)) == 2.25
    with pytest.raises(PeerError, match="is incomplete"):
        parse_generation("")
