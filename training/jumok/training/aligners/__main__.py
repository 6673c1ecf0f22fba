"""Run IBM model 1 and eflomal on the sentence pairs of a configuration.

`python -m jumok.training.aligners CONFIGURATION` scores both against gold word alignments and, with
`--write`, writes the links of the training pairs that `data.alignments` reads. eflomal is a
separate program, installed in an environment of its own.
"""

import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from jumok.evaluation.scoring.alignment_error import AlignmentScore, alignment_score
from jumok.evaluation.scoring.machine import machine, versions
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, Links, SentencePair
from jumok.training.aligners.bitext import Bitext
from jumok.training.aligners.eflomal import Directions, Eflomal
from jumok.training.aligners.ibm1 import IBMModel1
from jumok.training.aligners.splitting import Scheme, make_splitter
from jumok.training.aligners.symmetrisation import grow_diag_final_and
from jumok.training.data.configuration import Variants, load_data
from jumok.training.data.corpus import load_corpus
from jumok.training.errors import AlignerError, TrainingError

LinkRule = Literal["forward", "backward", "intersection", "grow-diag-final-and"]
RULES: Final[dict[LinkRule, Callable[[Links, Links], Links]]] = {
    "forward": lambda forward, _: forward,
    "backward": lambda _, backward: backward,
    "intersection": lambda forward, backward: forward & backward,
    "grow-diag-final-and": grow_diag_final_and,
}
TrainedOn = Literal["pairs", "pairs and gold text"]


@dataclass(frozen=True, slots=True)
class AlignerScore:
    """Score of an aligner on one set.

    Attributes:
        set: name of the set.
        aligner: "IBM model 1" or "eflomal".
        trained_on: the training pairs alone, or also the text (not the links) of the gold sets.
        source_units: how source words were split.
        target_units: how target words were split.
        links: how the two directions were combined.
        score: agreement with the gold links.
    """

    set: str
    aligner: str
    trained_on: TrainedOn
    source_units: Scheme
    target_units: Scheme
    links: LinkRule
    score: AlignmentScore


def main(
    configuration: Annotated[Path, typer.Argument(help="TOML file with a [data] table.")],
    eflomal: Annotated[Path, typer.Option(help="Folder that contains the program eflomal-align.")],
    figures: Annotated[Path, typer.Option("--json", help="Write the scores to this file.")],
    source_units: Annotated[Scheme, typer.Option(help="How source words are split.")] = "pieces",
    target_units: Annotated[Scheme, typer.Option(help="How target words are split.")] = "pieces",
    ibm1: Annotated[bool, typer.Option(help="Also score IBM model 1.")] = True,
    write: Annotated[
        Path | None,
        typer.Option(help="Write eflomal's links of the training pairs to this gzip file."),
    ] = None,
    links: Annotated[
        LinkRule, typer.Option(help="How the directions of written links are combined.")
    ] = "intersection",
) -> None:
    """Score IBM model 1 and eflomal against gold word alignments."""
    data = load_data(configuration).model_copy(update={"alignments": None, "variants": Variants()})
    corpus = load_corpus(data, configuration.parent)
    gold = [
        (name, pair, pair.alignment)
        for name, pairs in corpus.test_sets.items()
        for pair in pairs
        if pair.alignment is not None
    ]
    if not gold and write is None:
        raise AlignerError(
            f"{configuration} has no test pair with gold links; add [[data.gold]] or use --write"
        )
    # copies of weighted pairs do not help an aligner
    train = list({(pair.source, pair.target): pair for pair in corpus.train}.values())
    source = make_splitter(source_units, [pair.source for pair in train])
    target = make_splitter(target_units, [pair.target for pair in train])
    trained = Bitext.of(train, source, target)
    program = Eflomal(eflomal)
    began = time.monotonic()
    aligned = program.align(*trained.forms)
    seconds = time.monotonic() - began
    if write is not None:
        _write(write, train, _words(trained, aligned, links))
    unseen = Bitext.of([pair for _, pair, _ in gold], source, target)
    rows = [
        AlignerScore(name, aligner, trained_on, source_units, target_units, rule, score)
        for aligner, trained_on, found in _systems(program, aligned, trained, unseen, ibm1)
        for rule in RULES
        for name, score in _scores(gold, _words(unseen, found, rule))
    ]
    report = {
        "configuration": str(configuration),
        "pairs": len(train),
        "eflomal_seconds": seconds,
        "versions": versions(),
        "machine": machine(),
        "rows": [asdict(row) for row in rows],
    }
    figures.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    typer.echo("\n".join(to_markdown(rows)))


