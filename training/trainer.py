"""The trainer: from a configuration to checkpoints, resumable at any step."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from training.batches import TokenPair, make_batch, plan_epoch
from training.checkpoint import (
    Checkpoint,
    capture,
    load_weights,
    new_model,
    restore,
    save_checkpoint,
)
from training.configuration import Configuration
from training.corpus import Corpus, load_corpus
from training.errors import ConfigurationError, DataError
from training.evaluation import evaluate
from training.interruption import interruptible
from training.loss import token_loss
from training.run_log import RunLog
from training.schedule import learning_rate
from training.starting_point import starting_point
from training.translation import Translator


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training ended.

    Attributes:
        step: steps done.
        best_bleu: the best on the development part, 0 to 100.
        interrupted: whether it was stopped before its end; the same command resumes it.
    """

    step: int
    best_bleu: float
    interrupted: bool


def train(configuration: Configuration, folder: Path, run: Path) -> Outcome:
    """Train, from the start or from the latest checkpoint in `run`.

    On one machine a resumed training goes through the same losses, bit for bit, as one that was
    never interrupted.

    Args:
        configuration: what to train.
        folder: what the paths of its data are relative to.
        run: the folder for checkpoints, figures and events.

    Raises:
        TrainingError: the data cannot be used, or `run` holds another training.
    """
    if configuration.training.threads:
        torch.set_num_threads(configuration.training.threads)
    corpus = load_corpus(configuration.data, folder)
    corpus.require_training()
    checkpoint = starting_point(run, configuration, corpus)
    with RunLog(run, configuration.training.steps, checkpoint.progress.step) as log:
        parts = f"{len(corpus.train)} training, {len(corpus.dev)} development pairs"
        log.say(
            f"{configuration.name}: {parts}"
            + f", {corpus.left_out} left out because a side is held out" * bool(corpus.left_out)
        )
        if checkpoint.progress.step:
            log.say(f"resuming at step {checkpoint.progress.step}")
        with interruptible() as interrupted:
            return _Trainer(checkpoint, corpus, run, log).train(interrupted)


