"""Batches of sentence pairs of similar lengths, limited by their number of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jumok.evaluation.scoring.sentence_pair import Links

_POOL = 4096  # pairs sorted by length together: many for little padding, few for random batches


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A sentence pair as token ids, without begin and end tokens.

    Attributes:
        source: ids of the source tokens.
        target: ids of the target tokens.
        links: links (source token, target token); None if the alignment is unknown.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    links: Links | None = None


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """A batch of padded token ids.

    Attributes:
        source_ids: int64 [batch, source], sources with end tokens.
        source_lengths: int64 [batch], lengths including the end token.
        previous_ids: int64 [batch, target], decoder inputs: the begin token and the target.
        target_ids: int64 [batch, target], decoder outputs: the target and the end token.
        alignment: float32 [batch, target, source]; rows sum to 1 for linked target tokens, to 0
            for others. None if no alignment in the batch is known.
    """

    source_ids: Tensor
    source_lengths: Tensor
    previous_ids: Tensor
    target_ids: Tensor
    alignment: Tensor | None = None

    def to(self, device: torch.device) -> "TokenBatch":
        """Copy to a device, except for the lengths, which packing needs on the CPU."""
        return TokenBatch(
            self.source_ids.to(device),
            self.source_lengths,
            self.previous_ids.to(device),
            self.target_ids.to(device),
            None if self.alignment is None else self.alignment.to(device),
        )


def pad(rows: Sequence[Sequence[int]], padding: int) -> Tensor:
    """Pad rows to equal length: int64 [batch, longest]."""
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[padding] * (width - len(row))] for row in rows])


def plan_epoch(
    pairs: Sequence[TokenPair], batch_tokens: int, seed: int, epoch: int
) -> list[list[int]]:
    """Shuffle the pairs and divide them into batches of similar lengths.

    Args:
        pairs: the training pairs.
        batch_tokens: maximum number of tokens of a batch, both sides, including ends and padding;
            a longer pair is a batch of its own.
        seed: seed of the training.
        epoch: epoch, counted from 0.

    Returns:
        Batches of indices into `pairs`; each pair occurs exactly once.
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
            # the pool is sorted by target length, so the last target is the longest
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
    """Make a padded batch, adding begin and end tokens."""
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
