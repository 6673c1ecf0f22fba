"""The loss against its formula."""

import numpy as np
import pytest
import torch

from training.loss import token_loss


def by_hand(logits: torch.Tensor, target_ids: torch.Tensor, share: float) -> float:
    """Cross-entropy with the wanted distribution (1 - share) · one-hot + share · uniform."""
    losses = []
    for row, wanted in zip(
        logits.double().numpy().reshape(-1, 6), target_ids.flatten(), strict=True
    ):
        if wanted:
            log_probs = row - np.log(np.exp(row).sum())
            losses.append(-(1 - share) * log_probs[wanted] - share * log_probs.mean())
    return float(np.mean(losses))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_formula(share: float) -> None:
    """The mean is over true tokens, and smoothing gives its share to all tokens alike."""
    torch.manual_seed(0)
    logits, target_ids = torch.randn(2, 4, 6) * 3, torch.tensor([[1, 5, 3, 0], [2, 3, 0, 0]])
    found = token_loss(logits, target_ids, 0, share)
    assert float(found) == pytest.approx(by_hand(logits, target_ids, share), abs=1e-6)


def test_padding_counts_for_nothing() -> None:
    """Nothing is learned from padding."""
    logits = torch.randn(2, 4, 6, requires_grad=True)
    target_ids = torch.tensor([[1, 5, 3, 0], [2, 3, 0, 0]])
    token_loss(logits, target_ids, 0, 0.1).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert ((logits.grad != 0).any(dim=2) == (target_ids != 0)).all()


def test_half_precision() -> None:
    """Logits of bfloat16 give a loss of float32."""
    loss = token_loss(torch.randn(1, 2, 6).bfloat16(), torch.tensor([[1, 2]]), 0, 0.1)
    assert loss.dtype == torch.float32
