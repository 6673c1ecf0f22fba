"""Invalid architectures."""

from typing import Any

import pytest
from pydantic import ValidationError

from jumok.training.network.configuration import ModelConfiguration


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"score": "dot"}, None),
        ({"score": "dot", "decoder_size": 256}, "set decoder_size = 512"),
        ({"score": "scaled_dot", "encoder_size": 100}, "set decoder_size = 200"),
        ({"score": "cosine", "bidirectional": False}, "set decoder_size = 256"),
        ({"score": "cosine", "bidirectional": False, "decoder_size": 256}, None),
        ({"score": "general", "decoder_size": 100}, None),
        ({"score": "concat"}, "Input should be 'additive', 'dot'"),
        ({"wiring": "bahdanau", "tie_output": True}, None),
        ({"tie_output": True, "embedding_size": 100}, "attentional_size = embedding_size"),
        ({"encoder_layers": 5}, "less than or equal to 4"),
        ({"decoder_layers": 0}, "greater than or equal to 1"),
    ],
    ids=str,
)
def test_fit(options: dict[str, Any], complaint: str | None) -> None:
    """Sizes that do not fit are refused; the message names the right size."""
    if complaint is None:
        ModelConfiguration.model_validate(options)
        return
    with pytest.raises(ValidationError, match=complaint):
        ModelConfiguration.model_validate(options)


def test_lexical_model() -> None:
    """Without attention there is no lexical model."""
    assert ModelConfiguration().has_lexical_model
    assert not ModelConfiguration(lexical=False).has_lexical_model
    assert not ModelConfiguration(score="none", encoder_size=4, decoder_size=8).has_lexical_model


def test_value_size() -> None:
    """The size of an encoder state is the sum over directions."""
    assert ModelConfiguration(encoder_size=5).value_size == 10
    assert ModelConfiguration(encoder_size=5, bidirectional=False).value_size == 5
