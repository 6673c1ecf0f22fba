"""The training loss."""

from torch import Tensor
from torch.nn import functional


def token_loss(
    logits: Tensor, target_ids: Tensor, padding: int, label_smoothing: float = 0.0
) -> Tensor:
    """Mean cross-entropy of the true target tokens, in nats; padding counts for nothing.

    Label smoothing is that of Szegedy et al. 2016: the wanted distribution gives this share to
    all tokens alike.

    Args:
        logits: float [batch, target, vocabulary].
        target_ids: int64 [batch, target].
        padding: the id to leave out.
        label_smoothing: the share, 0 to 1.

    Returns:
        A float32 scalar.
    """
    return functional.cross_entropy(
        logits.flatten(0, 1).float(),
        target_ids.flatten(),
        ignore_index=padding,
        label_smoothing=label_smoothing,
    )
