"""Loading checkpoints and bundles."""

from pathlib import Path

import pytest

from jumok.decoding.options import WIDEST_BEAM
from jumok.evaluation.command import USER_ERRORS
from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, SentencePair
from jumok.evaluation.system import load_system

SENTENCES = ["나는 학생입니다", "선생님은 도서관에서 책 세 권을 읽었습니다", "비가 왔습니다"]


@pytest.mark.parametrize("beam", [1, 3])
def test_same_answers(tiny_run: Path, tiny_bundle: Path, beam: int) -> None:
    """A bundle gives the same translations, attention and scores as its checkpoint."""
    checkpoint, bundle = load_system(tiny_run, "cpu"), load_system(tiny_bundle, "cpu")
    links = frozenset({(0, 0)})
    gold = GoldAlignment(links, links)
    pairs = [SentencePair(sentence, "I am a student", gold) for sentence in SENTENCES]
    for one, other in zip(
        checkpoint.translator.translate(SENTENCES, beam) + checkpoint.translator.force(pairs),
        bundle.translator.translate(SENTENCES, beam) + bundle.translator.force(pairs),
        strict=True,
    ):
        assert (one.text, one.token_ids) == (other.text, other.token_ids)
        assert one.attention == pytest.approx(other.attention, abs=1e-4)
        assert one.log_probs == pytest.approx(other.log_probs, abs=1e-4)
        assert one.posterior == pytest.approx(other.posterior, abs=1e-4)


def test_reports(tiny_run: Path, tiny_bundle: Path) -> None:
    """The description of a system is complete; a bundle's has its fingerprint."""
    checkpoint, bundle = (load_system(path, "cpu").report for path in (tiny_run, tiny_bundle))
    assert (checkpoint.kind, bundle.kind) == ("checkpoint", "bundle")
    for report in (checkpoint, bundle):
        assert (report.name, report.step, report.device) == ("tiny.ko-en", 300, "cpu")
        assert (report.source_language, report.target_language) == ("ko", "en")
    assert checkpoint.parameters is not None
    assert checkpoint.fingerprint is None
    assert bundle.fingerprint is not None
    assert len(bundle.fingerprint) == 64


def test_beam(tiny_run: Path, tiny_bundle: Path) -> None:
    """The widest beam can be used."""
    for path in (tiny_run, tiny_bundle):
        system = load_system(path, "cpu")
        assert len(system.translator.translate(SENTENCES[:1], beam=WIDEST_BEAM)) == 1


def test_languages(tiny_run: Path) -> None:
    """Data in other languages is refused; regions are ignored."""
    system = load_system(tiny_run, "cpu")
    system.check_languages(("ko-KR", "EN_us"))
    with pytest.raises(EvaluationError, match="translates ko to en, but the data are de to en"):
        system.check_languages(("de", "en"))


def test_missing_precision_is_a_user_error(tiny_bundle: Path) -> None:
    """A precision that the bundle lacks is an error that the command reports in one line."""
    with pytest.raises(USER_ERRORS, match="the bundle has no float16 graphs: choose float32"):
        load_system(tiny_bundle, "cpu", "float16")


def test_neither(tmp_path: Path) -> None:
    """A folder that is neither a checkpoint nor a bundle is refused in one sentence."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(EvaluationError, match="holds neither a checkpoint nor a bundle; make"):
            load_system(path)
