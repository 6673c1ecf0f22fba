"""`jumok export`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from bundle.errors import BundleError
from bundle.manifest import Precision
from export.errors import ExportError
from export.exporter import export_bundle
from export.runtime import available_providers
from training.checkpoint import load_checkpoint
from training.errors import TrainingError

USER_ERRORS = (BundleError, ExportError, TrainingError, OSError)


def run(
    checkpoint: Annotated[Path, typer.Argument(help="A run, or one of its checkpoints.")],
    bundle: Annotated[Path, typer.Argument(help="Folder to make.")],
    name: Annotated[
        str | None, typer.Option(help="Name of the model. [default: the configuration's]")
    ] = None,
    weights: Annotated[
        Literal["float32", "float16"],
        typer.Option(help="What weights are stored in; float16 rounds them, and halves the size."),
    ] = "float32",
    precision: Annotated[
        Precision,
        typer.Option(
            help="int8 adds graphs that multiply in int8, for the CPU, to those of float32."
        ),
    ] = "float32",
) -> None:
    """Export a checkpoint as a bundle for the service, with proof that both agree.

    PyTorch and ONNX Runtime are compared on every execution provider at hand; where they do not
    agree nothing is written.
    """
    report = export_bundle(
        load_checkpoint(checkpoint),
        bundle,
        available_providers(),
        name,
        weights,
        precision == "int8",
    )
    for provider, found in report.providers.items():
        typer.echo(
            f"{provider}: {found.identical} of {found.sentences} sentences as by PyTorch"
            + f", {found.ties} ties" * bool(found.ties)
            + f"; largest differences: encoder {found.encoder.found:.1e}, "
            f"state {found.decoder_state.found:.1e}, attention {found.attention.found:.1e}, "
            f"log-probabilities {found.log_probs.found:.1e}, "
            f"attention in company {found.company_attention:.1e}"
        )
    if (rounding := report.rounding) is not None:
        typer.echo(
            f"float16 weights: {rounding.identical} of {rounding.sentences} sentences as with "
            f"float32; their log-probabilities differ by {rounding.log_probs:.1e} at the most"
        )
    if (quantized := report.int8) is not None:
        typer.echo(
            f"int8: {quantized.identical} of {quantized.sentences} sentences as in float32, whose "
            f"translations it matches with BLEU {quantized.bleu:.1f} and chrF {quantized.chrf:.1f}"
        )
    typer.echo(str(bundle))
