"""Statistical word aligners on the pairs and the gold alignments of a configuration.

Run as `python -m benchmarks.aligners` in jumok's environment; eflomal is a program in its own.
"""

import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from benchmarks.bitext import Bitext
from benchmarks.eflomal import Directions, Eflomal
from benchmarks.errors import PeerError
from benchmarks.ibm1 import IBMModel1
from benchmarks.splitting import Scheme, make_splitter
from benchmarks.symmetrisation import grow_diag_final_and
from jumok.evaluation.machine import machine, versions
from jumok.training.alignment_error import AlignmentScore, alignment_score
from jumok.training.configuration import load_configuration
from jumok.training.corpus import load_corpus
from jumok.training.errors import TrainingError
from jumok.training.sentence_pair import GoldAlignment, Links, SentencePair

LinkRule = Literal["forward", "backward", "intersection", "grow-diag-final-and"]
RULES: Final[dict[LinkRule, Callable[[Links, Links], Links]]] = {
    "forward": lambda forward, _: forward,
    "backward": lambda _, backward: backward,
    "intersection": lambda forward, backward: forward & backward,
    "grow-diag-final-and": grow_diag_final_and,
}
TrainedOn = Literal["pairs", "pairs and gold text"]


@dataclass(frozen=True, slots=True)
class Row:
    """How well an aligner finds the gold links of a set.

    Attributes:
        set: its name.
        aligner: IBM model 1 or eflomal.
        trained_on: the training pairs, or those and the text, not the links, of the gold sets.
        source_units: how words are split.
        target_units: likewise.
        links: which of the two directions' links count.
        score: against the gold links.
    """

    set: str
    aligner: str
    trained_on: TrainedOn
    source_units: Scheme
    target_units: Scheme
    links: LinkRule
    score: AlignmentScore


def main(
    configuration: Annotated[Path, typer.Argument(help="TOML file whose data are used.")],
    eflomal: Annotated[Path, typer.Option(help="Folder of the program eflomal-align.")],
    figures: Annotated[Path, typer.Option("--json", help="Write all figures to this file.")],
    source_units: Annotated[Scheme, typer.Option(help="How source words are split.")] = "pieces",
    target_units: Annotated[Scheme, typer.Option(help="How target words are split.")] = "pieces",
    ibm1: Annotated[bool, typer.Option(help="Measure IBM model 1, too.")] = True,
    write: Annotated[
        Path | None, typer.Option(help="Write eflomal's links of the training pairs here, gzip.")
    ] = None,
    links: Annotated[LinkRule, typer.Option(help="Which links are written.")] = "intersection",
) -> None:
    """Score IBM model 1 and eflomal against gold word alignments."""
    data = load_configuration(configuration).data.model_copy(update={"alignments": None})
    corpus = load_corpus(data, configuration.parent)
    gold = [
        (name, pair, pair.alignment)
        for name, pairs in corpus.test_sets.items()
        for pair in pairs
        if pair.alignment is not None
    ]
    if not gold and write is None:
        raise PeerError(f"{configuration} gives no test pair with gold links")
    # a pair with a weight has copies, which teach an aligner nothing
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
        Row(name, aligner, trained_on, source_units, target_units, rule, score)
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
    """Align the gold sentences by each aligner, trained without their text and with it."""
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
    # one model after the other: each takes gigabytes
    model = IBMModel1(sources, targets).train()
    forward = [model.align(source, target) for source, target in pairs]
    del model
    model = IBMModel1(targets, sources).train()
    backward = [_turned(model.align(target, source)) for source, target in pairs]
    return Directions(forward, backward)


def _turned(links: Links) -> Links:
    return frozenset((target, source) for source, target in links)


def _words(bitext: Bitext, found: Directions, rule: LinkRule) -> list[Links]:
    """Turn links between units into links between words, direction by direction, and choose."""
    # the other way about, the two directions often meet in a word and miss each other's units
    return [
        RULES[rule](forward, backward)
        for forward, backward in zip(
            bitext.word_links(found.forward), bitext.word_links(found.backward), strict=True
        )
    ]


def _scores(
    gold: Sequence[tuple[str, SentencePair, GoldAlignment]], found: Sequence[Links]
) -> Iterator[tuple[str, AlignmentScore]]:
    """Score each set by itself."""
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
    """Write source, target and links between words, for `data.alignments`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as out:
        for pair, links in zip(pairs, alignments, strict=True):
            if links and "\t" not in pair.source + pair.target:
                text = " ".join(f"{source}-{target}" for source, target in sorted(links))
                out.write(f"{pair.source}\t{pair.target}\t{text}\n".encode())


def to_markdown(rows: Sequence[Row]) -> Iterator[str]:
    """Write rows as a table."""
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
    except (PeerError, TrainingError, OSError) as error:
        raise SystemExit(f"error: {error}") from error


if __name__ == "__main__":
    _command()
