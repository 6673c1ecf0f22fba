"""The parity report: every bar is held."""

from pathlib import Path
from typing import Any

import pytest

from jumok.export.errors import ParityError
from jumok.export.parity_report import Difference, ParityReport, PrecisionParity, ProviderParity

CLOSE = Difference(found=9e-6, rounding=1e-7)
SOUND = ProviderParity(
    encoder=CLOSE,
    decoder_state=CLOSE,
    attention=CLOSE,
    log_probs=CLOSE,
    attention_sum=1e-6,
    sentences=200,
    identical=199,
    ties=1,
    company_tokens=0,
    company_attention=1e-6,
)
NEAR = PrecisionParity(
    sentences=200, identical=190, bleu=95, chrf=98, company_tokens=0, company_attention=0
)
MODELS = Path(__file__).parents[2] / "models"


def report(**providers: ProviderParity) -> ParityReport:
    """A report on these providers."""
    return ParityReport(tolerance=1e-5, batch_sizes=(1, 33), lengths=(1, 41), providers=providers)


def test_sound() -> None:
    """A report whose bars are all met is let through, ties and all."""
    report(cpu=SOUND, cuda=SOUND).require()


@pytest.mark.parametrize(
    ("figure", "complaint"),
    [
        ("encoder", "encoder outputs differ from PyTorch's"),
        ("decoder_state", "the decoder step's state differs from PyTorch's"),
        ("attention", "attention differs from PyTorch's"),
        ("log_probs", "log-probabilities differ from PyTorch's"),
        ("attention_sum", "attention rows miss a sum of 1"),
        ("company_attention", "attention depends on what a sentence is batched with"),
    ],
)
@pytest.mark.parametrize("found", [1.1e-5, float("inf"), float("nan")])
def test_difference(figure: str, complaint: str, found: float) -> None:
    """A difference over its bar is named with its provider, its size and the bar."""
    value: Any = found
    if isinstance(getattr(SOUND, figure), Difference):
        value = Difference(found=found, rounding=1e-7)
    with pytest.raises(ParityError) as refused:
        report(cpu=SOUND, cuda=SOUND.model_copy(update={figure: value})).require()
    assert str(refused.value) == (
        f"parity on cuda: {complaint}, by {found:.1e} where 1.0e-05 is allowed; nothing was written"
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"identical": 197}, "2 of 200 sentences are translated otherwise than by"),
        ({"ties": 0}, "1 of 200 sentences are translated otherwise than by"),
        ({"company_tokens": 3}, "3 of 200 sentences depend on what they are batched"),
    ],
)
def test_sentences(change: dict[str, int], complaint: str) -> None:
    """Sentences that come out otherwise are counted."""
    wrong = SOUND.model_copy(update=change)
    with pytest.raises(ParityError, match=f"^parity on cuda: {complaint}"):
        report(cpu=SOUND, cuda=wrong).require()


def test_no_figure_without_a_bar() -> None:
    """Every figure of the report can fail it."""
    worse: dict[str, Any] = dict.fromkeys(ProviderParity.model_fields, float("inf"))
    for figure in ("encoder", "decoder_state", "attention", "log_probs"):
        worse[figure] = Difference(found=1, rounding=0)
    worse |= {"identical": 0, "ties": 0, "company_tokens": 1, "sentences": 1000}
    for figure, value in worse.items():
        with pytest.raises(ParityError):
            report(cpu=SOUND.model_copy(update={figure: value})).require()


@pytest.mark.parametrize(("rounding", "bar"), [(0, 1e-5), (2e-6, 1e-5), (1e-5, 4e-5)])
def test_rounding(rounding: float, bar: float) -> None:
    """The bar is 1e-5, or four times what float32 costs PyTorch itself where that is more."""
    assert Difference(found=0, rounding=rounding).bar == pytest.approx(bar)


@pytest.mark.parametrize("rounding", [float("inf"), float("nan")])
def test_no_numbers(rounding: float) -> None:
    """Where PyTorch's own outputs are no numbers, nothing agrees with them."""
    nothing = Difference(found=float("inf"), rounding=rounding)
    with pytest.raises(ParityError, match="log-probabilities differ"):
        report(cpu=SOUND.model_copy(update={"log_probs": nothing})).require()


def test_too_few_sentences() -> None:
    """Agreement on fewer sentences than are needed proves nothing."""
    few = SOUND.model_copy(update={"sentences": 199, "identical": 199, "ties": 0})
    with pytest.raises(ParityError, match="199 sentences can be translated where 200 are needed"):
        report(cpu=few).require()


def test_rounding_moves_the_bar_but_not_without_end() -> None:
    """The bar is four times PyTorch's own rounding where that is more, and 1e-4 at the most."""
    assert Difference(found=0, rounding=1e-6).bar == 1e-5
    assert Difference(found=0, rounding=5e-6).bar == pytest.approx(2e-5)
    assert Difference(found=0, rounding=1).bar == 1e-4


@pytest.mark.parametrize("company", [{"company_tokens": 1}, {"company_attention": 1.1e-5}])
def test_company_in_int8(company: dict[str, Any]) -> None:
    """In int8, too, a sentence may not depend on what it is batched with."""
    depends = report(cpu=SOUND).model_copy(update={"int8": NEAR.model_copy(update=company)})
    with pytest.raises(ParityError, match=r"^parity in int8: \d of 200 sentences depend on what"):
        depends.require()


def test_company_in_float16() -> None:
    """In float16 it is reported and no more."""
    near = NEAR.model_copy(update={"company_tokens": 1, "company_attention": 5e-4})
    report(cpu=SOUND).model_copy(update={"int8": NEAR, "float16": near}).require()


@pytest.mark.parametrize("name", ["de-en", "ko-en"])
def test_models(name: str) -> None:
    """The reports of the models that come with jumok can be read."""
    content = (MODELS / name / "parity.json").read_text("utf-8")
    found = ParityReport.model_validate_json(content)
    found.require()
    assert (found.int8 is None) == ('"int8": null' in content)
    assert found.float16 is None
