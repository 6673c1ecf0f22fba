"""The decoder's step."""

import pytest
import torch

from training.decoder import Decoder, Memory
from training.model_configuration import Model
from training.seq2seq import Seq2Seq


@pytest.fixture
def memory(model: Seq2Seq) -> Memory:
    """What two sentences of 6 and 4 tokens are remembered as."""
    return model.encode(torch.randint(4, 20, (2, 6)), torch.tensor([6, 4]))[0]


def test_formula(model: Seq2Seq, memory: Memory) -> None:
    """It does s = GRU([y; h̃], s); a, c = attend(s); h̃ = tanh(W [c; s]); its state is [s; h̃]."""
    decoder = model.decoder
    embedded, state = torch.randn(2, 1, 6), torch.randn(2, 1, 15)
    after, attention = decoder.step(embedded, state, memory)
    s, fed = state[:, 0, :7], state[:, 0, 7:]
    inputs = torch.cat((embedded[:, 0], fed), dim=1)
    s = decoder.cell(inputs, s)
    context, expected = decoder.attention(
        s.unsqueeze(1), memory.projected_keys, memory.encoder_states, memory.mask
    )
    attentional = torch.tanh(decoder.readout(torch.cat((context[:, 0], s), dim=1)))
    torch.testing.assert_close(after[:, 0], torch.cat((s, attentional), dim=1))
    torch.testing.assert_close(attention, expected)
    torch.testing.assert_close(decoder.logits(after)[:, 0], decoder.generator(attentional))


def test_input_feeding(model: Seq2Seq, memory: Memory) -> None:
    """The attentional state of a step enters the next one."""
    embedded, state = torch.randn(2, 1, 6), torch.randn(2, 1, 15)
    other = state.clone()
    other[:, :, 7:] += 1
    first, second = (model.decoder.step(embedded, given, memory)[0] for given in (state, other))
    assert (first - second).abs().max() > 1e-3


def test_hypotheses_do_not_mix(model: Seq2Seq, memory: Memory) -> None:
    """Three hypotheses of a sentence get what each of them gets alone."""
    embedded, state = torch.randn(2, 3, 6), torch.randn(2, 3, 15)
    after, attention = model.decoder.step(embedded, state, memory)
    for at in range(3):
        one = slice(at, at + 1)
        after_alone, attention_alone = model.decoder.step(embedded[:, one], state[:, one], memory)
        torch.testing.assert_close(after[:, one], after_alone, atol=1e-6, rtol=0)
        torch.testing.assert_close(attention[:, one], attention_alone, atol=1e-6, rtol=0)


def test_initial_state(model: Seq2Seq) -> None:
    """Before the first step there is no attentional state."""
    recurrent = torch.randn(2, 7)
    assert model.decoder.state_size == 15
    assert torch.equal(
        model.decoder.initial_state(recurrent), torch.cat((recurrent, torch.zeros(2, 8)), dim=1)
    )


def test_tied_output(sizes: Model) -> None:
    """A tied generator is the embedding itself, an untied one is not."""
    tied = sizes.model_copy(update={"tie_output": True, "attentional_size": 6})
    decoder = Decoder(tied, 22, 0)
    assert decoder.generator.weight is decoder.embedding.weight
    decoder = Decoder(sizes, 22, 0)
    assert decoder.generator.weight is not decoder.embedding.weight