class _Trainer:
    def __init__(self, checkpoint: Checkpoint, corpus: Corpus, run: Path, log: RunLog) -> None:
        self._start, self._corpus, self._run, self._log = checkpoint, corpus, run, log
        self._configuration = checkpoint.configuration
        self._settings = checkpoint.configuration.training
        self._progress = checkpoint.progress
        self._special = checkpoint.source.special_ids
        self._device = _device(self._settings.device)
        self._pairs = self._tokenize()
        self._planned: tuple[int, list[list[int]]] = (-1, [])
        torch.manual_seed(self._settings.seed)
        self._model = new_model(self._configuration, checkpoint.source, checkpoint.target)
        if checkpoint.model:
            load_weights(self._model, checkpoint.model)
        self._model.to(self._device)
        self._optimizer = torch.optim.AdamW(
            self._model.parameters(),
            betas=(0.9, 0.98),
            weight_decay=self._settings.weight_decay,
            foreach=True,
        )
        if checkpoint.optimizer:
            restore(self._optimizer, checkpoint.optimizer)
        self._translator = Translator(
            self._model,
            checkpoint.source,
            checkpoint.target,
            self._configuration.limits.max_target_tokens,
        )

    def train(self, interrupted: threading.Event) -> Outcome:
        progress, settings = self._progress, self._settings
        parameters = sum(parameter.numel() for parameter in self._model.parameters())
        self._log.say(f"{parameters / 1e6:.1f} million parameters on {self._device}")
        clock, tokens = time.perf_counter(), 0
        while progress.step < settings.steps and progress.stale < settings.patience:
            if interrupted.is_set():
                self._save(best=False)
                return Outcome(progress.step, progress.best_bleu, interrupted=True)
            loss, count = self._next_step()
            tokens += count
            progress.loss_sum += loss
            progress.loss_steps += 1
            self._log.advance(progress.step)
            if progress.step % settings.log_every == 0:
                now = time.perf_counter()
                self._report(tokens / (now - clock))
                clock, tokens = now, 0
            last = progress.step == settings.steps
            if last or progress.step % settings.evaluate_every == 0:
                self._save(best=self._evaluate())
            elif progress.step % settings.checkpoint_every == 0:
                self._save(best=False)
        return Outcome(progress.step, progress.best_bleu, interrupted=False)

    def _next_step(self) -> tuple[float, int]:
        """Train on the next batch; return its loss and its number of tokens."""
        progress, settings, special = self._progress, self._settings, self._special
        plan = self._plan(progress.epoch)
        batch = make_batch(
            [self._pairs[index] for index in plan[progress.batch]],
            special.padding,
            special.begin,
            special.end,
        ).to(self._device)
        self._model.train()
        amp = settings.amp and self._device.type == "cuda"
        with torch.autocast(self._device.type, torch.bfloat16, enabled=amp):
            logits, _ = self._model(batch.source_ids, batch.source_lengths, batch.previous_ids)
        loss = token_loss(logits, batch.target_ids, special.padding, settings.label_smoothing)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(progress.step, settings)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._model.parameters(), settings.gradient_norm)
        self._optimizer.step()
        progress.step += 1
        progress.batch += 1
        if progress.batch == len(plan):
            progress.epoch, progress.batch = progress.epoch + 1, 0
        count = int((batch.target_ids != special.padding).sum() + batch.source_lengths.sum())
        return loss.item(), count

    def _plan(self, epoch: int) -> list[list[int]]:
        if self._planned[0] != epoch:
            settings = self._settings
            plan = plan_epoch(self._pairs, settings.batch_tokens, settings.seed, epoch)
            self._planned = (epoch, plan)
        return self._planned[1]

    def _report(self, speed: float) -> None:
        progress = self._progress
        loss = progress.loss_sum / progress.loss_steps
        progress.loss_sum, progress.loss_steps = 0.0, 0
        rate = learning_rate(progress.step - 1, self._settings)
        self._log.figures(
            progress.step,
            {"train/loss": loss, "train/learning_rate": rate, "train/tokens_per_second": speed},
            f"epoch {progress.epoch + 1}, loss {loss:.3f}, {speed:,.0f} tokens/s",
            keep=False,
        )

    def _evaluate(self) -> bool:
        progress = self._progress
        evaluation = evaluate(self._translator, self._corpus.dev)
        values = {
            "dev/bleu": evaluation.bleu,
            "dev/chrf": evaluation.chrf,
            "dev/exact": evaluation.exact,
        }
        shown = f"dev BLEU {evaluation.bleu:.2f}, chrF {evaluation.chrf:.2f}, "
        shown += f"exact {evaluation.exact:.1%}"
        if evaluation.alignment is not None:
            values["dev/aer"] = evaluation.alignment.error_rate
            shown += f", AER {evaluation.alignment.error_rate:.3f}"
        self._log.figures(progress.step, values, shown)
        progress.metrics = values
        better = evaluation.bleu > progress.best_bleu
        progress.stale = 0 if better else progress.stale + 1
        progress.best_bleu = max(progress.best_bleu, evaluation.bleu)
        return better

    def _save(self, best: bool) -> None:
        checkpoint = Checkpoint(
            configuration=self._configuration,
            provenance=self._start.provenance,
            progress=self._progress,
            source=self._start.source,
            target=self._start.target,
            held_out=self._start.held_out,
            model=self._model.state_dict(),
            optimizer=capture(self._optimizer),
        )
        save_checkpoint(self._run, checkpoint, best)

    def _tokenize(self) -> list[TokenPair]:
        limits = self._configuration.limits
        sources = self._start.source.encode_ids([pair.source for pair in self._corpus.train])
        targets = self._start.target.encode_ids([pair.target for pair in self._corpus.train])
        pairs = [
            TokenPair(tuple(source), tuple(target))
            for source, target in zip(sources, targets, strict=True)
            if 0 < len(source) <= limits.max_source_tokens
            and 0 < len(target) <= limits.max_target_tokens
        ]
        if not pairs:
            raise DataError("every training pair is longer than limits allows; raise the limits")
        if longer := len(sources) - len(pairs):
            self._log.say(f"{longer} pairs longer than the limits left out")
        return pairs


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ConfigurationError(
            "training.device is cuda, but PyTorch finds no CUDA here; take auto or cpu"
        )
    return torch.device(wanted)
