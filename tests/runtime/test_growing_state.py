"""A model on ONNX Runtime whose state grows by one position per step."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from jumok.bundle.manifest import GraphEntry, Graphs, SpecialIds
from jumok.bundle.signature import DECODER_STEP, ENCODER, GraphSignature, TensorSignature
from jumok.decoding.batch_search import BatchSentence, pad_sources, search
from jumok.decoding.driver import Driver, start_search
from jumok.decoding.options import Decoding
from jumok.runtime.engine import Engine

VOCABULARY: Final = 9
SPECIAL: Final = SpecialIds()
SOURCES: Final = [[5, 3], [6, 4, 7, 3], [4, 3], [8, 5, 3], [7, 3]]
READ: Final = TensorSignature(
    name="read", dtype="float32", axes=("batch", "beam", "target", "feature")
)
_OLD: Final = {"decoder_state", "next_decoder_state", "projected_keys"}

ENCODES: Final = GraphSignature(
    inputs=ENCODER.inputs,
    outputs=(
        ENCODER.outputs[0],
        TensorSignature(name="read", dtype="float32", axes=("batch", "target", "feature")),
    ),
)
STEPS: Final = GraphSignature(
    inputs=(
        *(tensor for tensor in DECODER_STEP.inputs if tensor.name not in _OLD),
        READ,
        TensorSignature(name="target_lengths", dtype="int32", axes=("batch",)),
    ),
    outputs=(
        *(tensor for tensor in DECODER_STEP.outputs if tensor.name not in _OLD),
        READ.model_copy(update={"name": "next_read"}),
    ),
)
TYPES: Final = {
    "float32": TensorProto.FLOAT,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
}


def save(path: Path, signature: GraphSignature, nodes: list[str], **constants: object) -> None:
    """Save a graph of nodes written as `output, … = Operator(input, …) attribute=value …`."""
    made = []
    for line in nodes:
        outputs, _, call = line.partition(" = ")
        kind, _, rest = call.partition("(")
        inputs, _, attributes = rest.partition(")")
        values: dict[str, Any] = {
            name: int(value) for name, _, value in (a.partition("=") for a in attributes.split())
        }
        made.append(helper.make_node(kind, inputs.split(", "), outputs.split(", "), **values))
    fixed = {"encoder": 1, "feature": 1}
    inputs_, outputs_ = (
        [
            helper.make_tensor_value_info(
                tensor.name,
                TYPES[tensor.dtype],
                # the growing axis is longer in the outputs
                [fixed.get(axis, f"{side} {axis}") for axis in tensor.axes],
            )
            for tensor in tensors
        ]
        for side, tensors in (("in", signature.inputs), ("out", signature.outputs))
    )
    tensors = [numpy_helper.from_array(np.array(value), name) for name, value in constants.items()]
    graph = helper.make_graph(made, "graph", inputs_, outputs_, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Return a model whose log-probabilities depend on the first source token and all tokens read.

    Its state starts with one position, which holds 0.
    """
    folder = tmp_path_factory.mktemp("growing")
    save(
        folder / "encoder.onnx",
        ENCODES,
        [
            "floats = Cast(source_ids) to=1",
            "encoder_states = Unsqueeze(floats, last)",
            "first = Gather(encoder_states, begin) axis=1",
            "read = Mul(first, zero)",
        ],
        last=[2],
        begin=[0],
        zero=np.float32(0),
    )
    save(
        folder / "decoder_step.onnx",
        STEPS,
        [
            # reorder hypotheses, then write the new token at the end of each row
            "previous = Cast(previous_ids) to=1",
            "token = Unsqueeze(previous, features)",
            "sizes = Shape(read)",
            "column = Unsqueeze(parents, features)",
            "index = Expand(column, sizes)",
            "ordered = GatherElements(read, index) axis=1",
            "longer = Pad(ordered, padding)",
            "size = Shape(longer) start=2 end=3",
            "width = Squeeze(size)",
            "places = Range(none, width, one)",
            "lengths = Cast(target_lengths) to=7",
            "ends = Unsqueeze(lengths, second)",
            "at_end = Equal(places, ends)",
            "here = Unsqueeze(at_end, outer)",
            "next_read = Where(here, token, longer)",
            # sum the tokens, weighted by position, without the padding
            "filled = LessOrEqual(places, ends)",
            "true = Unsqueeze(filled, outer)",
            "masked = Where(true, next_read, zero)",
            "weights = Cast(places) to=1",
            "rows = Unsqueeze(weights, second)",
            "weighted = Mul(masked, rows)",
            "total = ReduceSum(weighted, third) keepdims=0",
            "first = Gather(encoder_states, begin) axis=1",
            "together = Add(total, first)",
            "angles = Mul(together, frequencies)",
            "waves = Cos(angles)",
            "logits = Mul(waves, scale)",
            "everything = LogSoftmax(logits) axis=2",
            "count = Shape(candidate_ranks)",
            "log_probs, token_ids = TopK(everything, count)",
            "scored = Unsqueeze(scored_ids, third)",
            "named = GatherElements(everything, scored) axis=2",
            "scored_log_probs = Squeeze(named, third)",
            # attend to the first position
            "source = Shape(encoder_states) start=1 end=2",
            "length = Squeeze(source)",
            "positions = Range(none, length, one)",
            "is_first = Equal(positions, none)",
            "focus = Cast(is_first) to=1",
            "batch = Shape(previous_ids)",
            "shape = Concat(batch, source) axis=0",
            "attention = Expand(focus, shape)",
        ],
        features=[2, 3],
        outer=[1, 3],
        second=[1],
        third=[2],
        begin=[0],
        none=0,
        one=1,
        zero=np.float32(0),
        scale=np.float32(3),
        padding=[0, 0, 0, 0, 0, 0, 1, 0],
        frequencies=np.arange(1, VOCABULARY + 1, dtype=np.float32),
    )
    graphs = Graphs(
        encoder=GraphEntry(file="encoder.onnx", signature=ENCODES),
        decoder_step=GraphEntry(file="decoder_step.onnx", signature=STEPS),
    )
    return Engine(folder, graphs, VOCABULARY, threads=1)


