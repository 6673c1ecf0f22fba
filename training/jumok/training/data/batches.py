"""Batches of similar lengths, bounded by tokens, in an order that seed and epoch decide."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jumok.evaluation.scoring.sentence_pair import Links

_POOL = (
    4096  # sentences sorted together: long enough for little padding, short enough to stay random
)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A sentence pair as token ids, without begin or end.

    Attributes:
        source: token ids.
        target: token ids.
        links: between tokens, (source, target), where the pair's alignment is known.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    links: Links | None = None


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Padded token ids, int64.

    Attributes:
        source_ids: [batch, source], each ended.
        source_lengths: [batch], the end counted.
        previous_ids: [batch, target], what the decoder reads: begin, then the translation.
        target_ids: [batch, target], what it must write: the translation, ended.
        alignment: float32 [batch, target, source], where any is known: rows sum to 1 for target
            tokens that are linked, to 0 for others.
    """

    source_ids: Tensor
    source_lengths: Tensor
    previous_ids: Tensor
    target_ids: Tensor
    alignment: Tensor | None = None

    def to(self, device: torch.device) -> "TokenBatch":
        """Copy to `device`; lengths stay where packing wants them, on the CPU."""
        return TokenBatch(
            self.source_ids.to(device),
            self.source_lengths,
            self.previous_ids.to(device),
            self.target_ids.to(device),
            None if self.alignment is None else self.alignment.to(device),
        )


def pad(rows: Sequence[Sequence[int]], padding: int) -> Tensor:
    """Stack rows of different lengths: int64 [batch, longest]."""
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[padding] * (width - len(row))] for row in rows])


def plan_epoch(
    pairs: Sequence[TokenPair], batch_tokens: int, seed: int, epoch: int
) -> list[list[int]]:
    """Cut a shuffled epoch into batches of indices into `pairs`.

    Args:
        pairs: the training pairs.
        batch_tokens: the most tokens of a batch, both sides, end and padding included; a pair
            longer than that is a batch of its own.
        seed: of the training.
        epoch: counted from 0.

    Returns:
        Batches; each pair is in just one.
    """
    generator = np.random.default_rng([seed, epoch])
    order = generator.permutation(len(pairs))
    plan: list[list[int]] = []
    for start in range(0, len(order), _POOL):
        pool = order[start : start + _POOL].tolist()
        pool.sort(key=lambda index: (len(pairs[index].target), len(pairs[index].source)))
        batch: list[int] = []
        widest = 0
        for index in pool:
            source, target = len(pairs[index].source) + 1, len(pairs[index].target) + 1
            # targets ascend inside a pool, so the last is the widest; sources need the maximum
            width = max(widest, source)
            if batch and (width + target) * (len(batch) + 1) > batch_tokens:
                plan.append(batch)
                batch, width = [], source
            batch.append(index)
            widest = width
        plan.append(batch)
    generator.shuffle(plan)
    return plan


def make_batch(pairs: Sequence[TokenPair], padding: int, begin: int, end: int) -> TokenBatch:
    """Pad token pairs to a batch with begin and end."""
    source_ids = pad([[*pair.source, end] for pair in pairs], padding)
    target_ids = pad([[*pair.target, end] for pair in pairs], padding)
    alignment = None
    if any(pair.links for pair in pairs):
        alignment = torch.zeros(*target_ids.shape, source_ids.shape[1])
        links = [
            (row, target, source)
            for row, pair in enumerate(pairs)
            for source, target in pair.links or ()
        ]
        alignment[torch.tensor(links).unbind(dim=1)] = 1
        alignment /= alignment.sum(dim=2, keepdim=True).clamp(min=1)
    return TokenBatch(
        source_ids=source_ids,
        source_lengths=torch.tensor([len(pair.source) + 1 for pair in pairs]),
        previous_ids=pad([[begin, *pair.target] for pair in pairs], padding),
        target_ids=target_ids,
        alignment=alignment,
    )
