"""`jumok evaluate`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from training.checkpoint import load_checkpoint
from training.configuration import load_configuration
from training.corpus import load_corpus
from training.errors import DataError, TrainingError
from training.evaluation import evaluate
from training.translation import Translator

USER_ERRORS = (TrainingError, OSError)


def run(
    checkpoint: Annotated[Path, typer.Argument(help="A run, or one of its checkpoints.")],
    configuration: Annotated[Path, typer.Argument(help="TOML file whose data are used.")],
    part: Annotated[Literal["dev", "test"], typer.Option(help="The part to translate.")] = "test",
    output: Annotated[
        Path | None, typer.Option("--json", help="Write all figures to this file.")
    ] = None,
    examples: Annotated[int, typer.Option(min=0, help="Show this many translations.")] = 5,
) -> None:
    """Translate a test set with a checkpoint and score it."""
    loaded = load_checkpoint(checkpoint)
    data = load_configuration(configuration).data
    corpus = load_corpus(data, configuration.parent)
    pairs = corpus.test if part == "test" else corpus.dev
    if not pairs:
        raise DataError(f"{configuration} gives no {part} pair")
    translator = Translator(
        loaded.build_model(),
        loaded.source,
        loaded.target,
        loaded.configuration.limits.max_target_tokens,
    )
    evaluation = evaluate(translator, pairs)
    for pair, translation in list(zip(pairs, evaluation.translations, strict=True))[:examples]:
        typer.echo(f"  source     {pair.source}\n  reference  {pair.target}")
        typer.echo(f"  output     {translation.text}\n")
    typer.echo(f"{part}: {evaluation.sentences} sentences, step {loaded.progress.step}")
    for name, label in (
        ("bleu", "BLEU"),
        ("bleu_lowercased", "BLEU lower-cased"),
        ("chrf", "chrF"),
    ):
        score = getattr(evaluation, name)
        typer.echo(f"{label:17} {score:6.2f}   {evaluation.signatures[name]}")
    typer.echo(f"{'exact':17} {evaluation.exact:7.1%}")
    if (alignment := evaluation.alignment) is not None:
        typer.echo(
            f"{'AER':17} {alignment.error_rate:6.3f}   precision {alignment.precision:.3f}, "
            f"recall {alignment.recall:.3f}, references under teacher forcing"
        )
    if output is not None:
        figures = asdict(evaluation)
        figures["translations"] = [translation.text for translation in evaluation.translations]
        figures["step"] = loaded.progress.step
        output.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
