"""A training step: the gradients of a global batch and the optimizer's update."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from jumok.bundle.manifest import SpecialIds
from jumok.training.configuration import TrainingConfiguration
from jumok.training.data.batches import TokenBatch
from jumok.training.errors import DivergenceError
from jumok.training.loss import alignment_loss, token_loss
from jumok.training.network.seq2seq import Seq2Seq
from jumok.training.processes import Processes
from jumok.training.schedule import learning_rate


class Learner:
    """A model and its optimizer.

    Attributes:
        model: the model that is trained.
        optimizer: AdamW (Loshchilov & Hutter 2019).
    """

    def __init__(
        self,
        model: Seq2Seq,
        settings: TrainingConfiguration,
        special: SpecialIds,
        processes: Processes,
        word_dropout: float = 0.0,
        tag: int | None = None,
    ) -> None:
        """Create the optimizer.

        Args:
            model: the model, already on its device.
            settings: the `[training]` table.
            special: ids of special tokens.
            processes: the processes that train together.
            word_dropout: `tokenization.word_dropout`.
            tag: id of the token before machine-translated sources, which is not dropped.
        """
        self.model = model
        self.optimizer = torch.optim.AdamW(
            model.parameters(), betas=(0.9, 0.98), weight_decay=settings.weight_decay, fused=True
        )
        self._settings, self._special, self._processes = settings, special, processes
        self._word_dropout = word_dropout
        self._kept = [special.padding, special.begin, special.end, *([] if tag is None else [tag])]
        self._device = model.decoder.embedding.weight.device
        self._parallel = processes.wrap(model)
        self._autocast = settings.amp and computes_in_bfloat16(self._device)

    def learn(self, batches: Sequence[TokenBatch], tokens: int, step: int) -> float:
        """Do one training step.

        Args:
            batches: micro-batches of this process.
            tokens: target tokens in the micro-batches of all processes.
            step: step, counted from 0.

        Returns:
            The mean loss over the target tokens of all processes, in nats per token.

        Raises:
            DivergenceError: the loss or a gradient is not finite; the weights are unchanged.
        """
        settings = self._settings
        # dropout depends on these alone, so that a resumed training is reproducible
        seeds = np.random.SeedSequence([settings.seed, step, self._processes.rank])
        torch.manual_seed(int(seeds.generate_state(1)[0]))
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(step, settings)
        self.model.train()
        self.optimizer.zero_grad()
        loss = torch.zeros((), device=self._device)
        # DistributedDataParallel averages gradients over processes; the loss is a sum over tokens
        scale = self._processes.count / tokens
        for number, batch in enumerate(batches, start=1):
            with self._processes.together(self._parallel, last=number == len(batches)):
                part = self._loss(batch.to(self._device))
                (part * scale).backward()  # type: ignore[no-untyped-call]
            loss += part.detach()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), settings.gradient_norm)
        mean = float(self._processes.add(loss)) / tokens
        if not (math.isfinite(mean) and math.isfinite(norm)):
            raise DivergenceError(
                f"the training diverged: the loss or a gradient of step {step + 1} is not finite; "
                "lower training.learning_rate or training.gradient_norm, or raise "
                "training.warmup_steps, and start over, or from the best checkpoint, with --from "
                "and another --output"
            )
        self.optimizer.step()
        return mean

    def _loss(self, batch: TokenBatch) -> Tensor:
        wanted = batch.target_ids != self._special.padding
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._autocast):
            logits, attention = self._parallel(
                self._dropped(batch.source_ids),
                batch.source_lengths,
                self._dropped(batch.previous_ids),
                wanted,
            )
        loss = token_loss(logits, batch.target_ids[wanted], self._settings.label_smoothing)
        if batch.alignment is not None:
            loss = loss + self._settings.guided_alignment * alignment_loss(
                attention, batch.alignment
            )
        return loss

    def _dropped(self, ids: Tensor) -> Tensor:
        """Replace random tokens, but no special ones, by the unknown token."""
        if not self._word_dropout:
            return ids
        dropped = torch.rand(ids.shape, device=ids.device) < self._word_dropout
        for token_id in self._kept:
            dropped &= ids != token_id
        return ids.masked_fill(dropped, self._special.unknown)


def computes_in_bfloat16(device: torch.device) -> bool:
    """Return whether a device has instructions for bfloat16 matrix products.

    On a CPU with AVX-512 BF16 or AMX they make a training step more than twice as fast.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
