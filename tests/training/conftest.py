"""Single-threaded torch, a small untrained model, and a corpus that is trained on in a second."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
import torch

from jumok.training.network.configuration import ModelConfiguration, ScoreName
from jumok.training.network.seq2seq import Seq2Seq

PADDING, BEGIN, END = 0, 2, 3
SOURCE_VOCABULARY, TARGET_VOCABULARY, POSITIONS = 20, 22, 16

WIRINGS: list[dict[str, Any]] = [
    {"wiring": "luong"},
    {"wiring": "luong", "input_feeding": False},
    {"wiring": "bahdanau"},
    {"wiring": "conditional"},
]
FAMILY: list[dict[str, Any]] = [
    # some score functions need encoder states of the size of decoder states
    *(
        {"decoder_size": 10, "score": score, **wiring}
        for score, wiring in product(get_args(ScoreName), WIRINGS)
    ),
    {"cell": "lstm", "encoder_layers": 2, "decoder_layers": 3, "residual": True},
    {"bidirectional": False, "decoder_layers": 2, "wiring": "conditional"},
    {"tie_output": True, "tie_embeddings": True, "attentional_size": 6},
    *({"lexical": True, **wiring} for wiring in WIRINGS),
]
"""Changes to `sizes` that cover all architectures."""

_SUBJECTS = {"나는": "I", "너는": "you", "우리는": "we", "그들은": "they"}
_OBJECTS = {"책을": "books", "물을": "water", "빵을": "bread", "꽃을": "flowers", "집을": "houses"}
_VERBS = {"봐요": "see", "사요": "buy", "알아요": "know", "팔아요": "sell"}

_TOML = """\
name = "toy"
[data]
source_language = "ko"
target_language = "en"
[[data.tsv]]
path = "train.tsv"
[[data.tsv]]
path = "dev.tsv"
part = "dev"
[tokenization]
vocabulary_size = 340
sampling = {sampling}
[model]
embedding_size = 16
encoder_size = 16
decoder_size = 24
attention_size = 16
attentional_size = 16
dropout = 0.2
tie_output = true
[limits]
max_source_tokens = 30
max_target_tokens = 12
[training]
batch_tokens = 250
warmup_steps = 10
device = "cpu"
threads = 1
"""


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def sizes() -> ModelConfiguration:
    """Sizes that are all different, so that mixed-up sizes fail."""
    return ModelConfiguration(
        embedding_size=6,
        encoder_size=5,
        decoder_size=7,
        attention_size=4,
        attentional_size=8,
        dropout=0.3,
        lexical=False,
    )


def untrained(sizes: ModelConfiguration) -> Seq2Seq:
    """Make a model in evaluation mode with larger weights than at the start of training.

    Larger weights make errors visible.
    """
    torch.manual_seed(0)
    target_vocabulary = SOURCE_VOCABULARY if sizes.tie_embeddings else TARGET_VOCABULARY
    model = Seq2Seq(sizes, SOURCE_VOCABULARY, target_vocabulary, PADDING, POSITIONS).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return model


@pytest.fixture
def model(sizes: ModelConfiguration) -> Seq2Seq:
    """An untrained model of these sizes."""
    return untrained(sizes)


@pytest.fixture
def toy(tmp_path: Path) -> Callable[..., Path]:
    """Write a configuration and its corpus of 80 pairs; keywords are keys of [training]."""

    def write(name: str = "toy.toml", sampling: float = 0, **training: object) -> Path:
        pairs = [
            (f"{s} {o} {v}", f"{_SUBJECTS[s]} {_VERBS[v]} {_OBJECTS[o]}")
            for s, o, v in product(_SUBJECTS, _OBJECTS, _VERBS)
        ]
        for part, chosen in (
            ("train", [pair for at, pair in enumerate(pairs) if at % 8]),
            ("dev", pairs[::8]),
        ):
            lines = "".join(f"{source}\t{target}\n" for source, target in chosen)
            (tmp_path / f"{part}.tsv").write_text(lines, "utf-8")
        path = tmp_path / name
        settings = "".join(f"{key} = {value}\n" for key, value in training.items())
        path.write_text(_TOML.format(sampling=sampling) + settings, "utf-8")
        return path

    return write
