"""Loss functions against their formulas and PyTorch's."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from jumok.training.loss import alignment_loss, token_loss

TOKENS, VOCABULARY = 150, 11  # more tokens than are computed at a time


def drawn(dtype: torch.dtype = torch.float32) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw logits that require gradients, and target tokens."""
    torch.manual_seed(0)
    logits = (torch.randn(TOKENS, VOCABULARY) * 3).to(dtype).requires_grad_()
    return logits, torch.randint(0, VOCABULARY, (TOKENS,))


def learn(loss: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """Return the gradient of a third of a loss."""
    (gradient,) = torch.autograd.grad(loss / 3, logits)
    return gradient


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_formula(share: float) -> None:
    """The reference distribution is (1 - share) · one-hot + share · uniform; the loss is a sum."""
    logits, target_ids = drawn()
    rows = logits.detach().double().numpy()
    log_probs = rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
    wanted = (1 - share) * np.eye(VOCABULARY)[target_ids] + share / VOCABULARY
    found = token_loss(logits.detach(), target_ids, share)
    assert float(found) == pytest.approx(-(wanted * log_probs).sum(), rel=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_gradient(share: float) -> None:
    """Loss and gradient equal those of PyTorch's cross-entropy."""
    logits, target_ids = drawn()
    found = token_loss(logits, target_ids, share)
    expected = functional.cross_entropy(logits, target_ids, reduction="sum", label_smoothing=share)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(learn(found, logits), learn(expected, logits))


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_half_precision(share: float) -> None:
    """Logits in bfloat16 give a float32 loss and a gradient with the precision of bfloat16."""
    logits, target_ids = drawn(torch.bfloat16)
    exact = logits.detach().float().requires_grad_()
    found = token_loss(logits, target_ids, share)
    expected = functional.cross_entropy(exact, target_ids, reduction="sum", label_smoothing=share)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected)
    gradient = learn(found, logits)
    assert gradient.dtype == torch.bfloat16
    torch.testing.assert_close(gradient.float(), learn(expected, exact), rtol=1e-2, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_logits_stay(dtype: torch.dtype) -> None:
    """The logits are not modified."""
    logits, target_ids = drawn(dtype)
    before = logits.detach().clone()
    learn(token_loss(logits, target_ids, 0.1), logits)
    assert torch.equal(logits, before)


def test_large_logits() -> None:
    """Logits whose exponential overflows have a finite loss."""
    logits = torch.tensor([[1000.0, 0.0], [-1000.0, 0.0]], requires_grad=True)
    loss = token_loss(logits, torch.tensor([1, 1]))
    assert loss.item() == 1000
    assert learn(loss, logits).isfinite().all()


def test_alignment() -> None:
    """The loss is the cross-entropy of linked target tokens, which have equal weight."""
    attention = torch.tensor([[[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]], [[0.2, 0.2, 0.6], [1.0, 0, 0]]])
    alignment = torch.tensor([[[0.5, 0.5, 0], [0, 1.0, 0]], [[0, 0, 0], [0, 0, 0]]])
    expected = -(0.5 * np.log(0.5) + 0.5 * np.log(0.3) + np.log(0.8))
    assert float(alignment_loss(attention, alignment)) == pytest.approx(expected)


def test_alignment_of_nothing() -> None:
    """A link with attention 0 has a large but finite loss."""
    attention = torch.tensor([[[1.0, 0.0]]], requires_grad=True)
    loss = alignment_loss(attention, torch.tensor([[[0.0, 1.0]]]))
    assert 10 < loss.item() < 20
    assert learn(loss, attention).isfinite().all()


def test_alignment_in_half_precision() -> None:
    """Attention in bfloat16 gives a float32 loss."""
    attention = torch.full((1, 2, 4), 0.25, dtype=torch.bfloat16)
    assert alignment_loss(attention, attention.float()).dtype == torch.float32
