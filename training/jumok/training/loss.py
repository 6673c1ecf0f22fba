"""The training loss."""

from typing import Any

import torch
from torch import Tensor

_ROWS = 64  # of logits worked on at a time: few enough to stay in a core's cache


class _SmoothedCrossEntropy(torch.autograd.Function):
    """Sum of the cross-entropies of rows of logits, the gradient made along with the loss.

    PyTorch's own writes the vocabulary out six times, most of them to memory; on a CPU that was a
    quarter of a training step.
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
        return gradient.mul_(scale), None, None  # it is ours, and not needed again


def token_loss(logits: Tensor, target_ids: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Sum of the cross-entropies of target tokens, in nats.

    Label smoothing is that of Szegedy et al. 2016 (section 7): the wanted distribution gives this
    share to all tokens alike.

    Args:
        logits: float [tokens, vocabulary], of true tokens: padding has no loss.
        target_ids: int64 [tokens].
        label_smoothing: the share, 0 to 1.

    Returns:
        A float32 scalar.
    """
    loss: Tensor = _SmoothedCrossEntropy.apply(  # type: ignore[no-untyped-call]
        logits, target_ids, label_smoothing
    )
    return loss


def alignment_loss(attention: Tensor, alignment: Tensor) -> Tensor:
    """Sum of the cross-entropies of attention against known alignments (Chen et al. 2016, 3.2).

    Args:
        attention: float [batch, target, source], rows sum to 1.
        alignment: float [batch, target, source], rows sum to 1, or to 0 where nothing is known.

    Returns:
        A float32 scalar, in nats.
    """
    return -(alignment * attention.float().clamp(min=1e-6).log()).sum()
