"""The decoder. Training, export and serving use the same step."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from jumok.training.network.attention import Attention, Memory, StageTensors
from jumok.training.network.cell import CELLS
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.lexical_model import LexicalModel


class Inputs(NamedTuple):
    """Projections of the previous tokens, for one or many steps.

    Attributes:
        gates: float [batch, position, gates], projected to the gates of the first cell.
        readout: float [batch, position, attentional], projected to the readout.
    """

    gates: Tensor
    readout: Tensor


class State(NamedTuple):
    """The state between steps.

    Attributes:
        layers: the state tensors float [batch, beam, decoder] of each layer's cell, bottom to top.
        fed: float [batch, beam, attentional], the attentional state that is fed to the next step;
            without input feeding, float [batch, beam, 0].
    """

    layers: tuple[tuple[Tensor, ...], ...]
    fed: Tensor


class Decoder(nn.Module):
    """Stacked recurrent cells with attention, wired in one of three ways.

    With y the previous token, s the cells' state, c the context and h̃ the attentional state:

    - `luong` (Luong et al. 2015, 3 and 3.3): s_t = RNN(y, h̃_{t-1}; s_{t-1}), c_t = attend(s_t);
      h̃_t = tanh(W [c_t; s_t]) goes to the generator and, with input feeding, to the next step.
    - `bahdanau` (Bahdanau et al. 2015, A.2.2): c_t = attend(s_{t-1}), s_t = RNN(y, c_t; s_{t-1}).
    - `conditional` (Sennrich et al. 2017, Nematus, section 2): s'_t = RNN₁(y; s_{t-1}),
      c_t = attend(s'_t), s_t = RNN₂(c_t; s'_t).

    The latter two have a deep output h̃_t = tanh(W [c_t; s_t] + V y). The output of the lexical
    model is added to h̃_t before the generator, but not fed to the next step.
    """

    def __init__(
        self, model: ModelConfiguration, vocabulary_size: int, padding: int, positions: int
    ) -> None:
        """Create a decoder.

        Args:
            model: the `[model]` table.
            vocabulary_size: number of target tokens.
            padding: id of the padding token.
            positions: maximum source length in tokens, including the end.
        """
        super().__init__()
        make_cell = CELLS[model.cell]
        self.wiring, self.residual = model.wiring, model.residual
        self.lexical = model.has_lexical_model
        self.feeds = model.wiring == "luong" and model.input_feeding
        self.embedding = nn.Embedding(vocabulary_size, model.embedding_size, padding)
        cells = [make_cell(model.decoder_size) for _ in range(model.decoder_layers)]
        self.cells = nn.ModuleList(cells)
        self.size, self.tensors = model.decoder_size, cells[0].tensors
        gates = cells[0].gates * model.decoder_size
        self.attention = Attention(model, positions)
        self.embedded_gates = nn.Linear(model.embedding_size, gates)
        self.stacked_gates = nn.ModuleList(
            nn.Linear(model.decoder_size, gates) for _ in range(model.decoder_layers - 1)
        )
        self.attentional_size = model.attentional_size
        if self.feeds:
            self.fed_gates = nn.Linear(model.attentional_size, gates, bias=False)
        if model.wiring != "luong":
            self.context_gates = nn.Linear(model.value_size, gates)
            self.embedded_readout = nn.Linear(
                model.embedding_size, model.attentional_size, bias=False
            )
        if model.wiring == "conditional":
            self.conditional_cell = make_cell(model.decoder_size)
        self.readout = nn.Linear(model.value_size + model.decoder_size, model.attentional_size)
        if self.lexical:
            self.lexical_model = LexicalModel(model)
        self.generator = nn.Linear(model.attentional_size, vocabulary_size)
        if model.tie_output:
            self.generator.weight = self.embedding.weight
        self.dropout = nn.Dropout(model.dropout)

    @property
    def recurrent_size(self) -> int:
        """Total size of all layers' states."""
        return len(self.cells) * self.tensors * self.size

    @property
    def state_size(self) -> int:
        """Size of the packed state."""
        return self.recurrent_size + self.feeds * self.attentional_size

    def pack(self, state: State) -> Tensor:
        """Concatenate a state to one tensor float [batch, beam, state]."""
        tensors = [tensor for layer in state.layers for tensor in layer]
        return torch.cat((*tensors, state.fed), dim=2) if self.feeds else torch.cat(tensors, dim=2)

    def unpack(self, packed: Tensor) -> State:
        """Split a packed state float [batch, beam, state]."""
        chunks = torch.split(packed[..., : self.recurrent_size], self.size, dim=2)
        return State(
            tuple(
                chunks[start : start + self.tensors]
                for start in range(0, len(chunks), self.tensors)
            ),
            packed[..., self.recurrent_size :],
        )

    def initial_state(self, recurrent: Tensor) -> Tensor:
        """Make the packed state before the first step.

        Args:
            recurrent: float [batch, recurrent], the initial states of all layers.

        Returns:
            float [batch, state]; the attentional state is 0.
        """
        if not self.feeds:
            return recurrent
        attentional = recurrent.new_zeros(recurrent.shape[0], self.attentional_size)
        return torch.cat((recurrent, attentional), dim=1)

    def read(self, previous_ids: Tensor) -> Inputs:
        """Embed and project tokens int64 [batch, position]."""
        return self.project(self.dropout(self.embedding(previous_ids)))

    def project(self, embedded: Tensor) -> Inputs:
        """Project embeddings float [..., embedding]."""
        if self.wiring == "luong":
            return Inputs(self.embedded_gates(embedded), embedded[..., :0])
        return Inputs(self.embedded_gates(embedded), self.embedded_readout(embedded))

    def step(
        self, gates: Tensor, state: State, memory: Memory, stages: StageTensors | None = None
    ) -> tuple[State, Tensor, Tensor]:
        """Read one token of each hypothesis and attend to the source.

        Args:
            gates: float [batch, beam, gates], `Inputs.gates` of the tokens.
            state: state after the previous step.
            memory: the encoded sources.
            stages: receives the tensors that explain the step; `logits` adds the last ones.

        Returns:
            The next state; features float [batch, beam, features] for `logits`; and attention
            float [batch, beam, source].
        """
        first, *others = self.cells
        layers = list(state.layers)
        if self.wiring == "luong":
            if self.feeds:
                gates = gates + self.fed_gates(state.fed)
            layers[0] = first(gates, layers[0])
        elif self.wiring == "bahdanau":
            context, words, attention = self._attend(self._output(layers), memory, stages)
            layers[0] = first(gates + self.context_gates(context), layers[0])
        else:
            between = first(gates, layers[0])
            context, words, attention = self._attend(between[0], memory, stages)
            layers[0] = self.conditional_cell(self.context_gates(context), between)
        for number, (cell, project) in enumerate(
            zip(others, self.stacked_gates, strict=True), start=1
        ):
            below = self.dropout(self._output(layers[:number]))
            layers[number] = cell(project(below), layers[number])
        output = self._output(layers)
        if self.wiring == "luong":
            context, words, attention = self._attend(output, memory, stages)
        if stages is not None:
            stages |= {"context": context, "decoder_output": output}
        features, fed = torch.cat((context, output), dim=2), state.fed
        if self.feeds:
            features = fed = self.dropout(torch.tanh(self.readout(features)))
        if self.lexical:
            features = torch.cat((features, words), dim=2)
        return State(tuple(layers), fed), features, attention

    def logits(
        self, features: Tensor, readout: Tensor, stages: StageTensors | None = None
    ) -> Tensor:
        """Score the vocabulary.

        Args:
            features: float [..., features], features of any number of steps.
            readout: float [..., attentional], `Inputs.readout` of the same steps.
            stages: receives the input of the generator.

        Returns:
            float [..., vocabulary], unnormalised scores.
        """
        if self.lexical:
            features, words = features.tensor_split([-self.embedding.embedding_dim], dim=-1)
        if not self.feeds:
            mixed = self.readout(features)
            if self.wiring != "luong":
                mixed = mixed + readout
            features = self.dropout(torch.tanh(mixed))
        if stages is not None:
            stages["attentional"] = features
        if self.lexical:
            added = self.lexical_model(words)
            features = features + added
            if stages is not None:
                stages["lexical"] = added
        logits: Tensor = self.generator(features)
        return logits

    def _attend(
        self, query: Tensor, memory: Memory, stages: StageTensors | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return context, attended source embeddings (if there is a lexical model), attention."""
        values, attention = self.attention(query, memory, stages)
        if not self.lexical:
            return values, values[..., :0], attention
        context, words = values.tensor_split([self.attention.size], dim=-1)
        return context, words, attention

    def _output(self, layers: list[tuple[Tensor, ...]]) -> Tensor:
        """Return the output of the last layer; with residual connections, the sum of all layers."""
        if not self.residual:
            return layers[-1][0]
        return torch.stack([layer[0] for layer in layers]).sum(dim=0)
