"""The training loop: from a configuration to checkpoints, resumable at any step."""

import copy
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from jumok.bundle.tokenizer import BACK_TRANSLATED
from jumok.evaluation.scoring.batch_translator import AttendedTranslation, BatchTranslator
from jumok.evaluation.scoring.metrics import bleu_tokenizer
from jumok.evaluation.scoring.scores import evaluate
from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.evaluation.scoring.word_attention import word_map
from jumok.training.averaging import make_averaging
from jumok.training.batch_stream import BatchStream
from jumok.training.checkpoint import (
    Checkpoint,
    capture,
    load_weights,
    new_model,
    restore,
    save_checkpoint,
)
from jumok.training.configuration import Configuration
from jumok.training.data.corpus import Corpus, load_corpus
from jumok.training.errors import CheckpointError, ConfigurationError
from jumok.training.interruption import interruptible
from jumok.training.learner import Learner
from jumok.training.network.torch_model import TorchModel
from jumok.training.processes import Processes, joined
from jumok.training.run_log import RunLog
from jumok.training.schedule import learning_rate
from jumok.training.starting_point import starting_point

_WATCHED = 3  # development sentences whose attention is recorded at each evaluation


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a training.

    Attributes:
        step: number of finished steps.
        best_bleu: best BLEU on the development set, 0 to 100.
        best_step: step of that evaluation.
        seconds: time spent on steps, without evaluation and checkpoints.
        tokens: tokens of both sides trained on.
        interrupted: whether a signal stopped it early.
        patience: number of evaluations without improvement, if that stopped it; otherwise None.
    """

    step: int
    best_bleu: float
    best_step: int
    seconds: float
    tokens: int
    interrupted: bool
    patience: int | None


def train(
    configuration: Configuration, folder: Path, run: Path, parent: Path | None = None
) -> Outcome:
    """Train from the start or resume from the latest checkpoint of a run.

    On one machine the losses of a resumed training are bit-identical to those of an uninterrupted
    one. If started by `torchrun`, the processes divide the batches of each step among them.

    Args:
        configuration: the configuration.
        folder: folder that the paths of the data are relative to.
        run: folder for checkpoints, figures and TensorBoard events, accessible to all processes.
        parent: run or checkpoint whose weights a new run starts with.

    Returns:
        The result; if `interrupted`, calling this function again resumes the training.

    Raises:
        TrainingError: the data cannot be used, or `run` belongs to another training.
    """
    settings = configuration.training
    if settings.threads:
        torch.set_num_threads(settings.threads)
    with joined() as processes:
        if settings.accumulate % processes.count:
            raise ConfigurationError(
                f"training.accumulate = {settings.accumulate} batches cannot be divided among "
                f"{processes.count} processes; make it a multiple of {processes.count}"
            )
        corpus = load_corpus(configuration.data, folder)
        corpus.require_training(final=settings.final_steps > 0)
        checkpoint = starting_point(run, configuration, corpus, parent)
        with RunLog(run, settings.steps, checkpoint.progress.step, processes.first) as log:
            parts = f"{len(corpus.train)} training, {len(corpus.dev)} development pairs"
            log.say(
                f"{configuration.name}: {parts}"
                + f", {corpus.left_out} left out because a side is held out" * bool(corpus.left_out)
                + f", {corpus.near} because a side nearly is" * bool(corpus.near)
            )
            if checkpoint.progress.step:
                log.say(f"resuming at step {checkpoint.progress.step}")
            if checkpoint.progress.step >= settings.steps:
                log.say("all steps are done; raise training.steps to continue")
            if settings.warmup_steps >= settings.steps:
                log.say(
                    f"warning: the learning rate rises during all {settings.steps} steps, since "
                    f"training.warmup_steps = {settings.warmup_steps}; lower it"
                )
            with interruptible() as interrupted:
                return _Trainer(checkpoint, corpus, run, log, processes).train(interrupted)


class _Trainer:
    def __init__(
        self,
        checkpoint: Checkpoint,
        corpus: Corpus,
        run: Path,
        log: RunLog,
        processes: Processes,
    ) -> None:
        self._start, self._corpus, self._run, self._log = checkpoint, corpus, run, log
        self._processes = processes
        self._configuration = checkpoint.configuration
        self._settings = checkpoint.configuration.training
        self._progress = checkpoint.progress
        device = _device(self._settings.device)
        self._stream = self._final = self._read(corpus.train)
        if self._settings.final_steps:
            self._final = self._read(corpus.final)
        if self._stream.left_out:
            log.say(f"left out {self._stream.left_out} pairs that are longer than the limits")
        torch.manual_seed(self._settings.seed)
        self._model = new_model(self._configuration, checkpoint.source, checkpoint.target)
        if checkpoint.model:
            load_weights(self._model, checkpoint.model)
        self._model.to(device)
        self._learner = Learner(
            self._model,
            self._settings,
            checkpoint.source.special_ids,
            processes,
            self._configuration.tokenization.word_dropout,
            checkpoint.source.tag_id(BACK_TRANSLATED),
        )
        if checkpoint.optimizer:
            restore(self._learner.optimizer, checkpoint.optimizer)
        self._averaging = make_averaging(self._settings, checkpoint.averaging)
        # a model with the averaged weights, which is evaluated
        self._averaged = copy.deepcopy(self._model)
        self._translator = BatchTranslator(
            TorchModel(self._averaged),
            checkpoint.source,
            checkpoint.target,
            self._configuration.limits.max_target_tokens,
        )

    def _read(self, pairs: Sequence[SentencePair]) -> BatchStream:
        start = self._start
        return BatchStream(pairs, start.source, start.target, self._configuration)

    def train(self, interrupted: threading.Event) -> Outcome:
        progress, settings = self._progress, self._settings
        parameters = sum(parameter.numel() for parameter in self._model.parameters())
        device = self._model.decoder.embedding.weight.device
        self._log.say(f"{parameters / 1e6:.1f} million parameters on {device}")
        seconds, tokens = progress.seconds, progress.tokens
        self._log.begin()
        while progress.step < settings.steps and progress.stale < settings.patience:
            if self._processes.decide(interrupted.is_set()):
                self._save(best=False)
                return self._outcome(interrupted=True)
            begun = time.perf_counter()
            progress.loss_sum += self._next_step()
            progress.loss_steps += 1
            progress.seconds += time.perf_counter() - begun
            self._log.advance(progress.step)
            if progress.step % settings.log_every == 0:
                self._report((progress.tokens - tokens) / (progress.seconds - seconds))
                seconds, tokens = progress.seconds, progress.tokens
            last = progress.step == settings.steps
            if last or progress.step % settings.evaluate_every == 0:
                self._save(best=self._evaluate())
            elif progress.step % settings.checkpoint_every == 0:
                self._save(best=False)
        return self._outcome(interrupted=False)

    def _next_step(self) -> float:
        """Train on the batches of the next step; return the mean loss in nats per token."""
        progress, stream = self._progress, self._current_stream()
        place = progress.epoch, progress.batch
        batches = stream.batches(*place, self._processes.rank, self._processes.count)
        source_tokens, target_tokens = stream.tokens(*place)
        loss = self._learner.learn(batches, target_tokens, progress.step)
        progress.step += 1
        self._averaging.follow(self._model, progress.step)
        progress.batch += 1
        if progress.batch == stream.steps(progress.epoch):
            progress.epoch, progress.batch = progress.epoch + 1, 0
        progress.tokens += source_tokens + target_tokens
        return loss

    def _current_stream(self) -> BatchStream:
        progress, settings = self._progress, self._settings
        final = progress.step >= settings.steps - settings.final_steps
        if final != progress.final:  # final steps begin, or a finished run was given more steps
            progress.final = final
            progress.epoch, progress.batch = progress.epoch + 1, 0
            if final:
                self._log.say(f"step {progress.step}: from now on only files with final = true")
        return self._final if final else self._stream

    def _outcome(self, interrupted: bool) -> Outcome:
        progress = self._progress
        unfinished = progress.step < self._settings.steps and not interrupted
        return Outcome(
            step=progress.step,
            best_bleu=progress.best_bleu,
            best_step=progress.best_step,
            seconds=progress.seconds,
            tokens=progress.tokens,
            interrupted=interrupted,
            patience=progress.stale if unfinished else None,
        )

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
        """Score the development set; return whether BLEU is the best so far."""
        progress = self._progress
        self._averaging.mark(self._model)
        self._averaged.load_state_dict(self._averaging.weights(self._model), strict=False)
        language = self._configuration.data.target_language
        bleu = progress.best_bleu
        if self._processes.first:
            evaluation = evaluate(self._translator, self._corpus.dev, language)
            text = evaluation.text
            values = {"dev/bleu": text.bleu, "dev/chrf": text.chrf, "dev/exact": text.exact}
            shown = (
                f"dev BLEU {text.bleu:.2f} ({bleu_tokenizer(language)}), chrF {text.chrf:.2f}, "
                f"exact {text.exact:.1%}"
            )
            for rule, score in evaluation.alignment.items():
                values[f"dev/aer_{rule}"] = score.error_rate
                shown += f", AER {score.error_rate:.3f} ({rule})"
            self._log.figures(progress.step, values, shown)
            self._watch(evaluation.translations)
            progress.metrics = values
            bleu = text.bleu
        better = self._processes.decide(bleu > progress.best_bleu)
        if better:
            progress.best_bleu, progress.best_step = bleu, progress.step
        progress.stale = 0 if better else progress.stale + 1
        return better

    def _watch(self, translations: Sequence[AttendedTranslation]) -> None:
        """Record the attention of a fixed choice of development sentences."""
        dev = self._corpus.dev
        for number in range(min(_WATCHED, len(dev))):
            place = number * len(dev) // _WATCHED
            attention = word_map(dev[place].source, translations[place])
            self._log.attention(self._progress.step, number + 1, attention, dev[place].target)

    def _save(self, best: bool) -> None:
        checkpoint = Checkpoint(
            configuration=self._configuration,
            provenance=self._start.provenance,
            progress=self._progress,
            source=self._start.source,
            target=self._start.target,
            held_out=self._start.held_out,
            model=self._model.state_dict(),
            optimizer=capture(self._learner.optimizer),
            averaging=self._averaging.state,
        )
        failure: CheckpointError | None = None
        if self._processes.first:
            try:
                save_checkpoint(self._run, checkpoint, best)
            except CheckpointError as error:
                failure = error
        # all processes end, not the first alone, for which the others would wait
        if self._processes.decide(failure is not None):
            raise failure or CheckpointError("the first process cannot write its checkpoint")


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ConfigurationError(
            "training.device is cuda, but PyTorch finds no CUDA device; set it to auto or cpu"
        )
    return torch.device(wanted)
