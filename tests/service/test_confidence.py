"""The confidence in the translation of each segment."""

import dataclasses
from typing import Any

import pytest

from jumok.bundle.calibration import Calibration
from jumok.bundle.folder import Bundle
from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel
from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, events
from tests.service.conftest import CopyingEngine

CALIBRATION = Calibration(intercept=1.0, slope=3.0, sentences=100)
EXPECTED = CALIBRATION.confidence(-0.5)
"""The engine gives each of its tokens a log-probability of -0.5."""


@pytest.fixture
def model(copying_bundle: Bundle, engine: CopyingEngine, config: ServiceConfig) -> ServedModel:
    manifest = copying_bundle.manifest.model_copy(update={"calibration": CALIBRATION})
    bundle = dataclasses.replace(copying_bundle, manifest=manifest)
    return ServedModel.of(bundle, engine, config.max_text_characters)  # type: ignore[arg-type]


async def confidences(stub: Any, text: str) -> list[float]:
    """Return the confidences in the segments of a translation."""
    _, _, result = await events(stub, text=text)
    (hypothesis,) = result.hypotheses
    return list(hypothesis.segment_confidence)


async def test_one_segment_has_one(stub: Any) -> None:
    """It follows from the mean log-probability of the tokens and the end."""
    assert await confidences(stub, TEXT) == [pytest.approx(EXPECTED)]


async def test_each_segment_has_its_own(stub: Any) -> None:
    """Three sentences have three."""
    assert await confidences(stub, "나는 학생입니다.\n나는\n학생입니다") == pytest.approx(
        [EXPECTED] * 3
    )


async def test_worse_hypotheses_have_less(stub: Any) -> None:
    """Each hypothesis of a beam search has its own confidence, also in a batch."""
    decoding = pb.DecodingOptions(beam_search=pb.BeamSearch(width=3, num_hypotheses=3))
    request = pb.TranslateBatchRequest(texts=[TEXT], decoding=decoding)
    response = await stub.TranslateBatch(request)
    (translation,) = (item.translation for item in response.items)
    found = [each.segment_confidence[0] for each in translation.result.hypotheses]
    means = [each.log_prob / (len(each.tokens) + 1) for each in translation.result.hypotheses]
    assert found == pytest.approx([CALIBRATION.confidence(mean) for mean in means])
    assert len(set(found)) > 1


async def test_text_without_words_has_none(stub: Any) -> None:
    """What is not translated has no confidence."""
    assert await confidences(stub, "***") == []
