"""Export of a checkpoint: graphs, tokenizers, manifest and parity report, as one bundle."""

from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.folder import file_entry, write_bundle
from jumok.bundle.manifest import (
    MANIFEST_NAME,
    Limits,
    Manifest,
    ModelName,
    Precision,
)
from jumok.export.errors import ExportError
from jumok.export.graph_files import graphs_in, write_graphs
from jumok.export.parity import check_parity
from jumok.export.parity_report import ParityReport, PrecisionParity
from jumok.export.precision_parity import compare_precision
from jumok.export.rounding import compare_rounded, rounded
from jumok.runtime.engine import Engine
from jumok.training.checkpoint import Checkpoint

_PARITY = "parity.json"
_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_TOKENIZER, _SOURCE, _TARGET = "tokenizer.model", "source.model", "target.model"


def export_bundle(
    checkpoint: Checkpoint,
    path: Path,
    providers: Sequence[str],
    name: str | None = None,
    weights: Literal["float32", "float16"] = "float32",
    precisions: Collection[Precision] = (),
) -> ParityReport:
    """Write a bundle with a parity report, which compares it with the checkpoint.

    Args:
        checkpoint: trained model.
        path: folder to write; a bundle that is already there is replaced.
        providers: execution providers to compare with PyTorch, such as "CPUExecutionProvider".
        name: name of the model; by default that of the configuration.
        weights: storage of the weights. With float16 they are rounded first, and the report tells
            the effect. It does not change the precision that graphs compute in.
        precisions: graphs to add beside float32. The report tells the effect of each: int8 on the
            CPU, float16 on CUDA if that is among `providers`.

    Returns:
        The parity report.

    Raises:
        ExportError: `name` is not a valid name of a model.
        ParityError: ONNX Runtime differs from PyTorch; nothing is written.
        BundleError: `path` contains something that is not a bundle.
        RuntimeSetupError: one of `providers` does not work here.
    """
    name = _checked_name(name or checkpoint.configuration.name)
    reports = []
    rounding = None
    if weights == "float16":
        exact, checkpoint = checkpoint, rounded(checkpoint)
        rounding = compare_rounded(exact, checkpoint)

    def fill(folder: Path) -> None:
        model = checkpoint.build_model()
        write_graphs(model, folder, half=rounding is not None, precisions=precisions)

        def runtime(provider: str, precision: Precision = "float32") -> Engine:
            graphs, vocabulary = graphs_in(folder)[precision], checkpoint.target.vocabulary_size
            return Engine(folder, graphs, vocabulary, provider=provider, precision=precision)

        def compare(precision: Precision) -> PrecisionParity:
            provider = _CUDA if precision == "float16" and _CUDA in providers else _CPU
            exact, near = runtime(provider), runtime(provider, precision)
            return compare_precision(checkpoint, provider, exact, near)

        report = check_parity(
            checkpoint, {provider: runtime(provider) for provider in providers}
        ).model_copy(
            update={
                "rounding": rounding,
                **{each: compare(each) for each in precisions if each != "float32"},
            }
        )
        (folder / _PARITY).write_text(report.model_dump_json(indent=1) + "\n", "utf-8")
        report.require()
        reports.append(report)
        manifest = _manifest(checkpoint, folder, name, _write_tokenizers(checkpoint, folder))
        (folder / MANIFEST_NAME).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")

    write_bundle(path, fill)
    return reports[0]


def _write_tokenizers(checkpoint: Checkpoint, folder: Path) -> tuple[str, str]:
    if checkpoint.source.model == checkpoint.target.model:
        (folder / _TOKENIZER).write_bytes(checkpoint.source.model)
        return _TOKENIZER, _TOKENIZER
    (folder / _SOURCE).write_bytes(checkpoint.source.model)
    (folder / _TARGET).write_bytes(checkpoint.target.model)
    return _SOURCE, _TARGET


def _checked_name(name: str) -> str:
    # checked first, because the parity report takes minutes
    try:
        return TypeAdapter(ModelName).validate_python(name)
    except ValidationError as error:
        raise ExportError(
            f"{name!r} is not a valid name of a model: use up to 63 letters, digits, dots, "
            "underscores and hyphens, starting with a letter or digit"
        ) from error


def _manifest(
    checkpoint: Checkpoint, folder: Path, name: str, tokenizers: tuple[str, str]
) -> Manifest:
    configuration = checkpoint.configuration
    provenance: dict[str, Any] = {
        "configuration": configuration.model_dump(mode="json"),
        "seed": configuration.training.seed,
        "step": checkpoint.progress.step,
        "seconds": checkpoint.progress.seconds,
        "tokens": checkpoint.progress.tokens,
        "parameters": sum(tensor.numel() for tensor in checkpoint.model.values()),
        "metrics": checkpoint.progress.metrics,
        **checkpoint.provenance,
    }
    provenance["versions"] = provenance["versions"] | {
        package: version(package) for package in ("onnx", "onnxscript")
    }
    return Manifest(
        producer_version=version("jumok"),
        name=name,
        source_language=configuration.data.source_language,
        target_language=configuration.data.target_language,
        source_tokenizer=tokenizers[0],
        target_tokenizer=tokenizers[1],
        special_ids=checkpoint.source.special_ids,
        limits=Limits(
            max_source_tokens=configuration.limits.max_source_tokens,
            max_target_tokens=configuration.limits.max_target_tokens,
        ),
        precisions=graphs_in(folder),
        alignment_rule=_alignment_rule(checkpoint.progress.metrics),
        files={file.name: file_entry(file) for file in sorted(folder.iterdir())},
        provenance=provenance,
    )


def _alignment_rule(metrics: Mapping[str, float]) -> AlignmentRule:
    """Choose the rule by alignment error on the development set, if it has gold alignments.

    "reads" is chosen if it has a lower error than "writes"; otherwise "posterior", which improves
    on "writes".
    """
    writes, reads = (metrics.get(f"dev/aer_{rule}", 1.0) for rule in ("writes", "reads"))
    return "reads" if reads < writes else "posterior"
