"""What is measured: the model of a checkpoint in PyTorch, or of a bundle on ONNX Runtime."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jumok.bundle.folder import load_bundle
from jumok.bundle.manifest import MANIFEST_NAME, Precision
from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.report import SystemReport
from jumok.evaluation.scoring.batch_translator import BatchTranslator

Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class System:
    """A model that is ready to translate.

    Attributes:
        translator: with its tokenizers.
        report: what it is.
    """

    translator: BatchTranslator
    report: SystemReport

    def check_languages(self, languages: tuple[str, str]) -> None:
        """Check that it translates between `languages`; region and script aside.

        Raises:
            EvaluationError: it does not.
        """
        own = (self.report.source_language, self.report.target_language)
        if tuple(map(_primary, own)) != tuple(map(_primary, languages)):
            raise EvaluationError(
                f"{self.report.path} translates {own[0]} to {own[1]}, but the data are "
                f"{languages[0]} to {languages[1]}: choose others"
            )


def load_system(path: Path, device: Device = "auto", precision: Precision = "float32") -> System:
    """Load what lies in the folder `path`: a run, one of its checkpoints, or a bundle.

    Args:
        path: the folder.
        device: "auto" takes a GPU where there is one.
        precision: of a bundle's graphs; a checkpoint has float32 alone.

    Raises:
        EvaluationError: it is none of these, or the device is not there.
        BundleError, CheckpointError, ExportError: it cannot be used.
    """
    if (path / MANIFEST_NAME).is_file():
        return _load_bundle(path, device, precision)
    if not any(next(path.glob(files), None) for files in ("*.safetensors", "*/*.safetensors")):
        raise EvaluationError(
            f"{path} holds neither a checkpoint nor a bundle; make one with `jumok train` or "
            "`jumok export`"
        )
    if precision != "float32":
        raise EvaluationError(f"{path} is a checkpoint, which computes in float32: export it first")
    return _load_checkpoint(path, device)


def _load_checkpoint(path: Path, wanted: Device) -> System:
    # not at the top: a bundle needs no PyTorch
    import torch

    from jumok.training.checkpoint import load_checkpoint
    from jumok.training.network.torch_model import TorchModel

    cuda = torch.cuda.is_available()
    if wanted == "cuda" and not cuda:
        raise EvaluationError("PyTorch finds no CUDA here; take --device cpu or auto")
    device = "cuda" if cuda and wanted != "cpu" else "cpu"
    checkpoint = load_checkpoint(path)
    configuration = checkpoint.configuration
    model = checkpoint.build_model().to(device)
    report = SystemReport(
        path=str(path),
        kind="checkpoint",
        name=configuration.name,
        source_language=configuration.data.source_language,
        target_language=configuration.data.target_language,
        step=checkpoint.progress.step,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        fingerprint=None,
        device=device,
    )
    translator = BatchTranslator(
        TorchModel(model),
        checkpoint.source,
        checkpoint.target,
        configuration.limits.max_target_tokens,
    )
    return System(translator, report)


def _load_bundle(path: Path, wanted: Device, precision: Precision) -> System:
    # not at the top: a checkpoint needs no ONNX Runtime
    from jumok.export.runtime import RuntimeModel, available_providers

    providers = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}
    here = [name for name, provider in providers.items() if provider in available_providers()]
    device = here[0] if wanted == "auto" else wanted
    if device not in here:
        raise EvaluationError(
            f"ONNX Runtime has no {device} here; take --device auto, or install jumok[gpu]"
        )
    bundle = load_bundle(path)
    manifest = bundle.manifest
    graphs = manifest.precisions.get(precision)
    if graphs is None:
        raise EvaluationError(
            f"{path} has no graphs in {precision}; take one of {', '.join(manifest.precisions)}"
        )
    model = RuntimeModel(
        path / graphs.encoder.file,
        path / graphs.decoder_step.file,
        providers[device],
        bundle.target_tokenizer.vocabulary_size,
    )
    report = SystemReport(
        path=str(path),
        kind="bundle",
        name=manifest.name,
        source_language=manifest.source_language,
        target_language=manifest.target_language,
        step=_number(manifest.provenance.get("step")),
        parameters=_number(manifest.provenance.get("parameters")),
        fingerprint=bundle.fingerprint,
        device=device,
        precision=precision,
    )
    translator = BatchTranslator(
        model,
        bundle.source_tokenizer,
        bundle.target_tokenizer,
        manifest.limits.max_target_tokens,
    )
    return System(translator, report)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()
