"""Reports in a terminal."""

import io

from rich.console import Console

from jumok.evaluation.report import Report
from jumok.evaluation.terminal import show
from tests.evaluation.conftest import measured, report


def shown(found: Report, examples: int = 1) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    show(console, found, examples)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_each_set() -> None:
    """Each set has its figures and its scores by length."""
    text = shown(report(measured("one"), measured("two")))
    assert text.startswith("toy.ko-en (checkpoint, ko to en, step 1,200")
    assert "beam 2, length penalty 0.5" in text
    for name in ("one", "two"):
        assert f"{name}  3 sentences" in text
    assert text.count("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:") == 2
    assert text.count("6–10") == 2


def test_examples() -> None:
    """The requested numbers of worst and best translations are shown."""
    text = shown(report())
    assert text.index("Worst by chrF") < text.index("fire") < text.index("Best by chrF")
    assert "I am a student" in text
    assert "apples" not in text
    assert "Worst" not in shown(report(), examples=0)


def test_markup() -> None:
    """Text that looks like rich's markup is shown literally."""
    text = shown(report(measured("[bold]", {"물": "[red]fire[/red]"}), path="[x]"))
    assert "[red]fire[/red]" in text
    assert "[bold]  3 sentences" in text
