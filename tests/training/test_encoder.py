"""The encoder: reads in both directions and never sees padding."""

import torch

from training.seq2seq import Seq2Seq

LENGTHS = (7, 1, 4, 6)


def test_padding_is_not_seen(model: Seq2Seq) -> None:
    """A sentence gets the same states alone and in a ragged batch, whatever the padding is."""
    source_ids = torch.randint(4, 20, (4, 7))
    states, first = model.encoder(source_ids, torch.tensor(LENGTHS))
    for row, length in enumerate(LENGTHS):
        alone, first_alone = model.encoder(
            source_ids[row : row + 1, :length], torch.tensor([length])
        )
        torch.testing.assert_close(states[row, :length], alone[0], atol=1e-6, rtol=0)
        torch.testing.assert_close(first[row], first_alone[0], atol=1e-6, rtol=0)
        assert not states[row, length:].any()


def test_both_directions(model: Seq2Seq) -> None:
    """The first state knows the first token and the last."""
    source_ids = torch.randint(4, 20, (1, 12))
    first = model.encoder(source_ids, torch.tensor([12]))[1]
    for place in (0, 11):
        other = source_ids.clone()
        other[0, place] = 4 + (other[0, place] - 3) % 16
        assert (model.encoder(other, torch.tensor([12]))[1] - first).abs().max() > 1e-3


def test_first_state(model: Seq2Seq) -> None:
    """The first state is the tanh of a projection of the last forward and first backward state."""
    states, first = model.encoder(torch.randint(4, 20, (2, 5)), torch.tensor([5, 3]))
    final = torch.stack(
        [torch.cat((states[row, end - 1, :5], states[row, 0, 5:])) for row, end in ((0, 5), (1, 3))]
    )
    bridge = model.encoder.bridge
    torch.testing.assert_close(first, torch.tanh(final @ bridge.weight.T + bridge.bias))
