"""`jumok demo`."""

import asyncio
import contextlib
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from client import AsyncClient, Client, ClientError
from client.events import ServingStatus
from demo.errors import DemoError
from training.alignment_error import alignment_score
from training.configuration import DEFAULT_CONFIGURATION, load_configuration
from training.corpus import load_corpus
from training.errors import TrainingError
from training.sentence_pair import GoldAlignment, Links, SentencePair

USER_ERRORS = (ClientError, DemoError, TrainingError)

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
_STARTUP_SECONDS = 60


def run(
    folder: Annotated[Path, typer.Option(help="Folder for the run and the bundle.")] = Path(
        "build/demo"
    ),
    steps: Annotated[
        int | None,
        typer.Option(min=1, help="Train this many steps only; the bars then do not count."),
    ] = None,
) -> None:
    """Train on the embedded corpus, export, serve, score held-out sentences, translate live.

    Takes a few minutes; what is already trained is not trained again.
    """
    training, bundle = folder / "run", folder / "bundle"
    began = time.monotonic()
    shortened = () if steps is None else ("--steps", str(steps))
    _jumok("train", "--output", str(training), *shortened)
    _jumok("export", str(training), str(bundle))
    data = load_configuration(DEFAULT_CONFIGURATION).data
    test = load_corpus(data, DEFAULT_CONFIGURATION.parent).test
    with _served(bundle) as address:
        passed = _score(test, asyncio.run(_translate(address, test)))
        for sentence in SENTENCES:
            typer.echo()
            _jumok("translate", "--attention", "--address", address, sentence)
    typer.echo(f"\n{time.monotonic() - began:.0f} s in all. Next, serve it yourself:")
    typer.echo(f"  jumok serve {bundle}")
    if steps is None and not passed:
        raise DemoError(
            f"a bar was missed: {MIN_EXACT:.0%} exact and AER {MAX_AER:g} are expected; "
            f"delete {folder} to train anew"
        )


def _jumok(*arguments: str) -> None:
    """Show a command as one would type it, and run it."""
    typer.echo(typer.style(f"$ jumok {shlex.join(arguments)}", bold=True))
    sys.stdout.flush()
    status = subprocess.run([sys.executable, "-m", "client", *arguments], check=False).returncode
    if status:
        raise DemoError(f"`jumok {arguments[0]}` ended with status {status}, see above")


@contextmanager
def _served(bundle: Path) -> Iterator[str]:
    """Serve a bundle on a free port for a while; yield the address."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        address = f"localhost:{free.getsockname()[1]}"
    command = ["serve", str(bundle), "--listen", address]
    typer.echo(typer.style(f"$ jumok {shlex.join(command)} &", bold=True))
    sys.stdout.flush()
    server = subprocess.Popen([sys.executable, "-m", "client", *command])
    try:
        _await_health(server, address)
        yield address
    finally:
        server.terminate()
        server.wait()


def _await_health(server: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + _STARTUP_SECONDS
    with Client(address) as client:
        while time.monotonic() < deadline and server.poll() is None:
            with contextlib.suppress(ClientError):
                if client.health() is ServingStatus.SERVING:
                    return
            time.sleep(0.1)
    raise DemoError("the service did not come up, see above")


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
