"""`jumok calibrate`."""

import shutil
from pathlib import Path
from typing import Annotated

import typer
from sacrebleu.metrics.chrf import CHRF

from jumok.bundle.calibration import GOOD_CHRF, Calibration
from jumok.bundle.errors import BundleError
from jumok.bundle.folder import load_bundle, write_bundle
from jumok.bundle.manifest import MANIFEST_NAME
from jumok.decoding.options import WIDEST_BEAM
from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.reliability import fit_calibration, measure_reliability
from jumok.evaluation.scoring.metrics import all_references
from jumok.evaluation.system import load_system
from jumok.evaluation.test_set import Part, load_test_data
from jumok.runtime.errors import RuntimeSetupError
from jumok.training.errors import TrainingError

USER_ERRORS = (BundleError, EvaluationError, RuntimeSetupError, TrainingError, OSError)

_FEWEST = 100  # the share of good translations of fewer sentences is too uncertain


def run(
    bundle: Annotated[Path, typer.Argument(help="Folder of a bundle; its manifest is rewritten.")],
    data: Annotated[
        Path, typer.Argument(help="Configuration (.toml), or sources and targets (.tsv, .tsv.gz).")
    ],
    part: Annotated[Part, typer.Option(help="Part of the configuration's data.")] = "dev",
    names: Annotated[
        list[str] | None,
        typer.Option("--set", help="Use only this set; repeat for several. [default: all]"),
    ] = None,
    beam: Annotated[
        int, typer.Option(min=1, max=WIDEST_BEAM, help="Beam width; 1 is greedy search.")
    ] = 1,
) -> None:
    """Calibrate the confidence that the service sends with each translation.

    Translates held-out sentences and fits the probability that a translation is good, which means a
    chrF of at least 50 against a reference, to the mean log-probability of its tokens. The data
    should be like the texts that will be translated, and must not be training data.
    """
    system = load_system(bundle, "cpu")
    if system.report.kind != "bundle":
        raise EvaluationError(f"{bundle} is a checkpoint: export it, and calibrate the bundle")
    test_data = load_test_data(data, part, names or ())
    if test_data.languages is not None:
        system.check_languages(test_data.languages)
    pairs = [pair for test_set in test_data.sets for pair in test_set.pairs]
    if len(pairs) < _FEWEST:
        raise EvaluationError(
            f"{data} has {len(pairs)} sentences, too few to calibrate with: at least {_FEWEST} are "
            "needed"
        )
    translations = system.translator.translate([pair.source for pair in pairs], beam=beam)
    metric = CHRF()
    chrf = [
        metric.sentence_score(translation.text, all_references(pair)).score
        for pair, translation in zip(pairs, translations, strict=True)
    ]
    calibration = fit_calibration([each.mean_log_prob for each in translations], chrf)
    confidences = [calibration.confidence(each.mean_log_prob) for each in translations]
    reliability = measure_reliability(confidences, chrf)
    _write(bundle, calibration)
    typer.echo(
        f"{len(pairs):,} translations, {sum(score >= GOOD_CHRF for score in chrf) / len(chrf):.0%} "
        f"of them good; calibration error {reliability.error:.3f} on the same sentences "
        "(`jumok evaluate` measures it on others)"
    )
    typer.echo(str(bundle))


def _write(path: Path, calibration: Calibration) -> None:
    manifest = load_bundle(path).manifest.model_copy(update={"calibration": calibration})

    def fill(folder: Path) -> None:
        for name in manifest.files:
            shutil.copyfile(path / name, folder / name)
        (folder / MANIFEST_NAME).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")

    write_bundle(path, fill)
