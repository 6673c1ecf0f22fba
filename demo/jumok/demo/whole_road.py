"""Everything in one command: train on the embedded corpus, export, serve, score, translate."""

import asyncio
import time
from pathlib import Path
from typing import Final

import typer

from jumok.client import AsyncClient
from jumok.demo.errors import DemoError
from jumok.demo.shell import jumok, served, translate_live
from jumok.evaluation.scoring.alignment_error import alignment_score
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, Links, SentencePair
from jumok.training.configuration import DEFAULT_CONFIGURATION, load_configuration
from jumok.training.data.corpus import load_corpus

MIN_EXACT: Final = 0.95
MAX_AER: Final = 0.10
STREAMS: Final = 32
SENTENCES: Final = (
    "나는 학생입니다",
    "선생님은 도서관에서 책 세 권을 읽었습니다",
    "수진의 친구가 어제 시장에서 사과를 사지 않았어요",
    "내가 읽은 소설은 재미있습니다",
    "비가 와서 우리는 집에 있었습니다",
    "당신은 내일 버스로 학교에 갈 거예요?",
)


def walk(folder: Path, steps: int | None) -> None:
    """Make a run and a bundle in `folder`, and show translations of the bundle.

    Args:
        folder: an existing training in it is reused.
        steps: train this many steps only, and ignore the bars; None for those configured.

    Raises:
        DemoError: a command failed, or a bar was missed.
        TrainingError: the corpus cannot be made.
    """
    run, bundle = folder / "run", folder / "bundle"
    began = time.monotonic()
    jumok("train", "--output", str(run), *(() if steps is None else ("--steps", str(steps))))
    jumok("export", str(run), str(bundle))
    data = load_configuration(DEFAULT_CONFIGURATION).data
    test = load_corpus(data, DEFAULT_CONFIGURATION.parent).test
    with served(str(bundle)) as address:
        passed = _score(test, asyncio.run(_translate(address, test)))
        translate_live(address, SENTENCES)
    typer.echo(f"\n{time.monotonic() - began:.0f} s in all. Next, serve it yourself:")
    typer.echo(f"  jumok serve {bundle}")
    typer.echo("Or see how it learned to attend, in a browser:")
    typer.echo(f"  jumok web --run {run}")
    if steps is None and not passed:
        raise DemoError(
            f"a bar was missed: {MIN_EXACT:.0%} exact and AER {MAX_AER:g} are expected; "
            f"delete {folder} to train anew"
        )


async def _translate(address: str, pairs: list[SentencePair]) -> list[tuple[str, Links]]:
    """Translate the sources of `pairs` over many streams; return texts and word alignments."""
    async with AsyncClient(address) as client:
        streams = asyncio.Semaphore(STREAMS)

        async def translate(pair: SentencePair) -> tuple[str, Links]:
            async with streams:
                best = (await client.translate_text(pair.source)).result.hypotheses[0]
            links = frozenset((link.source_word, link.target_word) for link in best.alignment)
            return best.text, links

        return await asyncio.gather(*(translate(pair) for pair in pairs))


def _score(pairs: list[SentencePair], translations: list[tuple[str, Links]]) -> bool:
    """Print exact matches and the alignment error rate; tell whether both bars are met."""
    aligned: list[tuple[Links, GoldAlignment]] = [
        (links, pair.alignment)
        for pair, (text, links) in zip(pairs, translations, strict=True)
        # gold links are between the words of the reference: of another text they say nothing
        if pair.alignment is not None and text == pair.target
    ]
    exact = len(aligned) / len(pairs)
    typer.echo(
        f"\n{len(pairs)} held-out sentences over {STREAMS} streams: {exact:.1%} exactly right "
        f"(bar {MIN_EXACT:.0%})"
    )
    if not aligned:
        return False
    score = alignment_score(aligned)
    typer.echo(
        f"alignment error rate against gold, of the {len(aligned)} exact ones: "
        f"{score.error_rate:.3f} (bar {MAX_AER:.2f}); "
        f"precision {score.precision:.3f}, recall {score.recall:.3f}"
    )
    return exact >= MIN_EXACT and score.error_rate <= MAX_AER
