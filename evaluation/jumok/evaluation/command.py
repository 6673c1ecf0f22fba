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
from jumok.pictures.errors import FontError
from jumok.pictures.font import missing_sentence
from jumok.runtime.errors import RuntimeSetupError
from jumok.training.errors import TrainingError

USER_ERRORS = (
    BundleError,
    EvaluationError,
    FontError,
    RuntimeSetupError,
    TrainingError,
    OSError,
)


def run(
    system: Annotated[Path, typer.Argument(help="Folder of a run, a checkpoint or a bundle.")],
    data: Annotated[
        Path, typer.Argument(help="Configuration (.toml), or sources and targets (.tsv, .tsv.gz).")
    ],
    part: Annotated[Part, typer.Option(help="Part of the configuration's data.")] = "test",
    names: Annotated[
        list[str] | None,
        typer.Option("--set", help="Evaluate only this set; repeat for several. [default: all]"),
    ] = None,
    beam: Annotated[
        int, typer.Option(min=1, max=WIDEST_BEAM, help="Beam width; 1 is greedy search.")
    ] = 5,
    length_penalty: Annotated[
        float, typer.Option(min=0, help="α of Wu et al. 2016; 0 is no length penalty.")
    ] = 1.0,
    batch_size: Annotated[int, typer.Option(min=1, help="Sentences in a batch.")] = 64,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Evaluate only this many sentences of each set.")
    ] = None,
    device: Annotated[Device, typer.Option(help="Device to run on.")] = "auto",
    precision: Annotated[
        Precision, typer.Option(help="Precision of a bundle's graphs.")
    ] = "float32",
    examples: Annotated[
        int, typer.Option(min=0, help="Number of best and of worst translations to show.")
    ] = 3,
    output: Annotated[
        Path | None, typer.Option(help="Write report.json, report.md and pictures to this folder.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Write the report without sentences to this file.")
    ] = None,
) -> None:
    """Translate test sets and score the translations.

    Measures sacreBLEU and chrF, BLEU by source length, perplexity, alignment error rate if there
    are gold links, entropy and coverage of attention, and speed.
    """
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)  # fail early
    if json is not None and not json.parent.is_dir():
        raise EvaluationError(f"{json.parent} is not a folder; create it, or choose another --json")
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
    language = system.report.target_language
    measured = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for test_set in test_data.sets:
            task = progress.add_task(test_set.name, total=2 * len(test_set.pairs))

            def advance(sentences: int, task: TaskID = task) -> None:
                progress.advance(task, sentences)

            measured.append(
                measure(system.translator, test_set, options, language, advance, system.calibration)
            )
    return measured
