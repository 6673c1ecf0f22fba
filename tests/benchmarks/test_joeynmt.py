from pathlib import Path

import pytest

from benchmarks.errors import PeerError
from benchmarks.joeynmt import read_translations
from benchmarks.joeynmt_configuration import joeynmt_configuration
from benchmarks.joeynmt_data import PreparedData, prepare
from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.configuration import Configuration

TRAIN = [
    SentencePair(f"{subject} {verb} {thing}", f"{subject} {verb} {thing} !")
    for subject in ("ich", "du", "wir", "sie")
    for verb in ("sehe", "suche", "lese")
    for thing in ("das Haus", "ein Buch", "die\u2028Wand")
]


def _settings(**model: object) -> Configuration:
    return Configuration.model_validate(
        {
            "name": "toy",
            "data": {
                "source_language": "de",
                "target_language": "en",
                "embedded": {"train": 1},
            },
            "tokenization": {"vocabulary_size": 300, "shared": True, "sampling": 0.5},
            "model": {"lexical": False, **model},
            "training": {"steps": 10, "batch_tokens": 200},
        }
    )


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


@pytest.fixture
def data(tmp_path: Path) -> PreparedData:
    return prepare(_settings(), TRAIN, TRAIN[:2], TRAIN[:3], tmp_path / "data")


def test_data_are_lines_of_text(data: PreparedData) -> None:
    """Each part has one line for each pair on both sides, whatever the text contains."""
    for part, pairs in (("train", 36), ("dev", 2), ("test", 3)):
        assert len(_lines(data.folder / f"{part}.source")) == pairs
        assert len(_lines(data.folder / f"{part}.target")) == pairs
    assert _lines(data.folder / "train.source")[2] == "ich sehe die Wand"


def test_vocabulary_is_that_of_the_tokenizer(data: PreparedData) -> None:
    """The vocabulary file lists the model's pieces, one per line."""
    vocabulary = (data.folder / "source.vocabulary").read_text("utf-8").split("\n")
    assert vocabulary[:4] == ["<pad>", "<unk>", "<s>", "</s>"]
    assert (data.folder / "source.model").read_bytes() == (
        data.folder / "target.model"
    ).read_bytes()


def test_batches_are_as_many_as_jumoks(data: PreparedData) -> None:
    """A batch has as many sentences as jumok's have on average."""
    assert data.pairs == 36
    assert 1 < data.batch < 36
    assert (data.batches - 1) * data.batch < data.pairs <= data.batches * data.batch


def test_missing_test_pairs_are_refused(tmp_path: Path) -> None:
    """Data without test pairs is refused before training."""
    with pytest.raises(PeerError, match="needs development and test pairs"):
        prepare(_settings(), TRAIN, TRAIN[:2], [], tmp_path)


def test_sizes_and_budget_are_those_of_the_configuration(
    data: PreparedData, tmp_path: Path
) -> None:
    """Sizes are converted, and the learning rate decays to a twentieth."""
    document = joeynmt_configuration(
        _settings(encoder_size=30, decoder_size=40), data, 3, 2e-3, tmp_path / "model"
    )
    assert document["model"]["encoder"]["hidden_size"] == 30
    assert document["model"]["decoder"]["hidden_size"] == 40
    assert document["model"]["tied_embeddings"] is True
    assert document["data"]["trg"]["tokenizer_cfg"]["alpha"] == 0.5
    training = document["training"]
    assert training["epochs"] == 3
    assert training["learning_rate"] * training["decrease_factor"] == pytest.approx(2e-3)
    assert training["learning_rate"] * training["decrease_factor"] ** 3 == pytest.approx(1e-4)
    assert training["validation_freq"] == data.batches
    assert training["validation_freq"] % training["logging_freq"] == 0


@pytest.mark.parametrize("model", [{"score": "location"}, {"lexical": True}], ids=str)
def test_unsupported_model_is_refused(
    data: PreparedData, tmp_path: Path, model: dict[str, object]
) -> None:
    """A model that Joey NMT does not support is refused."""
    with pytest.raises(PeerError, match="'additive' and 'general'"):
        joeynmt_configuration(_settings(**model), data, 1, 1e-3, tmp_path)


def test_byte_pieces_are_decoded(tmp_path: Path) -> None:
    """Names of byte pieces in the output are converted to characters."""
    path = tmp_path / "output"
    path.write_text("a <0xE2><0x98><0x83> b\n<0x33> <0xFF>\n", "utf-8")
    assert read_translations(path) == ["a ☃ b", "3 \ufffd"]
