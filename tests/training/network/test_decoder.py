"""The decoder step in each wiring, against its equations."""

from typing import Any

import pytest
import torch
from torch import Tensor

from jumok.training.network.attention import Memory
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.decoder import Decoder, State
from tests.training.conftest import untrained

LENGTHS = torch.tensor([6, 4])
IDS = torch.randint(4, 20, (2, 6), generator=torch.Generator().manual_seed(0))
WIRINGS: list[dict[str, Any]] = [
    {},
    {"input_feeding": False},
    {"wiring": "bahdanau"},
    {"wiring": "conditional"},
]


def make(sizes: ModelConfiguration, **change: Any) -> tuple[Decoder, Memory, State]:
    """Make a decoder, the memory of two sentences, and a state of 3 hypotheses each."""
    model = untrained(sizes.model_copy(update=change))
    memory, _ = model.encode(IDS, LENGTHS)
    decoder = model.decoder
    return decoder, memory, decoder.unpack(torch.randn(2, 3, decoder.state_size))


def embed(decoder: Decoder) -> tuple[Tensor, Tensor, Tensor]:
    """Return random embedded tokens of 3 hypotheses, and the decoder's projections of them."""
    previous_ids = torch.tensor([[4, 5, 6], [7, 8, 9]])
    return decoder.embedding(previous_ids), *decoder.read(previous_ids)


@torch.no_grad()
def test_luong(sizes: ModelConfiguration) -> None:
    """Check s = GRU([y; h̃], s); a, c = attend(s); h̃ = tanh(W [c; s])."""
    decoder, memory, state = make(sizes)
    embedded, gates, readout = embed(decoder)
    after, features, attention = decoder.step(gates, state, memory)
    ((before,),) = state.layers
    share = decoder.embedded_gates(embedded) + state.fed @ decoder.fed_gates.weight.T
    (s,) = decoder.cells[0](share, (before,))
    context, expected = decoder.attention(s, memory)
    attentional = torch.tanh(decoder.readout(torch.cat((context, s), dim=2)))
    torch.testing.assert_close(after, State(((s,),), attentional))
    torch.testing.assert_close(attention, expected)
    logits = attentional @ decoder.generator.weight.T + decoder.generator.bias
    torch.testing.assert_close(decoder.logits(features, readout), logits)


@torch.no_grad()
def test_luong_without_feeding(sizes: ModelConfiguration) -> None:
    """Without input feeding h̃ is not part of the state."""
    decoder, memory, state = make(sizes, input_feeding=False)
    embedded, gates, readout = embed(decoder)
    after, features, attention = decoder.step(gates, state, memory)
    (s,) = decoder.cells[0](decoder.embedded_gates(embedded), state.layers[0])
    context, expected = decoder.attention(s, memory)
    attentional = torch.tanh(decoder.readout(torch.cat((context, s), dim=2)))
    assert after.fed.shape == (2, 3, 0)
    torch.testing.assert_close(after.layers, ((s,),))
    torch.testing.assert_close(attention, expected)
    torch.testing.assert_close(decoder.logits(features, readout), decoder.generator(attentional))


@torch.no_grad()
@pytest.mark.parametrize("change", WIRINGS, ids=str)
def test_lexical(sizes: ModelConfiguration, change: dict[str, Any]) -> None:
    """The lexical model adds to the generator's input and changes nothing else."""
    decoder, memory, state = make(sizes, lexical=True, **change)
    _, gates, readout = embed(decoder)
    after, features, attention = decoder.step(gates, state, memory)
    states, words = memory.encoder_states.tensor_split([decoder.attention.size], dim=2)
    decoder.lexical = False
    plain = memory._replace(encoder_states=states)
    expected, plain_features, same = decoder.step(gates, state, plain)
    torch.testing.assert_close((after, attention), (expected, same))
    f = torch.tanh(attention @ words)
    module = decoder.lexical_model
    h = torch.tanh(module.hidden(f)) + f
    added = h @ module.output.weight.T @ decoder.generator.weight.T
    logits = decoder.logits(plain_features, readout) + added
    decoder.lexical = True
    torch.testing.assert_close(decoder.logits(features, readout), logits)


@torch.no_grad()
def test_bahdanau(sizes: ModelConfiguration) -> None:
    """Check a, c = attend(s); s = GRU([y; c], s); h̃ = tanh(W [c; s] + V y)."""
    decoder, memory, state = make(sizes, wiring="bahdanau")
    embedded, gates, readout = embed(decoder)
    after, features, attention = decoder.step(gates, state, memory)
    context, expected = decoder.attention(state.layers[0][0], memory)
    share = decoder.embedded_gates(embedded) + decoder.context_gates(context)
    (s,) = decoder.cells[0](share, state.layers[0])
    deep = decoder.readout(torch.cat((context, s), dim=2))
    deep = torch.tanh(deep + embedded @ decoder.embedded_readout.weight.T)
    torch.testing.assert_close(after.layers, ((s,),))
    torch.testing.assert_close(attention, expected)
    torch.testing.assert_close(decoder.logits(features, readout), decoder.generator(deep))


