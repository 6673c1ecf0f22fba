"""`jumok train`."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from jumok.training.configuration import DEFAULT_CONFIGURATION, load_configuration
from jumok.training.errors import ConfigurationError, TrainingError
from jumok.training.processes import speaks
from jumok.training.trainer import train

USER_ERRORS = (TrainingError, OSError)


def run(
    configuration: Annotated[
        Path,
        typer.Argument(help="TOML file that configures the training.", show_default="embedded"),
    ] = DEFAULT_CONFIGURATION,
    output: Annotated[
        Path | None, typer.Option(help="Folder of the run. [default: runs/NAME]")
    ] = None,
    parent: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Run or checkpoint whose weights a new run starts with: to fine-tune on other "
            "data, or to transfer to another language.",
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Number of steps, instead of training.steps.")
    ] = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print the configuration as JSON and exit.")
    ] = False,
) -> None:
    """Train a model on parallel text.

    Without a configuration, trains on the embedded Korean-English corpus. Ctrl-C saves a checkpoint
    and stops; run the same command again to resume.
    """
    logging.basicConfig(format="%(message)s")
    settings = load_configuration(configuration)
    if steps is not None:
        try:
            settings = settings.with_steps(steps)
        except ValueError as error:
            raise ConfigurationError(
                f"--steps {steps} must be more than training.final_steps = "
                f"{settings.training.final_steps}"
            ) from error
    if print_config:
        typer.echo(settings.model_dump_json(indent=2))
        return
    folder = output or Path("runs") / settings.name
    outcome = train(settings, configuration.parent, folder, parent)
    if outcome.interrupted:
        if speaks():
            typer.echo(
                f"stopped at step {outcome.step}; run the same command again to resume", err=True
            )
        raise typer.Exit(130)
    if speaks():
        best = f"best development BLEU {outcome.best_bleu:.2f} at step {outcome.best_step}"
        if not outcome.best_step:
            best = "not evaluated"
        typer.echo(f"{folder}: {outcome.step} of {settings.training.steps} steps, {best}")
        if outcome.patience is not None:
            final = settings.training.final_steps
            typer.echo(
                f"stopped early: no better BLEU in {outcome.patience} evaluations"
                + f", before the {final} final steps" * bool(final)
                + "; raise training.patience to continue"
            )
