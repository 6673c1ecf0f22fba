"""Every decoding option, over a real connection."""

import threading
from typing import Any

import grpc
import pytest

from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, events
from tests.service.conftest import VOCABULARY, CopyingEngine, refusal


async def test_beam_search(stub: Any) -> None:
    """Hypotheses are ordered best first; all but the streamed best have their tokens."""
    beam = pb.BeamSearch(width=4, num_hypotheses=3)
    _, tokens, result = await events(stub, text=TEXT, decoding={"beam_search": beam})
    best, *others = result.hypotheses
    assert "".join(token.text for token in tokens) == best.text == TEXT
    assert not best.tokens
    assert len(others) == 2
    scores = [hypothesis.score for hypothesis in result.hypotheses]
    assert scores == sorted(scores, reverse=True)
    for other in others:
        assert "".join(token.text for token in other.tokens) == other.text != TEXT
        assert all(sum(token.attention) == pytest.approx(1) for token in other.tokens)
        ended = other.finish_reason == pb.FINISH_REASON_END_OF_SENTENCE
        end = other.log_prob - sum(token.log_prob for token in other.tokens)
        assert (end < -0.4) == ended
        assert other.words


async def test_provisional_tokens(stub: Any, engine: CopyingEngine) -> None:
    """Provisional tokens follow decided ones, and decided tokens never change."""
    engine.gate = threading.Semaphore(0)
    beam = pb.BeamSearch(width=4, provisional=True)
    request = pb.TranslateRequest(text=TEXT, decoding=pb.DecodingOptions(beam_search=beam))
    responses = []
    async for response in stub.Translate(request):
        responses.append(response)
        engine.gate.release()
    text, provisional = "", 0
    for response in responses[1:-1]:
        text += "".join(token.text for token in response.tokens.tokens)
        assert TEXT.startswith(text)
        provisional += len(response.tokens.provisional)
    assert text == TEXT
    assert provisional
    assert not responses[-2].tokens.provisional


async def test_sampling(stub: Any) -> None:
    """A sampled translation has a seed, and the same seed gives the same translation."""
    sampling = pb.Sampling(temperature=3)
    _, _, drawn = await events(stub, text=TEXT * 3, decoding={"sampling": sampling})
    assert drawn.HasField("seed")
    sampling.seed = drawn.seed
    _, _, again = await events(stub, text=TEXT * 3, decoding={"sampling": sampling})
    assert again.hypotheses[0].text == drawn.hypotheses[0].text
    _, _, greedy = await events(stub, text=TEXT * 3)
    assert not greedy.HasField("seed")
    assert greedy.hypotheses[0].text != drawn.hypotheses[0].text


async def test_fresh_seeds_fit_in_javascript(stub: Any) -> None:
    """Seeds drawn by the service are below 2^53 and differ; seeds in requests may be larger."""
    decoding: dict[str, Any] = {"sampling": {}, "max_tokens": 1}
    drawn = [(await events(stub, text=TEXT, decoding=decoding))[2].seed for _ in range(20)]
    assert max(drawn) < 2**53
    assert len(set(drawn)) == len(drawn)
    decoding["sampling"] = {"seed": 2**64 - 1}
    _, _, result = await events(stub, text=TEXT, decoding=decoding)
    assert result.seed == 2**64 - 1


@pytest.mark.parametrize("search", [{}, {"beam_search": {"width": 3}}])
async def test_target_prefix(stub: Any, search: dict[str, Any]) -> None:
    """A translation begins with the prefix, whose tokens are streamed with log-probabilities."""
    decoding = {"target_prefix": "우리는", "max_tokens": 9, **search}
    _, tokens, result = await events(stub, text=TEXT, decoding=decoding)
    assert result.hypotheses[0].text.startswith("우리는")
    assert -9 in [
        token.log_prob for token in tokens
    ]  # a token that the model would not have chosen
    assert all(sum(token.attention) == pytest.approx(1) for token in tokens)


async def test_lengths(stub: Any) -> None:
    """The numbers of tokens stay between `min_tokens` and `max_tokens`."""
    _, tokens, result = await events(stub, text=TEXT, decoding={"min_tokens": 12})
    assert len(tokens) >= 12
    _, tokens, result = await events(stub, text=TEXT, decoding={"min_tokens": 9, "max_tokens": 9})
    assert len(tokens) == 9
    assert result.hypotheses[0].words


async def test_alternatives(stub: Any) -> None:
    """Each token has the best other candidates and their log-probabilities."""
    _, tokens, _ = await events(stub, text=TEXT, decoding={"alternatives": 2})
    for token in tokens:
        assert [other.log_prob for other in token.alternatives] == [-2.5, -4.5]
        assert [other.id for other in token.alternatives] == [
            (token.id + 1) % VOCABULARY,
            (token.id + 2) % VOCABULARY,
        ]
        assert all(other.piece for other in token.alternatives)


@pytest.mark.parametrize(
    ("decoding", "field", "reason"),
    [
        ({"min_tokens": 51}, "min_tokens", "0 to 50"),
        ({"min_tokens": 5, "max_tokens": 4}, "min_tokens", "0 to 4"),
        ({"alternatives": 17}, "alternatives", "0 to 16"),
        ({"target_prefix": "나" * 51}, "target_prefix", "50 are allowed"),
        ({"target_prefix": "나\0"}, "target_prefix", "NUL"),
        ({"beam_search": {"width": 0}}, "beam_search.width", "1 to 16"),
        ({"beam_search": {"width": 17}}, "beam_search.width", "1 to 16"),
        (
            {"beam_search": {"width": 2, "num_hypotheses": 3}},
            "beam_search.num_hypotheses",
            "1 to 2",
        ),
        ({"beam_search": {"length_penalty": -1}}, "beam_search.length_penalty", "0 to 10"),
        ({"beam_search": {"coverage_penalty": 11}}, "beam_search.coverage_penalty", "0 to 10"),
        ({"sampling": {"temperature": 0}}, "sampling.temperature", "0.01 to 100"),
        ({"sampling": {"temperature": float("nan")}}, "sampling.temperature", "0.01 to 100"),
        ({"sampling": {"top_k": 0}}, "sampling.top_k", "1 to 256"),
        ({"sampling": {"top_p": 0}}, "sampling.top_p", "above 0"),
        ({"sampling": {"top_p": 1.5}}, "sampling.top_p", "at most 1"),
    ],
)
async def test_invalid_options_are_refused(
    stub: Any, decoding: dict[str, Any], field: str, reason: str
) -> None:
    """An option out of range is reported by name."""
    request = pb.TranslateRequest(text=TEXT, decoding=pb.DecodingOptions(**decoding))
    error, named = await refusal(stub.Translate(request))
    assert (error.code(), named) == (grpc.StatusCode.INVALID_ARGUMENT, [f"decoding.{field}"])
    assert reason in (error.details() or "")
