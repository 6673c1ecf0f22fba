"""The `jumok` command: a table of subcommands, each of which loads its package only when called.

A subcommand is a module with two names:

- `run`: a function with typer parameters; it does the work and its docstring is the help.
- `USER_ERRORS`: exception types that a user can cause. They become one line,
  `jumok NAME: sentence`, and exit status 1; what is not listed is a bug and shows its traceback.
"""

import functools
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from jumok.cli.outcome import outcome
from jumok.cli.streams import open_missing_streams


class Subcommand(NamedTuple):
    """One row of the table: `module` is imported by name, so that no layer is crossed before."""

    name: str
    module: str
    extra: str
    help: str


SUBCOMMANDS = (
    Subcommand("train", "jumok.training.command", "train", "Train a model on parallel text."),
    Subcommand(
        "evaluate",
        "jumok.evaluation.command",
        "train,serve",
        "Translate test sets and score the translations.",
    ),
    Subcommand(
        "compare",
        "jumok.evaluation.compare_command",
        "train",
        "Compare evaluations: are the differences significant?",
    ),
    Subcommand(
        "sweep",
        "jumok.training.sweep_command",
        "train",
        "Train variants of one configuration and compare them.",
    ),
    Subcommand(
        "export",
        "jumok.export.command",
        "export,serve",
        "Export a checkpoint as a bundle for the service.",
    ),
    Subcommand(
        "calibrate",
        "jumok.evaluation.calibrate_command",
        "train,serve",
        "Calibrate the confidence that a bundle gives its translations.",
    ),
    Subcommand("serve", "jumok.service.command", "serve", "Serve bundles over gRPC."),
    Subcommand(
        "key", "jumok.service.key_command", "serve", "Create, list or delete API keys of a service."
    ),
    Subcommand(
        "translate",
        "jumok.cli.translate_command",
        "client",
        "Translate a text and show the attention.",
    ),
    Subcommand(
        "align",
        "jumok.cli.align_command",
        "client",
        "Align the words of a text and its translation, and score it.",
    ),
    Subcommand(
        "explain",
        "jumok.cli.explain_command",
        "client",
        "Explain how a token of a translation was chosen, stage by stage.",
    ),
    Subcommand(
        "bench",
        "jumok.cli.bench_command",
        "client",
        "Put load on a running server, and measure latency and throughput.",
    ),
    Subcommand("models", "jumok.cli.models_command", "client", "List the models of a server."),
    Subcommand(
        "health", "jumok.cli.health_command", "client", "Check whether a server is serving."
    ),
    Subcommand(
        "web",
        "jumok.gateway.command",
        "web,serve",
        "Show the page, and serve JSON over HTTP.",
    ),
    Subcommand(
        "demo",
        "jumok.demo.command",
        "train,export,serve,client",
        "Translate a few sentences live; with --train do everything from training to serving.",
    ),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `jumok` with `arguments`, by default those of the process; always raises SystemExit."""
    open_missing_streams()
    # gRPC's own log would appear beside our messages
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    called = next((word for word in arguments if not word.startswith("-")), "")
    _app(called)(args=arguments, prog_name="jumok")


def _app(called: str) -> typer.Typer:
    """Build the command, with the subcommand that is called loaded, and of the rest the help."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",  # not "rich", which takes [batch, source] for markup
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_jumok)
    for row in SUBCOMMANDS:
        if row.name == called:
            app.command(row.name)(_load(row))
        else:
            app.command(row.name, help=row.help)(_not_loaded)
    return app


def _load(row: Subcommand) -> Callable[..., None]:
    """Import a subcommand and return its function, with the signature that typer reads."""
    with outcome(row.name, row.extra):
        module = importlib.import_module(row.module)

    @functools.wraps(module.run)
    def run(*args: Any, **kwargs: Any) -> None:
        with outcome(row.name, row.extra, module.USER_ERRORS):
            module.run(*args, **{name: _expanded(value) for name, value in kwargs.items()})

    return run


def _expanded(value: object) -> object:
    """Expand `~` in paths: a shell leaves it alone in `--option=~/file`, and in quotes."""
    if isinstance(value, Path):
        return value.expanduser()
    if isinstance(value, list):
        return [_expanded(each) for each in value]
    return value


def _not_loaded() -> None:
    """Stand for a subcommand that is listed but not called."""


def _print_version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata  # not before: it takes longer to import than this file

        print(f"jumok {importlib.metadata.version('jumok')}")
        raise typer.Exit


def _jumok(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Translation whose every token arrives with the attention that produced it."""
