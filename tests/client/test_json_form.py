"""Events as JSON."""

import struct

from hypothesis import given
from hypothesis.strategies import floats

from jumok.client.events import (
    FinishReason,
    Hypothesis,
    Model,
    Result,
    Source,
    SourceToken,
    Timings,
    Token,
    Tokens,
)
from jumok.client.json_form import to_json, to_plain


def test_event_is_wrapped_in_its_name() -> None:
    """An event is an object with one key, its name in the .proto; unset fields are null."""
    source = Source(tokens=(SourceToken(3, "</s>", 8, 8, None),), words=())

    assert to_json(source) == {
        "source": {
            "tokens": [{"id": 3, "piece": "</s>", "start": 8, "end": 8, "word": None}],
            "words": [],
            "segments": [],
            "copied": [],
        }
    }


def test_float32_is_short() -> None:
    """A float32 is written with the fewest digits that identify it."""
    token = Token(
        1, "▁I", "I", -0.10000000149011612, (0.9599999785423279, 0.3333333432674408, 0.0), 0
    )

    (written,) = to_json(Tokens((token,)))["tokens"]["tokens"]

    assert written["log_prob"] == -0.1
    assert written["attention"] == [0.96, 0.33333334, 0.0]


@given(floats(width=32, allow_nan=False))
def test_float32_is_kept(number: float) -> None:
    """What is written is read as the same float32, and has at most nine digits."""
    written = to_plain(number)

    assert written == number or struct.pack("f", written) == struct.pack("f", number)
    assert written in (number, float(f"{written:.9g}"))


def test_result_names_its_reason() -> None:
    """Enumerations are written by name, times in seconds."""
    hypothesis = Hypothesis("I", -1.0, -0.5, (), (), FinishReason.LENGTH)
    times = Timings(0.001234567, 0.0, 1.5)
    result = Result(FinishReason.LENGTH, (hypothesis,), times, "ko-en", "ff")

    written = to_json(result)["result"]

    assert written["finish_reason"] == "FINISH_REASON_LENGTH"
    assert written["timings"] == {"queued": 0.001234567, "first_token": 0.0, "total": 1.5}


def test_model_is_not_wrapped() -> None:
    """A model is an object of its fields."""
    model = Model("ko-en", "ff", "ko", "en", 512, 128, 256, "CPU", "1", "2", "reads", "int8")

    assert to_json(model)["max_source_tokens"] == 128
    assert to_json(model)["precision"] == "int8"
