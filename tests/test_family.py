"""Every combination of model options, from PyTorch through ONNX and a bundle to the service."""

from dataclasses import replace
from itertools import cycle, product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from jumok.bundle.folder import load_bundle
from jumok.decoding.batch_search import search
from jumok.decoding.hypothesis import TokenSequence
from jumok.decoding.options import Decoding
from jumok.export.exporter import export_bundle
from jumok.runtime.opening import open_engine
from jumok.service.caller import Caller
from jumok.service.delivery import Delivery
from jumok.service.model import ServedModel
from jumok.service.translator import (
    TokensWritten,
    TranslationOptions,
    TranslationResult,
    Translator,
    read_text,
)
from jumok.service.writer import SourceText
from jumok.training.checkpoint import Checkpoint, new_model
from jumok.training.configuration import Configuration
from jumok.training.data.corpus import load_corpus
from jumok.training.network.configuration import ScoreName
from jumok.training.network.torch_model import TorchModel
from jumok.training.starting_point import starting_point

CPU = "CPUExecutionProvider"
LONGEST = 12  # source tokens

WIRINGS: list[dict[str, Any]] = [
    {"wiring": "luong"},
    {"wiring": "luong", "input_feeding": False},
    {"wiring": "bahdanau"},
    {"wiring": "conditional"},
]
OTHERS: list[dict[str, Any]] = [
    {},
    {"cell": "lstm"},
    {"tie_output": True},
    {"bidirectional": False, "encoder_size": 12},
    {"shared": True, "tie_embeddings": True},
    {"encoder_layers": 2, "decoder_layers": 3, "cell": "lstm"},
    {"encoder_layers": 3, "decoder_layers": 2, "residual": True},
    {"encoder_layers": 4, "bidirectional": False, "encoder_size": 12, "residual": True},
    {"decoder_layers": 4, "cell": "lstm", "tie_output": True},
    {"lexical": True},
    {"lexical": True, "tie_output": True, "tie_embeddings": True, "shared": True},
]
"""Options independent of score and wiring: as many sets as there are combinations of those."""

FAMILY = [
    {"score": score, **wiring, **others}
    for (score, wiring), others in zip(
        product(get_args(ScoreName), WIRINGS), cycle(OTHERS), strict=False
    )
]
SIZES = {
    "embedding_size": 10,
    "encoder_size": 6,  # some score functions need the decoder to be twice as large
    "decoder_size": 12,
    "attention_size": 7,
    "attentional_size": 10,
    "lexical": False,
}


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


def make(shared: bool, **model: Any) -> Configuration:
    """Return the configuration of a model."""
    return Configuration.model_validate(
        {
            "name": "member",
            "data": {
                "source_language": "ko",
                "target_language": "en",
                "embedded": {"train": 2000, "dev": 1, "test": 1},
            },
            "tokenization": {"vocabulary_size": 1000 if shared else 700, "shared": shared},
            "model": SIZES | model,
            "limits": {"max_source_tokens": LONGEST, "max_target_tokens": 6},
            "training": {"steps": 1},
        }
    )


@pytest.fixture(scope="module")
def beginnings() -> dict[bool, Checkpoint]:
    """Return checkpoints of step 0, with separate vocabularies and with a shared one."""
    corpus = load_corpus(make(shared=False).data, Path())
    found = {}
    for shared in (False, True):
        beginning = starting_point(Path("nowhere"), make(shared), corpus)
        sources = [pair.source for pair in corpus.train]
        lengths = map(len, beginning.source.encode_ids(sources))
        short = [
            source for source, length in zip(sources, lengths, strict=True) if length <= LONGEST
        ]
        found[shared] = replace(beginning, held_out=list(dict.fromkeys(short))[:200])
    return found


async def serve(path: Path, text: str) -> tuple[TokenSequence, TranslationResult]:
    """Translate a text with the service; return the streamed tokens and the result."""
    bundle = load_bundle(path)
    model = ServedModel.of(bundle, open_engine(bundle, "cpu", threads=1), max_text_characters=4000)
    delivery = Delivery(
        max_rows=128, max_queue=512, max_encoded=512, join_steps=1, messages_per_second=400
    )
    delivery.start()
    source = read_text(model, "text", text)
    options = TranslationOptions(Decoding(model.limits.max_target_tokens))
    events = Translator(delivery).translate(model, source, options, float("inf"), Caller("Ana"))
    streamed = 0
    async for event in events:
        match event:
            case SourceText():
                assert event.encoding == bundle.source_tokenizer.encode(text)
            case TokensWritten():
                assert event.start == streamed
                streamed, tokens = event.stop, event.tokens
            case TranslationResult():
                result = event
    assert await delivery.stop(10)
    assert streamed == len(tokens) - result.hypotheses[0].ended
    return tokens, result


@pytest.mark.parametrize(
    "member",
    FAMILY,
    ids=lambda member: "-".join(
        str(value) if isinstance(value, str) else f"{name}={value}"
        for name, value in member.items()
    ),
)
async def test_member(
    member: dict[str, Any], beginnings: dict[bool, Checkpoint], tmp_path: Path
) -> None:
    """Each model passes the parity report, and the service translates as PyTorch does."""
    options = dict(member)
    shared = options.pop("shared", False)
    beginning = replace(beginnings[shared], configuration=make(shared, **options))
    torch.manual_seed(0)
    model = new_model(beginning.configuration, beginning.source, beginning.target).eval()
    with torch.no_grad():
        for weight in model.parameters():  # larger than initial weights, so that errors show
            torch.nn.init.normal_(weight, std=0.3)
    names = [name for name, _ in model.named_parameters()]
    tensors = model.state_dict()
    checkpoint = replace(beginning, model={name: tensors[name] for name in names})

    report = export_bundle(checkpoint, tmp_path / "bundle", [CPU])
    assert report.providers[CPU].sentences == 200

    text = max(checkpoint.held_out, key=len)
    special = checkpoint.source.special_ids
    source = [*checkpoint.source.encode(text).ids, special.end]
    ((expected,),) = search(TorchModel(model), [source], special, Decoding(6))
    tokens, result = await serve(tmp_path / "bundle", text)
    assert tokens.token_ids == expected.tokens.token_ids
    np.testing.assert_allclose(np.stack(tokens.attention), expected.attention, atol=1e-5)
    (whole,) = result.hypotheses
    assert whole.log_prob == pytest.approx(float(expected.log_probs.sum()), abs=1e-4)
