import queue
import threading
from pathlib import Path

import pytest

from benchmarks.serving.arrivals import ClosedLoop
from benchmarks.serving.floor import Floor
from benchmarks.serving.model import TOKENIZER
from benchmarks.serving.ratios import ratios
from benchmarks.serving.workload import Sentence, make_workload, tokens
from jumok.bundle.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.load(TOKENIZER)


def test_workload_is_reproducible(tokenizer: Tokenizer) -> None:
    """The same seed gives the same workload."""
    assert make_workload(20, tokenizer) == make_workload(20, tokenizer)
    assert make_workload(20, tokenizer) != make_workload(20, tokenizer, seed=1)


def test_workload_texts_tokenize_to_their_ids(tokenizer: Tokenizer) -> None:
    """Tokenizing a text of the workload gives the token ids that other peers receive."""
    for sentence in make_workload(50, tokenizer):
        assert tokenizer.encode(sentence.text).ids == sentence.source[:-1]
        assert sentence.source[-1] == tokenizer.special_ids.end


def test_lengths_of_the_workload_are_lognormal_around_18(tokenizer: Tokenizer) -> None:
    """On both sides half of the sentences are longer than 18 tokens, a sixth longer than 30."""
    workload = make_workload(2000, tokenizer)
    for lengths in (
        sorted(len(sentence.source) - 1 for sentence in workload),
        sorted(sentence.length for sentence in workload),
    ):
        assert lengths[1000] == pytest.approx(18, abs=1)
        # a standard deviation of the logarithm of 0.5
        assert lengths[317] == pytest.approx(18 * 0.61, abs=1)
        assert lengths[1683] == pytest.approx(18 * 1.65, abs=1.5)
    assert tokens(workload) == sum(sentence.length for sentence in workload)


def test_closed_loop() -> None:
    """All sentences are requested in order, by the given number of clients."""
    sentences = [Sentence(str(n), (n,), 1) for n in range(10)]
    loop = ClosedLoop(sentences, clients=3)
    asked: list[Sentence] = []
    most_open = 0

    def answer_all() -> None:
        nonlocal most_open
        answered = 0
        while answered < len(sentences):
            most_open = max(most_open, len(asked) - answered)
            answered += 1
            loop.answered(asked.append)

    thread = threading.Timer(0.05, answer_all)
    thread.start()
    loop.run(asked.append)
    thread.join()
    assert asked == sentences
    assert most_open == 3


def test_immediate_responses_lose_no_sentence() -> None:
    """Each sentence is requested once, even if all finish before the first client continues."""
    loop = ClosedLoop([Sentence(str(n), (n,), 1) for n in range(8)], clients=4)
    asked: queue.SimpleQueue[Sentence | None] = queue.SimpleQueue()
    seen: list[Sentence] = []
    idle = threading.Event()

    def answer() -> None:
        while (sentence := asked.get()) is not None:
            seen.append(sentence)
            loop.answered(asked.put)
            if asked.empty():
                idle.set()

    def ask(sentence: Sentence) -> None:
        idle.clear()
        asked.put(sentence)
        assert idle.wait(20)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    loop.run(ask)
    asked.put(None)
    thread.join()
    assert len(seen) == 8


MEDIANS = {
    "P1": 10.0,
    "P1 batch 16": 40.0,
    "P1 batch 64": 50.0,
    "P2": 20.0,
    "P3 float32": 80.0,
    "P4 float32": 160.0,
    "P4 float32 beam 5": 40.0,
    "P5 float32": 100.0,
    "P7 float32": 20.0,
    "P7 int8": 25.0,
    "P8 int8 1 of 1": 20.0,
    "P8 int8 1 of 2": 50.0,
}
LATENCY = {"float32": {"ratios": {"waiting": 7.0}}}
COSTS = {
    "float32": {
        "step": [
            {"rows": rows, "source": source, "ms": rows + source / 100}
            for rows in (1, 32, 64)
            for source in (10, 20)
        ]
    }
}


def test_ratios_are_to_the_best_of_each_peer() -> None:
    """A peer with several settings is compared at its best."""
    assert ratios(MEDIANS, LATENCY, COSTS) == {
        "P5/P1": 10.0,
        "P5/P1_best_batch": 2.0,
        "P5/P2": 5.0,
        "P5/P7": 4.0,
        "P5/P8": 2.0,
        "P4/P3 float32": 2.0,
        "P5/P4 float32": 0.625,
        "beam 5/greedy float32": 0.25,
        "waiting float32": 7.0,
        "step of 64 rows/of 1 float32": pytest.approx(64.2 / 1.2),
    }


def test_ratios_to_peers_that_were_not_measured_are_left_out() -> None:
    """There is no ratio for peers that were not measured."""
    assert ratios({"P4 int8": 30.0, "P3 int8": 20.0}, {}, {}) == {"P4/P3 int8": 1.5}
    assert ratios({"P5 int8": 30.0}, {}, {}) == {}


def test_floor_is_the_longer_of_compute_and_memory_time() -> None:
    """A step takes at least as long as its operations and as reading its weights."""
    floor = Floor(gflops=2.0, gbytes=4.0, weights=10**9)
    assert floor.seconds(1) == pytest.approx(1.0)
    assert floor.seconds(4) == pytest.approx(4.0)
    assert Floor(gflops=2.0, gbytes=1.0, weights=10**9).seconds(1) == pytest.approx(4.0)


def test_streams_of_ctranslate2_have_their_own_lengths(tmp_path: Path) -> None:
    """P8 streams the requested number of tokens to each client, whatever else is in the batch."""
    pytest.importorskip("ctranslate2", reason="installed by `make benchmark`")
    from benchmarks.serving.transformer import make_transformer
    from benchmarks.serving.transformer_grpc import TransformerGrpc

    vocabulary = ["<pad>", "<unk>", "<s>", "</s>", *(f"▁{n}" for n in range(60))]
    make_transformer(tmp_path, vocabulary)
    peer = TransformerGrpc(tmp_path, vocabulary, "int8", clients=4, threads=1, workers=2)
    sentences = [Sentence("", (*range(5, 5 + n), 3), 3 * n) for n in (2, 9, 4, 7, 1, 5)]
    try:
        peer.run(sentences)  # raises PeerError if a stream has another length
    finally:
        peer.stop()