def _systems(
    program: Eflomal, aligned: Directions, trained: Bitext, gold: Bitext, ibm1: bool
) -> Iterator[tuple[str, TrainedOn, Directions]]:
    """Align the gold sentences with each aligner, trained without and with their text."""
    if not len(gold):
        return
    both = trained + gold
    if ibm1:
        yield "IBM model 1", "pairs", _ibm1(trained, gold)
        yield "IBM model 1", "pairs and gold text", _ibm1(both, gold)
    priors = program.priors(*trained.forms, aligned)
    yield "eflomal", "pairs", program.align(*gold.forms, priors=priors)
    found = program.align(*both.forms)
    last = slice(len(trained), None)
    yield "eflomal", "pairs and gold text", Directions(found.forward[last], found.backward[last])


def _ibm1(trained: Bitext, gold: Bitext) -> Directions:
    sources, targets = trained.forms
    pairs = list(zip(*gold.forms, strict=True))
    # one model at a time: each needs gigabytes
    model = IBMModel1(sources, targets).train()
    forward = [model.align(source, target) for source, target in pairs]
    del model
    model = IBMModel1(targets, sources).train()
    backward = [_swapped(model.align(target, source)) for source, target in pairs]
    return Directions(forward, backward)


def _swapped(links: Links) -> Links:
    return frozenset((target, source) for source, target in links)


def _words(bitext: Bitext, found: Directions, rule: LinkRule) -> list[Links]:
    """Convert links between units to links between words, then combine the two directions."""
    # combined as units, the directions would often agree on a word but not on its units
    return [
        RULES[rule](forward, backward)
        for forward, backward in zip(
            bitext.word_links(found.forward), bitext.word_links(found.backward), strict=True
        )
    ]


def _scores(
    gold: Sequence[tuple[str, SentencePair, GoldAlignment]], found: Sequence[Links]
) -> Iterator[tuple[str, AlignmentScore]]:
    """Score each set separately."""
    for name in dict.fromkeys(name for name, _, _ in gold):
        yield (
            name,
            alignment_score(
                (links, alignment)
                for links, (set_name, _, alignment) in zip(found, gold, strict=True)
                if set_name == name
            ),
        )


def _write(path: Path, pairs: Sequence[SentencePair], alignments: Sequence[Links]) -> None:
    """Write a file for `data.alignments`: source, target, links between words."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as out:
        for pair, links in zip(pairs, alignments, strict=True):
            if links and "\t" not in pair.source + pair.target:
                text = " ".join(f"{source}-{target}" for source, target in sorted(links))
                out.write(f"{pair.source}\t{pair.target}\t{text}\n".encode())


def to_markdown(rows: Sequence[AlignerScore]) -> Iterator[str]:
    """Format scores as a Markdown table, line by line."""
    yield "| set | aligner | trained on | units | links | AER | precision | recall |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for row in rows:
        score = row.score
        yield (
            f"| {row.set} | {row.aligner} | {row.trained_on} "
            f"| {row.source_units}, {row.target_units} | {row.links} "
            f"| {score.error_rate:.3f} | {score.precision:.3f} | {score.recall:.3f} |"
        )


def _command() -> None:
    try:
        typer.run(main)
    except (TrainingError, OSError) as error:
        raise SystemExit(f"error: {error}") from error


if __name__ == "__main__":
    _command()
