"""The size of responses, computed before the work."""

import pytest

from jumok.decoding.options import Decoding
from jumok.service.errors import InvalidRequestError
from jumok.service.response_size import (
    LARGEST,
    TYPICAL,
    ResponseShape,
    TextLength,
    TotalLength,
    expected_length,
    largest_length,
)

MAX = 4 * 2**20


def total(lengths: list[TextLength]) -> TotalLength:
    length = TotalLength()
    for each in lengths:
        length.add(each)
    return length


@pytest.mark.parametrize(
    ("shape", "texts", "field"),
    [
        (ResponseShape(1, 0, True), [TextLength(35, 35)] * 1000, "attention"),
        (ResponseShape(1, 16, False), [TextLength(35, 35)] * 1000, "decoding.alternatives"),
        (
            ResponseShape(16, 0, False),
            [TextLength(35, 35)] * 1000,
            "decoding.beam_search.num_hypotheses",
        ),
        (ResponseShape(16, 16, True), [TextLength(35, 35)] * 1000, "texts"),
        (ResponseShape(1, 0, False), [TextLength(35, 5000)], "decoding.max_tokens"),
    ],
)
def test_a_response_that_is_too_large_names_the_field_to_reduce(
    shape: ResponseShape, texts: list[TextLength], field: str
) -> None:
    """The error names the field whose reduction suffices, otherwise the texts."""
    with pytest.raises(InvalidRequestError) as refused:
        shape.check(total(texts), TYPICAL, MAX if len(texts) > 1 else 10**5)
    assert refused.value.field == field


def test_a_thousand_ordinary_sentences_fit() -> None:
    """1,000 sentences of 35 tokens are allowed by default; one byte less than they need is not."""
    texts = total([expected_length(34, Decoding(100))] * 1000)
    shape = ResponseShape(1, 0, dense=False)
    size = shape.check(texts, TYPICAL, MAX)
    assert shape.check(texts, TYPICAL, size) == size
    with pytest.raises(InvalidRequestError):
        shape.check(texts, TYPICAL, size - 1)


def test_one_text_with_everything_fits() -> None:
    """The largest response for one text of a model with 100 tokens is below 4 MiB."""
    shape = ResponseShape(16, 16, dense=True)
    assert shape.bytes(total([largest_length(100, Decoding(100))]), LARGEST) < MAX


def test_required_tokens_are_expected() -> None:
    """A translation is expected to be as long as its source, a given prefix or minimum."""
    assert expected_length(10, Decoding(100)) == (11, 11)
    assert expected_length(10, Decoding(100, min_tokens=50)) == (11, 51)
    assert expected_length(10, Decoding(100, prefix=(4,) * 20)) == (11, 21)
    assert expected_length(90, Decoding(40)) == (91, 41)
