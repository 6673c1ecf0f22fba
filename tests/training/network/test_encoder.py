"""The encoder: directions, layers, padding."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.encoder import Encoder
from jumok.training.network.seq2seq import Seq2Seq
from tests.training.conftest import untrained

LENGTHS = (7, 1, 4, 6)
SOURCE_IDS = torch.randint(4, 20, (4, 7), generator=torch.Generator().manual_seed(0))
OTHERS: list[dict[str, Any]] = [
    {},
    {"cell": "lstm"},
    {"bidirectional": False},
    {"encoder_layers": 3},
    {"encoder_layers": 3, "residual": True, "cell": "lstm"},
    {"lexical": True},
]


def make(sizes: ModelConfiguration, **change: Any) -> Encoder:
    """Make the encoder of an untrained model."""
    return untrained(sizes.model_copy(update=change)).encoder


@torch.no_grad()
@pytest.mark.parametrize("change", OTHERS, ids=str)
def test_padding_is_not_seen(sizes: ModelConfiguration, change: dict[str, Any]) -> None:
    """A sentence has the same states alone and in a padded batch, whatever the padding."""
    encoder = make(sizes, **change)
    states, first = encoder(SOURCE_IDS, torch.tensor(LENGTHS))
    for row, length in enumerate(LENGTHS):
        alone, first_alone = encoder(SOURCE_IDS[row : row + 1, :length], torch.tensor([length]))
        torch.testing.assert_close(states[row, :length], alone[0], atol=1e-6, rtol=0)
        torch.testing.assert_close(first[row], first_alone[0], atol=1e-6, rtol=0)
        assert not states[row, length:].any()


@torch.no_grad()
@pytest.mark.parametrize("bidirectional", [True, False])
def test_both_directions(sizes: ModelConfiguration, bidirectional: bool) -> None:
    """The first encoder state depends on the last token only if the encoder is bidirectional."""
    encoder = make(sizes, bidirectional=bidirectional)
    source_ids = torch.randint(4, 20, (1, 5))
    other = source_ids.clone()
    other[0, 4] = 4 + (other[0, 4] - 3) % 16
    states, first = encoder(source_ids, torch.tensor([5]))
    others, first_other = encoder(other, torch.tensor([5]))
    assert ((states[0, 0] - others[0, 0]).abs().max() > 1e-4) == bidirectional
    assert (first - first_other).abs().max() > 1e-3


@torch.no_grad()
def test_first_state(model: Seq2Seq) -> None:
    """The decoder's initial state is tanh of a projection of both directions' final states."""
    states, first = model.encoder(SOURCE_IDS[:2, :5], torch.tensor([5, 3]))
    final = torch.stack(
        [torch.cat((states[row, end - 1, :5], states[row, 0, 5:])) for row, end in ((0, 5), (1, 3))]
    )
    bridge = model.encoder.bridge
    torch.testing.assert_close(first, torch.tanh(final @ bridge.weight.T + bridge.bias))


@torch.no_grad()
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_layers(
    sizes: ModelConfiguration, kind: type[nn.GRU | nn.LSTM], bidirectional: bool
) -> None:
    """Stacked layers equal PyTorch's, and the last layer determines the initial state."""
    cell = kind.__name__.lower()
    encoder = make(sizes, cell=cell, encoder_layers=3, bidirectional=bidirectional)
    theirs = kind(6, 5, num_layers=3, bidirectional=bidirectional, batch_first=True)
    for number, layer in enumerate(encoder.layers):
        for name, weight in layer.named_parameters():
            theirs.get_parameter(name.replace("_l0", f"_l{number}")).copy_(weight)
    states, first = encoder(SOURCE_IDS[:1], torch.tensor([7]))
    expected, final = theirs(encoder.embedding(SOURCE_IDS[:1]))
    torch.testing.assert_close(states, expected)
    last = final[0] if isinstance(final, tuple) else final
    joined = last[-1 - bidirectional :].transpose(0, 1).flatten(1)
    torch.testing.assert_close(first, torch.tanh(encoder.bridge(joined)))


@torch.no_grad()
def test_residual(sizes: ModelConfiguration) -> None:
    """Each layer but the first adds its input to its output."""
    encoder = make(sizes, encoder_layers=3, residual=True)

    def read(number: int, inputs: Tensor) -> Tensor:
        outputs: Tensor = encoder.layers[number](inputs)[0]
        return outputs

    states, _ = encoder(SOURCE_IDS[:1], torch.tensor([7]))
    expected = read(0, encoder.embedding(SOURCE_IDS[:1]))
    expected = expected + read(1, expected)
    expected = expected + read(2, expected)
    torch.testing.assert_close(states, expected)