def log_probs(source: Sequence[int], tokens: Sequence[int]) -> list[float]:
    """Compute the model's log-probabilities of a translation in NumPy."""
    found = []
    for step, token in enumerate(tokens):
        read = [0, SPECIAL.begin, *tokens[:step]]
        total = source[0] + sum(place * each for place, each in enumerate(read))
        logits = 3 * np.cos(total * np.arange(1.0, VOCABULARY + 1))
        found.append(float(logits[token] - np.log(np.exp(logits).sum())))
    return found


@pytest.mark.parametrize("beam", [1, 3])
def test_sentences_of_different_ages_share_a_batch(engine: Engine, beam: int) -> None:
    """Sentences admitted at different times are translated as if alone."""
    decoding = Decoding(9, min_tokens=4, beam=beam)
    sentences = [BatchSentence(source, start_search(decoding, SPECIAL)) for source in SOURCES]
    driver: Driver[BatchSentence] = Driver(engine, engine.rows(beam, 4, len(SOURCES)), beam)
    waiting = list(sentences)
    while waiting or driver.sentences:
        if waiting:
            sentence = waiting.pop(0)
            driver.admit(sentence, engine.encode(*pad_sources([sentence.source])), 0)
        for _ in range(2):
            if driver.sentences:
                driver.step()
            for row in reversed(range(len(driver.sentences))):
                if driver.sentences[row].search.done:
                    driver.release(row)
    translations = set()
    for sentence in sentences:
        ((alone,),) = search(engine, [sentence.source], SPECIAL, decoding)
        found = sentence.search.hypotheses()[0]
        assert found.token_ids == alone.token_ids
        np.testing.assert_allclose(found.log_probs, alone.log_probs, atol=1e-5)
        expected = log_probs(sentence.source, found.tokens.token_ids)
        np.testing.assert_allclose(found.log_probs, expected, atol=1e-3)
        translations.add(found.token_ids)
    assert len(translations) > 2
