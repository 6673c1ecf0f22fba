"""Convert a jumok configuration to Joey NMT's format."""

from pathlib import Path
from typing import Any, Final

from benchmarks.errors import PeerError
from benchmarks.joeynmt_data import PreparedData
from jumok.training.configuration import Configuration
from jumok.training.network.configuration import ModelConfiguration

_FINAL_RATE: Final = 0.05  # share of the first learning rate; its schedules do not reach 0
_ATTENTION: Final = {"additive": "bahdanau", "general": "luong"}
_LOG_EVERY: Final = 50  # maximum number of updates between log lines


def joeynmt_configuration(
    settings: Configuration, data: PreparedData, epochs: int, learning_rate: float, model: Path
) -> dict[str, Any]:
    """Convert sizes and regularisation.

    Joey NMT cannot tie the softmax of a recurrent decoder, whose size differs from the embedding
    (with a shared vocabulary the two embeddings are tied instead); keys and attentional state have
    the decoder's size; the learning rate decays by epoch, to a twentieth; batches are not sorted by
    length.

    Args:
        settings: configuration of a jumok training.
        data: training, development and test data.
        epochs: number of epochs.
        learning_rate: learning rate of the first epoch.
        model: folder of checkpoints and logs.

    Returns:
        Joey NMT's configuration.

    Raises:
        PeerError: Joey NMT has no such model.
    """
    training = settings.training
    decay = _FINAL_RATE ** (1 / max(1, epochs - 1))
    return {
        "name": settings.name,
        "joeynmt_version": "2.3.0",
        "model_dir": str(model),
        "use_cuda": False,
        "random_seed": training.seed,
        "data": _data(data.folder, settings.tokenization.sampling),
        "testing": {
            "beam_alpha": 1.0,
            "batch_size": 64,
            "max_output_length": settings.limits.max_target_tokens,
            "eval_metrics": ["bleu"],
        },
        "training": {
            "overwrite": True,
            "normalization": "tokens",
            "label_smoothing": training.label_smoothing,
            "optimizer": "adam",
            # plateau, its usual schedule, calls torch in a way that torch 2.13 does not support
            "scheduling": "exponential",
            "decrease_factor": decay,
            "learning_rate": learning_rate / decay,  # decayed before the first epoch
            "learning_rate_min": 0.0,
            "clip_grad_norm": training.gradient_norm,
            "weight_decay": training.weight_decay,
            "batch_size": data.batch,
            "batch_type": "sentence",
            "epochs": epochs,
            "validation_freq": data.batches,
            "logging_freq": _divisor(data.batches, _LOG_EVERY),
            "early_stopping_metric": "bleu",
            "keep_best_ckpts": 1,
        },
        "model": _model(settings.model, tied=settings.tokenization.shared),
    }


def _data(folder: Path, sampling: float) -> dict[str, Any]:
    def side(name: str) -> dict[str, Any]:
        return {
            "lang": name,
            "level": "bpe",
            "voc_file": str(folder / f"{name}.vocabulary"),
            "tokenizer_type": "sentencepiece",
            "tokenizer_cfg": {
                "model_file": str(folder / f"{name}.model"),
                "alpha": sampling,
                "nbest_size": -1,  # sample from all segmentations
            },
        }

    parts = {part: str(folder / part) for part in ("train", "dev", "test")}
    return {**parts, "src": side("source"), "trg": side("target")}


def _model(model: ModelConfiguration, tied: bool) -> dict[str, Any]:
    if (
        model.score not in _ATTENTION
        or model.wiring != "luong"
        or model.residual
        or model.has_lexical_model
    ):
        raise PeerError(
            "Joey NMT's recurrent decoder supports only wiring = 'luong' without residual "
            "connections and lexical model, and the scores 'additive' and 'general'; use another "
            "configuration"
        )
    shared = {
        "type": "recurrent",
        "rnn_type": model.cell,
        "dropout": model.dropout,
        "embeddings": {
            "embedding_dim": model.embedding_size,
            "scale": False,
            "dropout": model.dropout,
        },
    }
    return {
        "tied_embeddings": tied,
        "encoder": {
            **shared,
            "hidden_size": model.encoder_size,
            "bidirectional": model.bidirectional,
            "num_layers": model.encoder_layers,
        },
        "decoder": {
            **shared,
            "hidden_size": model.decoder_size,
            "hidden_dropout": model.dropout,
            "num_layers": model.decoder_layers,
            "input_feeding": model.input_feeding,
            "init_hidden": "bridge",
            "attention": _ATTENTION[model.score],
        },
    }


def _divisor(number: int, at_most: int) -> int:
    """Return the greatest divisor of a number up to a limit."""
    return next(divisor for divisor in range(at_most, 0, -1) if number % divisor == 0)
