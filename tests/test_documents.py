"""The documents: commands and links in them exist, and the README is short."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from jumok.cli.command import SUBCOMMANDS, _app

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "models/*.md", "benchmarks/*.md", "configs/*.md")
    for path in sorted(ROOT.glob(pattern))
]
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def commands(document: Path) -> Iterator[list[str]]:
    """Yield the commands of the console blocks of a document, as words, without output."""
    for block in CONSOLE.findall((ROOT / document).read_text("utf-8")):
        lines = block.replace("\\\n", " ").splitlines()
        if any(line.startswith("$ ") for line in lines):
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        for line in lines:
            lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;")
            lexer.whitespace_split = True
            command: list[str] = []
            for word in lexer:
                if set(word) <= set("|&;"):
                    yield command
                    command = []
                else:
                    command.append(word)
            yield command


def anchors(document: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a document."""
    headings = HEADING.findall((ROOT / document).read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_commands(document: Path) -> None:
    """Every subcommand, option and make target that a console block shows exists."""
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for words in commands(document):
        if words[:1] == ["make"]:
            assert {word for word in words[1:] if "=" not in word} <= set(targets)
        elif words[:1] == ["jumok"] and not words[1].startswith("-"):
            name = words[1]
            assert name in {row.name for row in SUBCOMMANDS}
            group = typer.main.get_command(_app(name))
            parameters = group.commands[name].params  # type: ignore[attr-defined]
            known = {option for parameter in parameters for option in parameter.opts}
            known |= {option for parameter in parameters for option in parameter.secondary_opts}
            for word in words[2:]:
                if word.startswith("--"):
                    assert word.partition("=")[0] in known, " ".join(words)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links(document: Path) -> None:
    """Every link to a file or a heading of the repository leads there."""
    for path, anchor in LINK.findall((ROOT / document).read_text("utf-8")):
        target = (ROOT / document.parent / path).resolve() if path else ROOT / document
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target.relative_to(ROOT)), f"{path}#{anchor}"


def test_all_decisions_are_listed() -> None:
    """The index of decision records links to each."""
    folder = ROOT / "docs" / "adr"
    linked = {path for path, _ in LINK.findall((folder / "README.md").read_text("utf-8"))}
    assert linked == {path.name for path in folder.glob("0*.md")}


def test_the_readme_is_short_and_states_the_limits() -> None:
    """The README has at most 120 lines and says that sentences are translated one by one."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(readme.splitlines()) <= 120
    assert "translated sentence by sentence" in readme
