"""`jumok evaluate`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from jumok.bundle.errors import BundleError
from jumok.bundle.manifest import Precision
from jumok.decoding.options import WIDEST_BEAM
from jumok.evaluation.bootstrap import RESAMPLES, SEED
from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.evaluator import Measured, measure
from jumok.evaluation.output import write_output
from jumok.evaluation.report import Options, Report, write_report
from jumok.evaluation.scoring.machine import machine, versions
from jumok.evaluation.system import Device, System, load_system
from jumok.evaluation.terminal import show, stdout
from jumok.evaluation.test_set import Part, TestData, load_test_data
from jumok.export.errors import ExportError
from jumok.pictures.errors import FontError
from jumok.pictures.font import missing_sentence
from jumok.training.errors import TrainingError

USER_ERRORS = (BundleError, EvaluationError, ExportError, FontError, TrainingError, OSError)


def run(
    system: Annotated[Path, typer.Argument(help="A run, one of its checkpoints, or a bundle.")],
    data: Annotated[
        Path, typer.Argument(help="A configuration (.toml), or sources and targets (.tsv).")
    ],
    part: Annotated[Part, typer.Option(help="The part of a configuration's data.")] = "test",
    names: Annotated[
        list[str] | None,
        typer.Option("--set", help="Only the set of this name; may be given again."),
    ] = None,
    beam: Annotated[
        int, typer.Option(min=1, max=WIDEST_BEAM, help="Hypotheses a sentence; 1 is greedy.")
    ] = 5,
    length_penalty: Annotated[
        float, typer.Option(min=0, help="α of Wu et al. 2016; 0 compares sums.")
    ] = 1.0,
    batch_size: Annotated[int, typer.Option(min=1, help="Sentences decoded at a time.")] = 64,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first sentences of each set.")
    ] = None,
    device: Annotated[Device, typer.Option(help="What to run on.")] = "auto",
    precision: Annotated[
        Precision, typer.Option(help="Which graphs of a bundle to run.")
    ] = "float32",
    examples: Annotated[
        int, typer.Option(min=0, help="Show so many of the worst and of the best sentences.")
    ] = 3,
    output: Annotated[
        Path | None, typer.Option(help="Folder for report.json, report.md and pictures.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Write all figures, but no sentences, to this file.")
    ] = None,
) -> None:
    """Translate test sets and measure all there is to measure.

    BLEU and chrF as by sacreBLEU, BLEU by source length, perplexity, alignment error rate where
    there are gold links, and what attention is like.
    """
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)  # it shall fail now, not after all the work
    if json is not None and not json.parent.is_dir():
        raise EvaluationError(f"{json.parent} is no folder to write {json.name} to: make it first")
    loaded = load_system(system, device, precision)
    test_data = load_test_data(data, part, names or (), limit)
    if test_data.languages is not None:
        loaded.check_languages(test_data.languages)
    options = Options(
        beam=beam,
        length_penalty=length_penalty,
        batch_size=batch_size,
        limit=limit,
        resamples=RESAMPLES,
        seed=SEED,
    )
    began = datetime.now(UTC).isoformat(timespec="seconds")
    measured = _measure(loaded, test_data, options)
    report = Report(
        began=began,
        system=loaded.report,
        data=str(data),
        part=part,
        options=options,
        versions=versions(),
        machine=machine(),
        sets=tuple(found.report for found in measured),
    )
    if json is not None:
        write_report(report.without_sentences(), json)
    if output is not None and (missing := write_output(output, report, measured, examples)):
        typer.echo(f"jumok evaluate: {missing_sentence(missing)}", err=True)
    show(stdout(), report, examples)
    if output is not None:
        typer.echo(output / "report.md")


def _measure(system: System, test_data: TestData, options: Options) -> list[Measured]:
    measured = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for test_set in test_data.sets:
            task = progress.add_task(test_set.name, total=2 * len(test_set.pairs))

            def advance(sentences: int, task: TaskID = task) -> None:
                progress.advance(task, sentences)

            measured.append(measure(system.translator, test_set, options, advance))
    return measured
