"""Figures as text."""

from jumok.evaluation.figures import figures, title
from tests.evaluation.conftest import measured, report


def test_every_figure() -> None:
    """Every figure of a set has a row; those of sacreBLEU have signatures."""
    found = measured().report
    lines = {figure.label: figure for figure in figures(found)}
    assert lines["BLEU"].value == f"{found.text.bleu:.2f}"
    assert lines["BLEU"].note == found.text.signatures["bleu"]
    assert lines["exact"].value == "33.3%"
    assert lines["perplexity"].value == "7.39"
    assert lines["AER, writes"].value == "0.000"
    assert lines["AER, reads"].note == (
        "precision 0.000, recall 0.000; 1 sentence, step that reads a word; "
        "words, or characters in scripts without spaces"
    )
    assert "step that writes a word, posterior attention; " in lines["AER, posterior"].note
    assert lines["coverage"].value == "90.0%"


def test_nothing_to_say() -> None:
    """What was not measured has no row."""
    found = measured().report.model_copy(update={"alignment": {}, "attention": None})
    labels = [figure.label for figure in figures(found)]
    assert not [label for label in labels if label.startswith(("AER", "attention", "coverage"))]


def test_title() -> None:
    """The title describes the system; unknown facts are omitted."""
    system = report().system
    assert title(system) == (
        "toy.ko-en (checkpoint, ko to en, step 1,200, 3.4 million parameters, on cpu)"
    )
    unknown = system.model_copy(update={"step": None, "parameters": None})
    assert title(unknown) == "toy.ko-en (checkpoint, ko to en, on cpu)"
