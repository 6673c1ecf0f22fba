"""Loss functions of training."""

from typing import Any

import torch
from torch import Tensor

_ROWS = 64  # rows of logits computed at a time: few enough to fit the cache of a core


class _SmoothedCrossEntropy(torch.autograd.Function):
    """Sum of cross-entropies with label smoothing, computed together with its gradient.

    PyTorch's version makes six passes over [tokens, vocabulary], mostly through main memory, which
    took a quarter of a training step on a CPU.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, target_ids: Tensor, label_smoothing: float) -> Tensor:
        gradient = torch.empty_like(logits)
        loss = torch.zeros((), dtype=torch.float32, device=logits.device)
        confidence, share = 1 - label_smoothing, label_smoothing / logits.shape[1]
        for start in range(0, len(logits), _ROWS):
            rows = slice(start, start + _ROWS)
            scores = logits[rows].float()
            wanted = target_ids[rows].unsqueeze(1)
            scores = scores - scores.logsumexp(dim=1, keepdim=True)
            loss -= confidence * scores.gather(1, wanted).sum()
            if label_smoothing:
                loss -= share * scores.sum()
            probabilities = scores.exp_()
            probabilities.scatter_add_(
                1, wanted, torch.full_like(wanted, -confidence, dtype=probabilities.dtype)
            )
            gradient[rows] = probabilities.sub_(share)
        ctx.save_for_backward(gradient)
        return loss

    @staticmethod
    def backward(ctx: Any, scale: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient.mul_(scale), None, None  # in place: no one else uses it


def token_loss(logits: Tensor, target_ids: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Sum the cross-entropies of target tokens.

    Args:
        logits: float [tokens, vocabulary], without padding.
        target_ids: int64 [tokens].
        label_smoothing: probability that the reference distribution spreads uniformly over the
            vocabulary, 0 to 1 (Szegedy et al. 2016, section 7).

    Returns:
        float32 scalar, in nats.
    """
    loss: Tensor = _SmoothedCrossEntropy.apply(  # type: ignore[no-untyped-call]
        logits, target_ids, label_smoothing
    )
    return loss


def alignment_loss(attention: Tensor, alignment: Tensor) -> Tensor:
    """Sum the cross-entropies of attention and known alignments (Chen et al. 2016, section 3.2).

    Args:
        attention: float [batch, target, source]; rows sum to 1.
        alignment: float [batch, target, source]; rows sum to 1, or to 0 for unaligned tokens.

    Returns:
        float32 scalar, in nats.
    """
    return -(alignment * attention.float().clamp(min=1e-6).log()).sum()
