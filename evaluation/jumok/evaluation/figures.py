"""The figures of a set as text: label, value and explanation."""

from collections.abc import Iterator
from typing import NamedTuple

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.calibration import GOOD_CHRF
from jumok.evaluation.report import SetReport, SystemReport

_RULES: dict[AlignmentRule, str] = {
    "writes": "step that writes a word",
    "reads": "step that reads a word",
    "posterior": "step that writes a word, posterior attention",
}


class Figure(NamedTuple):
    """A row of the table of figures."""

    label: str
    value: str
    note: str


def figures(report: SetReport) -> Iterator[Figure]:
    """Format all figures of a set."""
    text, signatures = report.text, report.text.signatures
    low, high = report.bleu_interval.low, report.bleu_interval.high
    yield Figure("BLEU", f"{text.bleu:.2f}", signatures["bleu"])
    yield Figure("BLEU, 95% interval", f"{low:.1f}–{high:.1f}", "bootstrap over sentences")
    yield Figure("BLEU, lower-cased", f"{text.bleu_lowercased:.2f}", signatures["bleu_lowercased"])
    yield Figure("chrF", f"{text.chrf:.2f}", signatures["chrf"])
    yield Figure("chrF, lower-cased", f"{text.chrf_lowercased:.2f}", signatures["chrf_lowercased"])
    yield Figure("exact", f"{text.exact:.1%}", "translations equal to their reference")
    yield Figure(
        "length ratio", f"{report.length_ratio:.3f}", "words of translations / words of references"
    )
    likelihood = report.likelihood
    yield Figure(
        "loss", f"{likelihood.loss:.4f}", "nats per token of the references, including ends"
    )
    yield Figure("perplexity", f"{likelihood.perplexity:.2f}", "per token of the references")
    for rule, score in report.alignment.items():
        yield Figure(
            f"AER, {rule}",
            f"{score.error_rate:.3f}",
            f"precision {score.precision:.3f}, recall {score.recall:.3f}; "
            f"{count(score.sentences)}, {_RULES[rule]}; words, or characters in scripts without "
            "spaces",
        )
    if (attention := report.attention) is not None:
        yield Figure(
            "attention entropy",
            f"{attention.entropy:.2f}",
            f"nats per target token; {attention.normalised_entropy:.1%} of uniform attention",
        )
        yield Figure(
            "coverage",
            f"{attention.coverage:.1%}",
            "source words that a target token attends to most",
        )
        yield Figure(
            "coverage deviation",
            f"{attention.coverage_deviation:.3f}",
            "mean deviation of a source token's total attention from 1",
        )
    if (reliability := report.reliability) is not None:
        yield Figure(
            "calibration error",
            f"{reliability.error:.3f}",
            "of the confidence, against the share of translations with a chrF of at least "
            f"{GOOD_CHRF:g}",
        )
    decoding = report.decoding
    yield Figure(
        "decoding",
        f"{decoding.seconds:.1f} s",
        f"{decoding.tokens_per_second:,.0f} tokens per second, "
        f"{decoding.sentences_per_second:,.1f} sentences per second",
    )


def title(report: SystemReport) -> str:
    """Describe an evaluated system in one line."""
    facts = [f"{report.source_language} to {report.target_language}"]
    if report.step is not None:
        facts.append(f"step {report.step:,}")
    if report.parameters is not None:
        facts.append(f"{report.parameters / 1e6:.1f} million parameters")
    precision = "" if report.precision == "float32" else f" in {report.precision}"
    return f"{report.name} ({report.kind}, {', '.join(facts)}, on {report.device}{precision})"


def count(sentences: int) -> str:
    """Format a number of sentences."""
    return f"{sentences:,} sentence" + "s" * (sentences != 1)
