"""The parity report: every limit is enforced."""

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
    """Return a report on these providers."""
    return ParityReport(tolerance=1e-5, batch_sizes=(1, 33), lengths=(1, 41), providers=providers)


def test_sound() -> None:
    """A report within all limits passes, including ties."""
    report(cpu=SOUND, cuda=SOUND).require()


@pytest.mark.parametrize(
    ("figure", "complaint"),
    [
        ("encoder", "encoder outputs differ from PyTorch's"),
        ("decoder_state", "the decoder step's state differs from PyTorch's"),
        ("attention", "attention differs from PyTorch's"),
        ("log_probs", "log-probabilities differ from PyTorch's"),
        ("attention_sum", "sums of attention rows differ from 1"),
        ("company_attention", "attention changes when sentences are batched"),
    ],
)
@pytest.mark.parametrize("found", [1.1e-5, float("inf"), float("nan")])
def test_difference(figure: str, complaint: str, found: float) -> None:
    """A difference over its limit is reported with provider, size and limit."""
    value: Any = found
    if isinstance(getattr(SOUND, figure), Difference):
        value = Difference(found=found, rounding=1e-7)
    with pytest.raises(ParityError) as refused:
        report(cpu=SOUND, cuda=SOUND.model_copy(update={figure: value})).require()
    assert str(refused.value) == (
        f"parity on cuda: {complaint} by {found:.1e}, but only 1.0e-05 is allowed; "
        "nothing was written"
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"identical": 197}, "2 of 200 sentences are translated differently from PyTorch"),
        ({"ties": 0}, "1 of 200 sentences are translated differently from PyTorch"),
        ({"company_tokens": 3}, "3 of 200 sentences change when batched with others"),
    ],
)
def test_sentences(change: dict[str, int], complaint: str) -> None:
    """Sentences with other translations are counted."""
    wrong = SOUND.model_copy(update=change)
    with pytest.raises(ParityError, match=f"^parity on cuda: {complaint}"):
        report(cpu=SOUND, cuda=wrong).require()


def test_every_figure_has_a_limit() -> None:
    """Every figure of the report can make it fail."""
    worse: dict[str, Any] = dict.fromkeys(ProviderParity.model_fields, float("inf"))
    for figure in ("encoder", "decoder_state", "attention", "log_probs"):
        worse[figure] = Difference(found=1, rounding=0)
    worse |= {"identical": 0, "ties": 0, "company_tokens": 1, "sentences": 1000}
    for figure, value in worse.items():
        with pytest.raises(ParityError):
            report(cpu=SOUND.model_copy(update={figure: value})).require()


@pytest.mark.parametrize(("rounding", "limit"), [(0, 1e-5), (2e-6, 1e-5), (1e-5, 4e-5)])
def test_rounding(rounding: float, limit: float) -> None:
    """The limit is the larger of 1e-5 and four times PyTorch's own rounding error."""
    assert Difference(found=0, rounding=rounding).limit == pytest.approx(limit)


@pytest.mark.parametrize("rounding", [float("inf"), float("nan")])
def test_no_numbers(rounding: float) -> None:
    """If PyTorch's own outputs are NaN or infinite, nothing agrees with them."""
    nothing = Difference(found=float("inf"), rounding=rounding)
    with pytest.raises(ParityError, match="log-probabilities differ"):
        report(cpu=SOUND.model_copy(update={"log_probs": nothing})).require()


def test_too_few_sentences() -> None:
    """Agreement on too few sentences does not pass."""
    few = SOUND.model_copy(update={"sentences": 199, "identical": 199, "ties": 0})
    with pytest.raises(
        ParityError, match="only 199 held-out sentences are within the limits, but 200"
    ):
        report(cpu=few).require()


def test_rounding_raises_the_limit_up_to_a_maximum() -> None:
    """The limit grows with PyTorch's own rounding error, up to 1e-4."""
    assert Difference(found=0, rounding=1e-6).limit == 1e-5
    assert Difference(found=0, rounding=5e-6).limit == pytest.approx(2e-5)
    assert Difference(found=0, rounding=1).limit == 1e-4


@pytest.mark.parametrize("effect", [{"company_tokens": 1}, {"company_attention": 1.1e-5}])
def test_int8_must_not_depend_on_the_batch(effect: dict[str, Any]) -> None:
    """In int8, batching must not change tokens or attention."""
    depends = report(cpu=SOUND).model_copy(update={"int8": NEAR.model_copy(update=effect)})
    with pytest.raises(ParityError, match=r"^parity in int8: \d of 200 translations change when"):
        depends.require()


def test_float16_may_depend_on_the_batch() -> None:
    """In float16, effects of batching are reported but allowed."""
    near = NEAR.model_copy(update={"company_tokens": 1, "company_attention": 5e-4})
    report(cpu=SOUND).model_copy(update={"int8": NEAR, "float16": near}).require()


@pytest.mark.parametrize("name", ["de-en", "ko-en"])
def test_models(name: str) -> None:
    """The reports of the shipped models can be read and pass."""
    content = (MODELS / name / "parity.json").read_text("utf-8")
    found = ParityReport.model_validate_json(content)
    found.require()
    assert (found.int8 is None) == ('"int8": null' in content)
    assert found.float16 is None
