"""Greedy search on ONNX Runtime, as the parity report runs it."""

import numpy as np
import torch

from export.runtime import RuntimeModel, padded
from training.checkpoint import Checkpoint


def test_padded() -> None:
    """Rows are filled up with 0 on the right, and their lengths are int32."""
    source_ids, lengths = padded([[5, 3], [6, 7, 3]])
    assert source_ids.tolist() == [[5, 3, 0], [6, 7, 3]]
    assert lengths.tolist() == [2, 3]
    assert source_ids.dtype == np.int64
    assert lengths.dtype == np.int32


def test_greedy(runtime: RuntimeModel, tiny: Checkpoint) -> None:
    """It says what PyTorch says, for sentences that end and for such as are cut at the limit."""
    rows = [[*ids, 3] for ids in tiny.source.encode_ids(tiny.held_out[:33])]
    source_ids, lengths = padded(rows)
    expected = tiny.build_model().greedy(
        torch.from_numpy(source_ids), torch.from_numpy(lengths).long(), 2, 3, 12
    )
    found = runtime.greedy(rows, 2, 3, 12)
    assert [ids for ids, _ in found] == expected.token_ids
    assert {len(weights) - len(ids) for ids, weights in found} == {0, 1}
    for (_, weights), wanted in zip(found, expected.attention, strict=True):
        np.testing.assert_allclose(weights, wanted.numpy(), atol=1e-5)
