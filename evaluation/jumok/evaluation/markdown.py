"""A report as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jumok.evaluation.extremes import Extremes
from jumok.evaluation.figures import count, figures, title
from jumok.evaluation.report import LengthScore, Report, ScoredSentence, SetReport


@dataclass(frozen=True, slots=True)
class SetPictures:
    """File names of the pictures of a set.

    Attributes:
        lengths: plot of BLEU by source length.
        attention: attention maps by source sentence.
        reliability: reliability diagram; None if the system was not calibrated.
    """

    lengths: str
    attention: Mapping[str, str]
    reliability: str | None = None


def to_markdown(report: Report, pictures: Mapping[str, SetPictures], examples: int) -> str:
    """Format a report as Markdown.

    Args:
        report: the report.
        pictures: pictures by the name of the set.
        examples: number of best and of worst translations shown of each set.
    """
    return "\n".join(_lines(report, pictures, examples)) + "\n"


def _lines(report: Report, pictures: Mapping[str, SetPictures], examples: int) -> Iterator[str]:
    options = report.options
    yield f"# {_plain(report.system.name)}"
    yield ""
    yield f"{_plain(title(report.system))}, `{report.system.path}`, on `{report.data}`."
    limit = (
        "" if options.limit is None else f"; only the first {options.limit} sentences of each set"
    )
    yield f"Beam {options.beam}, length penalty {options.length_penalty:g}{limit}."
    for found in report.sets:
        yield from _set(found, pictures.get(found.name), examples)
    yield ""
    yield "## How it was measured"
    yield ""
    machine = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    packages = ", ".join(f"{name} {value}" for name, value in report.versions.items())
    yield f"Began {report.began}; {machine}; {packages}."
    if report.system.fingerprint is not None:
        yield f"The bundle's fingerprint is `{report.system.fingerprint}`."
    yield f"Batches of {options.batch_size} sentences."
    yield f"Intervals: {options.resamples:,} bootstrap resamples, seed {options.seed}."


def _set(found: SetReport, pictures: SetPictures | None, examples: int) -> Iterator[str]:
    yield ""
    yield f"## {_plain(found.name)}: {count(found.sentences)}"
    yield ""
    yield "| figure | value | |"
    yield "| --- | ---: | --- |"
    for label, value, note in figures(found):
        yield f"| {label} | {value} | {_plain(note)} |"
    yield ""
    yield from _by_length(found.by_length)
    if pictures is not None:
        yield ""
        yield f"![BLEU by source length]({pictures.lengths})"
        if pictures.reliability is not None:
            yield ""
            yield f"![Reliability of the confidence]({pictures.reliability})"
    extremes = Extremes.of(found.translations, examples)
    yield from _sentences("Worst by chrF", extremes.worst, {})
    yield from _sentences(
        "Best by chrF", extremes.best, {} if pictures is None else pictures.attention
    )


def _by_length(scores: Sequence[LengthScore]) -> Iterator[str]:
    yield "| source words | sentences | BLEU | 95% interval |"
    yield "| --- | ---: | ---: | --- |"
    for score in scores:
        interval = f"{score.interval.low:.1f}–{score.interval.high:.1f}"
        yield f"| {score.label} | {score.sentences:,} | {score.bleu:.1f} | {interval} |"


def _sentences(
    heading: str, sentences: Sequence[ScoredSentence], attention: Mapping[str, str]
) -> Iterator[str]:
    if not sentences:
        return
    yield ""
    yield f"### {heading}"
    for sentence in sentences:
        yield ""
        yield "| | |"
        yield "| --- | --- |"
        yield f"| source | {_plain(sentence.source)} |"
        yield f"| reference | {_plain(sentence.reference)} |"
        yield f"| {sentence.chrf:.1f} | {_plain(sentence.hypothesis)} |"
        if (picture := attention.get(sentence.source)) is not None:
            yield ""
            yield f"![attention]({picture})"


def _plain(text: str) -> str:
    """Escape Markdown, including the separator of table cells."""
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
