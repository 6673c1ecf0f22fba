"""Start a training with the weights of another: fine-tuning, or transfer from a parent model."""

import torch
from torch import Tensor

from jumok.bundle.tokenizer import Tokenizer
from jumok.training.checkpoint import Checkpoint, new_model, untied
from jumok.training.configuration import Configuration
from jumok.training.errors import CheckpointError

_BY_PIECE = {
    "encoder.embedding.weight": "source",
    "decoder.embedding.weight": "target",
    "decoder.generator.weight": "target",
    "decoder.generator.bias": "target",
}
"""Tensors with one row per piece, and the side of the piece."""


def transferred(
    parent: Checkpoint, configuration: Configuration, source: Tokenizer, target: Tokenizer
) -> dict[str, Tensor]:
    """Return the weights that a new model starts with (Zoph et al. 2016).

    The parent's averaged weights, if it has any. If the vocabulary of a side differs, pieces that
    both vocabularies have keep their row, and the other rows are those of an untrained model.

    Args:
        parent: the parent.
        configuration: of the new training.
        source: tokenizer of the source language.
        target: tokenizer of the target language.

    Returns:
        Tensors by parameter name, as in `Checkpoint.model`.

    Raises:
        CheckpointError: the architectures differ.
    """
    old = untied(parent.build_model().state_dict())
    torch.manual_seed(configuration.training.seed)  # for the rows of new pieces
    model = untied(new_model(configuration, source, target).state_dict())
    sides = {"source": (parent.source, source), "target": (parent.target, target)}
    for name, tensor in model.items():
        if name not in old or old[name].shape[1:] != tensor.shape[1:]:
            raise CheckpointError(_another_architecture(parent, name))
        if name in _BY_PIECE:
            pieces = {
                piece: place for place, piece in enumerate(_pieces(sides[_BY_PIECE[name]][0]))
            }
            for place, piece in enumerate(_pieces(sides[_BY_PIECE[name]][1])):
                if piece in pieces:
                    tensor[place] = old[name][pieces[piece]]
        elif old[name].shape == tensor.shape:
            tensor.copy_(old[name])
        else:
            raise CheckpointError(_another_architecture(parent, name))
    if surplus := old.keys() - model.keys():
        raise CheckpointError(_another_architecture(parent, min(surplus)))
    return model


def _pieces(tokenizer: Tokenizer) -> list[str]:
    return [tokenizer.piece(token_id) for token_id in range(tokenizer.vocabulary_size)]


def _another_architecture(parent: Checkpoint, name: str) -> str:
    return (
        f"{parent.configuration.name} has another architecture ({name} differs): use the same "
        "[model] table and the same [limits] as its configuration"
    )
