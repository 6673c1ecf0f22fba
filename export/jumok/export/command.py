"""`jumok export`."""

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer

from jumok.bundle.errors import BundleError
from jumok.bundle.manifest import Precision
from jumok.export.errors import ExportError
from jumok.export.exporter import export_bundle
from jumok.runtime.errors import RuntimeSetupError
from jumok.runtime.session import installed_providers
from jumok.training.checkpoint import load_checkpoint
from jumok.training.errors import TrainingError

USER_ERRORS = (BundleError, ExportError, RuntimeSetupError, TrainingError, OSError)


def _precision(name: str) -> Precision:
    known: tuple[Precision, ...] = get_args(Precision)
    for precision in known:
        if name == precision:
            return precision
    raise typer.BadParameter(f"{name!r} is none of {', '.join(known)}")


def run(
    checkpoint: Annotated[Path, typer.Argument(help="Run, or one of its checkpoints.")],
    bundle: Annotated[Path, typer.Argument(help="Folder to write.")],
    name: Annotated[
        str | None, typer.Option(help="Name of the model. [default: that of the configuration]")
    ] = None,
    weights: Annotated[
        Literal["float32", "float16"],
        typer.Option(help="Storage of weights; float16 rounds them and halves the file size."),
    ] = "float32",
    precisions: Annotated[
        list[Any] | None,  # of Precision: Typer does not support lists of literals
        typer.Option(
            "--precision",
            parser=_precision,
            metavar="<int8|float16>",
            help="Graphs to add beside float32: int8 for the CPU, float16 for CUDA. Repeatable.",
        ),
    ] = None,
) -> None:
    """Export a checkpoint as a bundle for the service.

    Compares ONNX Runtime with PyTorch on every installed execution provider. If they differ, no
    bundle is written.
    """
    report = export_bundle(
        load_checkpoint(checkpoint),
        bundle,
        installed_providers(),
        name,
        weights,
        precisions or (),
    )
    for provider, found in report.providers.items():
        typer.echo(
            f"{provider}: {found.identical} of {found.sentences} sentences identical to PyTorch's"
            + f", {found.ties} ties" * bool(found.ties)
            + f"; largest differences: encoder {found.encoder.found:.1e}, "
            f"state {found.decoder_state.found:.1e}, attention {found.attention.found:.1e}, "
            f"log-probabilities {found.log_probs.found:.1e}, "
            f"attention alone and batched {found.company_attention:.1e}"
        )
    if (rounding := report.rounding) is not None:
        typer.echo(
            f"float16 weights: {rounding.identical} of {rounding.sentences} sentences identical to "
            f"float32; largest difference of their log-probabilities {rounding.log_probs:.1e}"
        )
    for precision, cost in (("int8", report.int8), ("float16", report.float16)):
        if cost is not None:
            typer.echo(
                f"{precision} on {cost.provider}: {cost.identical} of {cost.sentences} sentences "
                f"identical to float32, BLEU {cost.bleu:.1f} and chrF {cost.chrf:.1f} against it; "
                f"{cost.company_tokens} translations change when batched with others, attention "
                f"by up to {cost.company_attention:.1e}"
            )
    typer.echo(str(bundle))