@torch.no_grad()
def test_conditional(sizes: ModelConfiguration) -> None:
    """Check s' = GRU₁(y, s); a, c = attend(s'); s = GRU₂(c, s'); h̃ = tanh(W [c; s] + V y)."""
    decoder, memory, state = make(sizes, wiring="conditional")
    embedded, gates, readout = embed(decoder)
    after, features, attention = decoder.step(gates, state, memory)
    between = decoder.cells[0](decoder.embedded_gates(embedded), state.layers[0])
    context, expected = decoder.attention(between[0], memory)
    (s,) = decoder.conditional_cell(decoder.context_gates(context), between)
    deep = decoder.readout(torch.cat((context, s), dim=2))
    deep = torch.tanh(deep + embedded @ decoder.embedded_readout.weight.T)
    torch.testing.assert_close(after.layers, ((s,),))
    torch.testing.assert_close(attention, expected)
    torch.testing.assert_close(decoder.logits(features, readout), decoder.generator(deep))


@torch.no_grad()
@pytest.mark.parametrize("residual", [False, True])
def test_layers(sizes: ModelConfiguration, residual: bool) -> None:
    """A layer reads the output of the one below; with residuals, the sum of all below."""
    decoder, memory, state = make(sizes, cell="lstm", decoder_layers=3, residual=residual)
    _, gates, _ = embed(decoder)
    after, features, _ = decoder.step(gates, state, memory)
    share = gates + state.fed @ decoder.fed_gates.weight.T
    layers = [decoder.cells[0](share, state.layers[0])]
    output = layers[0][0]
    for number in (1, 2):
        share = decoder.stacked_gates[number - 1](output)
        layers.append(decoder.cells[number](share, state.layers[number]))
        output = output + layers[-1][0] if residual else layers[-1][0]
    torch.testing.assert_close(after.layers, tuple(layers))
    context, _ = decoder.attention(output, memory)
    attentional = torch.tanh(decoder.readout(torch.cat((context, output), dim=2)))
    torch.testing.assert_close(features, attentional)


@torch.no_grad()
def test_input_feeding(sizes: ModelConfiguration) -> None:
    """The attentional state of a step is an input of the next one."""
    decoder, memory, state = make(sizes)
    _, gates, _ = embed(decoder)
    other = state._replace(fed=state.fed + 1)
    first, second = (decoder.step(gates, given, memory)[0] for given in (state, other))
    assert (first.layers[0][0] - second.layers[0][0]).abs().max() > 1e-3


@torch.no_grad()
@pytest.mark.parametrize("change", WIRINGS, ids=str)
def test_hypotheses_do_not_mix(sizes: ModelConfiguration, change: dict[str, Any]) -> None:
    """Three hypotheses of a sentence are computed independently of each other."""
    decoder, memory, state = make(sizes, **change)
    _, gates, _ = embed(decoder)
    packed = decoder.pack(state)
    after, features, attention = decoder.step(gates, state, memory)
    for at in range(3):
        one = slice(at, at + 1)
        alone = decoder.step(gates[:, one], decoder.unpack(packed[:, one]), memory)
        torch.testing.assert_close(decoder.pack(after)[:, one], decoder.pack(alone[0]))
        torch.testing.assert_close(features[:, one], alone[1])
        torch.testing.assert_close(attention[:, one], alone[2])


@pytest.mark.parametrize(
    ("change", "size"),
    [
        ({}, 7 + 8),
        ({"input_feeding": False}, 7),
        ({"wiring": "bahdanau"}, 7),
        ({"wiring": "conditional", "cell": "lstm"}, 14),
        ({"cell": "lstm", "decoder_layers": 2}, 28 + 8),
    ],
    ids=str,
)
def test_packed(sizes: ModelConfiguration, change: dict[str, Any], size: int) -> None:
    """A state that is packed and unpacked is unchanged."""
    decoder = untrained(sizes.model_copy(update=change)).decoder
    assert decoder.state_size == size
    packed = torch.randn(2, 3, size)
    state = decoder.unpack(packed)
    assert len(state.layers) == len(decoder.cells)
    assert {tensor.shape for layer in state.layers for tensor in layer} == {(2, 3, 7)}
    assert torch.equal(decoder.pack(state), packed)


def test_initial_state(sizes: ModelConfiguration) -> None:
    """The initial attentional state is 0."""
    recurrent = torch.randn(2, 7)
    fed, plain = untrained(sizes), untrained(sizes.model_copy(update={"input_feeding": False}))
    expected = torch.cat((recurrent, torch.zeros(2, 8)), dim=1)
    assert torch.equal(fed.decoder.initial_state(recurrent), expected)
    assert torch.equal(plain.decoder.initial_state(recurrent), recurrent)


def test_tied_output(sizes: ModelConfiguration) -> None:
    """A tied generator shares the weights of the embedding; an untied one does not."""
    tied = untrained(sizes.model_copy(update={"tie_output": True, "attentional_size": 6})).decoder
    assert tied.generator.weight is tied.embedding.weight
    untied = untrained(sizes).decoder
    assert untied.generator.weight is not untied.embedding.weight
