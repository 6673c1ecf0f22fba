"""Recurrent cells against PyTorch's."""

import pytest
import torch
from torch import Tensor, nn

from jumok.training.network.cell import CELLS, GruCell, LstmCell

INPUT, SIZE = 3, 5
INPUTS = torch.randn(4, 2, INPUT, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
FIRST = torch.randn(2, 2, SIZE, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def run(
    cell: GruCell | LstmCell, theirs: nn.GRUCell | nn.LSTMCell, order: list[int]
) -> list[tuple[Tensor, ...]]:
    """Run four steps of a cell with PyTorch's weights, whose gates are reordered by `order`."""

    def reordered(weight: Tensor) -> Tensor:
        gates = weight.detach().chunk(len(order))
        return torch.cat([gates[gate] for gate in order])

    with torch.no_grad():
        cell.recurrent.weight.copy_(reordered(theirs.weight_hh))
        cell.recurrent.bias.copy_(reordered(theirs.bias_hh))
        shares = INPUTS @ reordered(theirs.weight_ih).T + reordered(theirs.bias_ih)
        state = tuple(FIRST[: cell.tensors])
        states = []
        for share in shares:
            state = cell(share, state)
            states.append(state)
    return states


@torch.no_grad()
def test_gru() -> None:
    """The GRU equals PyTorch's."""
    theirs = nn.GRUCell(INPUT, SIZE).double()
    state = FIRST[0]
    for inputs, found in zip(INPUTS, run(GruCell(SIZE).double(), theirs, [0, 1, 2]), strict=True):
        state = theirs(inputs, state)
        torch.testing.assert_close(found, (state,), rtol=0, atol=1e-12)


@torch.no_grad()
def test_lstm() -> None:
    """The LSTM equals PyTorch's, with gates in the order i, f, o, g."""
    theirs = nn.LSTMCell(INPUT, SIZE).double()
    state = FIRST[0], FIRST[1]
    for inputs, found in zip(
        INPUTS, run(LstmCell(SIZE).double(), theirs, [0, 1, 3, 2]), strict=True
    ):
        state = theirs(inputs, state)
        torch.testing.assert_close(found, state, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_axes(name: str) -> None:
    """A cell accepts any leading axes and has the stated number of state tensors."""
    cell = CELLS[name](SIZE)
    inputs = torch.randn(2, 3, cell.gates * SIZE)
    state = tuple(torch.randn(2, 3, SIZE) for _ in range(cell.tensors))
    after = cell(inputs, state)
    assert [tensor.shape for tensor in after] == [(2, 3, SIZE)] * cell.tensors
    alone = cell(inputs[1, 2], tuple(tensor[1, 2] for tensor in state))
    torch.testing.assert_close(tuple(tensor[1, 2] for tensor in after), alone)
