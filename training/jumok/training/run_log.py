"""The log of a run: progress bar or plain lines, files of figures and attention, TensorBoard."""

import json
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch.utils.tensorboard.writer import SummaryWriter

from jumok.pictures.attention_map import AttentionMap
from jumok.pictures.heat_map import pixels

METRICS_NAME = "metrics.jsonl"
ATTENTION_NAME = "attention.jsonl"
_WEIGHT_DIGITS = 3


class RunLog:
    """Show progress and record figures.

    `metrics.jsonl` has a line for each log interval and evaluation, `attention.jsonl` one for each
    evaluation and watched sentence. When a training is resumed, lines and TensorBoard events after
    the checkpoint's step are discarded.
    """

    def __init__(self, run: Path, steps: int, first_step: int, speaks: bool = True) -> None:
        """Open the log of a run.

        Args:
            run: folder of the run.
            steps: total number of steps.
            first_step: number of steps done already.
            speaks: if false, nothing is shown or recorded; set for all processes but the first.
        """
        self._speaks = speaks
        self._steps, self._first_step = steps, first_step
        self._began: float | None = None
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("step {task.completed} of {task.total}"),
            BarColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=self._console,
            disable=not (speaks and self._console.is_terminal),
        )
        self._task = self._bar.add_task("", total=steps, completed=first_step)
        if not speaks:
            return
        run.mkdir(parents=True, exist_ok=True)
        self._figures = _continued(run / METRICS_NAME, first_step)
        self._attention = _continued(run / ATTENTION_NAME, first_step)
        self._events = SummaryWriter(run / "tensorboard", purge_step=first_step + 1)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
        if self._speaks:
            self._figures.close()
            self._attention.close()
            self._events.close()

    def begin(self) -> None:
        """Start the clock; call it right before the first step."""
        self._began = time.monotonic()

    def advance(self, step: int) -> None:
        """Move the progress bar to `step`."""
        self._bar.update(self._task, completed=step)
        if step == self._first_step + 1 and not self._console.is_terminal:
            self.say(f"{self.position(step)}: the first step is done")

    def position(self, step: int) -> str:
        """Describe a step: its number, the time since the start, and the time that is left."""
        shown = f"step {step} of {self._steps}"
        if self._began is None or step <= self._first_step:
            return shown
        elapsed = time.monotonic() - self._began
        left = elapsed / (step - self._first_step) * (self._steps - step)
        return f"{shown} ({_duration(elapsed)}, {_duration(left)} left)"

    def figures(self, step: int, values: dict[str, float], shown: str, keep: bool = True) -> None:
        """Record figures of a step and show a summary.

        Args:
            step: the step.
            values: figures by name, such as "train/loss".
            shown: summary in one line.
            keep: whether the summary is a line of its own on a terminal; otherwise it is shown
                beside the progress bar until the next one.
        """
        if not self._speaks:
            return
        _append(self._figures, {"step": step, **values})
        for name, value in values.items():
            self._events.add_scalar(name, value, step)
        if self._console.is_terminal and not keep:
            self._bar.update(self._task, description=shown)
        else:
            self.say(f"{self.position(step)}: {shown}")

    def attention(self, step: int, number: int, attention: AttentionMap, reference: str) -> None:
        """Record the attention of a watched sentence, as numbers and as a TensorBoard picture.

        Args:
            step: the step.
            number: number of the sentence, from 1 on.
            attention: attention between the words of the sentence and of its translation.
            reference: translation by a human.
        """
        if not self._speaks:
            return
        line = {
            "step": step,
            "sentence": number,
            "source": attention.source,
            "target": attention.target,
            "reference": reference,
            "weights": [[round(w, _WEIGHT_DIGITS) for w in row] for row in attention.weights],
        }
        _append(self._attention, line)
        self._events.add_image(f"attention/{number}", pixels(attention), step, dataformats="HWC")

    def say(self, message: str) -> None:
        """Show a line of text."""
        if not self._speaks:
            return
        if self._console.is_terminal:
            self._console.print(message, markup=False, highlight=False)
        else:
            print(message, file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _append(file: IO[str], line: dict[str, Any]) -> None:
    file.write(json.dumps(line, ensure_ascii=False) + "\n")
    file.flush()


def _continued(path: Path, first_step: int) -> IO[str]:
    """Open a file of JSON lines to append to it, without the lines after a step."""
    kept = [line for line in _complete_lines(path) if json.loads(line)["step"] <= first_step]
    path.write_text("".join(kept), "utf-8")
    return path.open("a", encoding="utf-8")


def _complete_lines(path: Path) -> list[str]:
    # a killed process may have left an incomplete line
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:  # splitlines would also split at U+2028
        return [line for line in file if line.endswith("\n")]
