"""Recurrent cells that read inputs already multiplied by their input weights.

That product can be computed for all positions of a sentence at once, before the first step.
"""

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor, nn


class GruCell(nn.Module):
    """Gated recurrent unit (Cho et al. 2014), with the reset gate after the recurrent product.

    r, z = σ(x + U s + b);  n = tanh(x_n + r ∘ (U_n s + b_n));  s' = (1 - z) ∘ n + z ∘ s
    """

    gates: Final = 3
    tensors: Final = 1
    """Number of state tensors."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.recurrent = nn.Linear(size, self.gates * size)

    def forward(self, inputs: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Compute the next state.

        Args:
            inputs: float [..., gates · size], projected inputs, x above.
            state: one tensor float [..., size], s above.

        Returns:
            The next state; its first tensor is the output.
        """
        (previous,) = state
        sizes = [2 * previous.shape[-1], previous.shape[-1]]
        # torch.split is faster than slices, whose gradients each need a zero tensor of full size
        of_input, new_of_input = torch.split(inputs, sizes, dim=-1)
        of_state, new_of_state = torch.split(self.recurrent(previous), sizes, dim=-1)
        reset, update = torch.sigmoid(of_input + of_state).chunk(2, dim=-1)
        new = torch.tanh(new_of_input + reset * new_of_state)
        return (new + update * (previous - new),)


class LstmCell(nn.Module):
    """Long short-term memory with forget gates (Hochreiter & Schmidhuber 1997; Gers et al. 2000).

    i, f, o = σ(x + U h + b);  g = tanh(x_g + U_g h + b_g);  c' = f ∘ c + i ∘ g;  h' = o ∘ tanh(c')
    """

    gates: Final = 4
    tensors: Final = 2

    def __init__(self, size: int) -> None:
        super().__init__()
        self.recurrent = nn.Linear(size, self.gates * size)

    def forward(self, inputs: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Compute the next state, as `GruCell.forward`; the state is output and memory cell."""
        output, memory = state
        sizes = [3 * output.shape[-1], output.shape[-1]]
        sigmoid, tanh = torch.split(inputs + self.recurrent(output), sizes, dim=-1)
        read, forget, write = torch.sigmoid(sigmoid).chunk(3, dim=-1)
        memory = forget * memory + read * torch.tanh(tanh)
        return write * torch.tanh(memory), memory


Cell = GruCell | LstmCell

CELLS: Final[dict[str, Callable[[int], Cell]]] = {"gru": GruCell, "lstm": LstmCell}
"""Constructors by name; the argument is the size."""
