"""The system under evaluation: a checkpoint in PyTorch or a bundle on ONNX Runtime."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jumok.bundle.calibration import Calibration
from jumok.bundle.folder import load_bundle
from jumok.bundle.languages import primary_language
from jumok.bundle.manifest import MANIFEST_NAME, Precision
from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.report import SystemReport
from jumok.evaluation.scoring.batch_translator import BatchTranslator

Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class System:
    """A system that is ready to translate.

    Attributes:
        translator: translates and force-decodes.
        report: description of the system.
        calibration: of the confidence in its translations; None if it was not calibrated.
    """

    translator: BatchTranslator
    report: SystemReport
    calibration: Calibration | None = None

    def check_languages(self, languages: tuple[str, str]) -> None:
        """Check the languages of the data, ignoring region and script.

        Args:
            languages: BCP 47 tags of source and target.

        Raises:
            EvaluationError: the system translates between other languages.
        """
        own = (self.report.source_language, self.report.target_language)
        if tuple(map(primary_language, own)) != tuple(map(primary_language, languages)):
            raise EvaluationError(
                f"{self.report.path} translates {own[0]} to {own[1]}, but the data are "
                f"{languages[0]} to {languages[1]}: choose other data or another system"
            )


def load_system(path: Path, device: Device = "auto", precision: Precision = "float32") -> System:
    """Load a run's best checkpoint, a checkpoint, or a bundle.

    Args:
        path: folder of the run, checkpoint or bundle.
        device: "auto" selects a GPU if there is one.
        precision: precision of a bundle's graphs; "float32" for checkpoints.

    Raises:
        EvaluationError: the folder is none of these, or PyTorch has no such device.
        BundleError, CheckpointError: it cannot be used.
        RuntimeSetupError: the bundle does not run on this device or in this precision.
    """
    if (path / MANIFEST_NAME).is_file():
        return _load_bundle(path, device, precision)
    if not any(next(path.glob(files), None) for files in ("*.safetensors", "*/*.safetensors")):
        raise EvaluationError(
            f"{path} holds neither a checkpoint nor a bundle; make one with `jumok train` or "
            "`jumok export`"
        )
    if precision != "float32":
        raise EvaluationError(
            f"{path} is a checkpoint, which only runs in float32: export it for {precision}"
        )
    return _load_checkpoint(path, device)


def _load_checkpoint(path: Path, wanted: Device) -> System:
    # not at the top: bundles do not need PyTorch
    import torch

    from jumok.training.checkpoint import load_checkpoint
    from jumok.training.network.torch_model import TorchModel

    cuda = torch.cuda.is_available()
    if wanted == "cuda" and not cuda:
        raise EvaluationError("PyTorch finds no CUDA device; use --device cpu or auto")
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
    from jumok.runtime.choice import choose_runtime
    from jumok.runtime.engine import Engine
    from jumok.runtime.session import CUDA, usable_providers

    bundle = load_bundle(path)
    manifest = bundle.manifest
    found = manifest.precisions
    usable = usable_providers(wanted)
    choice = choose_runtime(wanted, precision, usable=usable, found=found)
    model = Engine(
        path,
        found[choice.precision],
        bundle.target_tokenizer.vocabulary_size,
        provider=choice.provider,
        precision=choice.precision,
        read=bundle.read,
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
        device="cuda" if choice.provider == CUDA else "cpu",
        precision=precision,
    )
    translator = BatchTranslator(
        model,
        bundle.source_tokenizer,
        bundle.target_tokenizer,
        manifest.limits.max_target_tokens,
    )
    return System(translator, report, manifest.calibration)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
