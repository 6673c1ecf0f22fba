"""The corpus: parts that share no sentence."""

from pathlib import Path
from typing import Any

import pytest

from training.corpus import Corpus, load_corpus
from training.data_configuration import Data, HeldOut
from training.errors import DataError
from training.held_out import part_of
from training.parallel_text import Row
from training.sentence_pair import SentencePair


def load(folder: Path, **data: Any) -> Corpus:
    """Load a corpus from what stands under [data]."""
    return load_corpus(Data(source_language="ko", target_language="en", **data), folder)


def write(folder: Path, name: str, *rows: tuple[str, ...]) -> dict[str, Any]:
    """Write rows to a file and configure it."""
    (folder / name).write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")
    return {"path": name}


def test_groups_stay_together(tmp_path: Path) -> None:
    """Rows of one group are never in two parts, and the shares come out as configured."""
    rows = [(f"문장 {n}", f"sentence {n}", f"{n // 5}_{n}") for n in range(5000)]
    file = write(tmp_path, "a.tsv", *rows) | {
        "part": "split",
        "group": 3,
        "group_pattern": "^[0-9]+",
    }
    corpus = load(tmp_path, tsv=[file], held_out={"dev": 0.1, "test": 0.2})
    groups = [
        {int(pair.source.split()[1]) // 5 for pair in part}
        for part in (corpus.train, corpus.dev, corpus.test)
    ]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 1000
    assert len(corpus.train + corpus.dev + corpus.test) == 5000
    assert len(corpus.dev) / 5000 == pytest.approx(0.1, abs=0.03)
    assert len(corpus.test) / 5000 == pytest.approx(0.2, abs=0.04)


def test_part_is_of_the_group() -> None:
    """Without a group, the target decides: translations of one sentence stay together."""
    half = HeldOut(dev=0.3, test=0.3)
    parts = {part_of(Row("a", f"t{n}"), half) for n in range(50)}
    assert parts == {"train", "dev", "test"}
    for n in range(50):
        assert part_of(Row("a", f"t{n}"), half) == part_of(Row("b", f"t{n}"), half)
        assert part_of(Row("a", "x", f"g{n}"), half) == part_of(Row("b", "y", f"g{n}"), half)


@pytest.mark.parametrize(
    "leak",
    [
        ("안녕", "something else"),
        ("다른 말", "hello there"),
        ("다른 말", " Hello\u3000 THERE "),
        ("\u110b\u1161\u11ab\u1102\u1167\u11bc", "something else"),
        ("시험", "something else"),
        ("다른 말", "ｔｅｓｔ"),
    ],
)
def test_leak(tmp_path: Path, leak: tuple[str, str]) -> None:
    """A training pair with a held-out sentence on either side, however spelt, is left out."""
    corpus = load(
        tmp_path,
        tsv=[
            write(tmp_path, "train.tsv", ("책", "book"), leak),
            write(tmp_path, "dev.tsv", ("안녕", "hello there")) | {"part": "dev"},
            write(tmp_path, "test.tsv", ("시험", "test")) | {"part": "test"},
        ],
    )
    assert corpus.train == [SentencePair("책", "book")]
    assert corpus.left_out == 1
    assert corpus.dev == [SentencePair("안녕", "hello there")]
    assert corpus.test == [SentencePair("시험", "test")]


def test_leak_into_choice(tmp_path: Path) -> None:
    """A development pair with a side in the test part is left out: nothing is chosen by it."""
    corpus = load(
        tmp_path,
        tsv=[
            write(tmp_path, "train.tsv", ("책", "book"), ("안녕하세요", "hi")),
            write(tmp_path, "dev.tsv", ("안녕하세요", "hello"), ("물", "water")) | {"part": "dev"},
            write(tmp_path, "test.tsv", ("안녕", "hello")) | {"part": "test"},
        ],
    )
    assert corpus.dev == [SentencePair("물", "water")]
    assert corpus.left_out == 1
    # what is held out no more may be learned from
    assert corpus.train == [SentencePair("책", "book"), SentencePair("안녕하세요", "hi")]


def test_sides_are_told_apart(tmp_path: Path) -> None:
    """A held-out source that occurs as a target gives nothing away."""
    corpus = load(
        tmp_path,
        tsv=[
            write(tmp_path, "train.tsv", ("OK", "안녕")),
            write(tmp_path, "dev.tsv", ("안녕", "hello")) | {"part": "dev"},
        ],
    )
    assert corpus.left_out == 0


def test_text_files(tmp_path: Path) -> None:
    """Two files with a sentence a line make a part, too; every file has its sum."""
    (tmp_path / "a.ko").write_text("책\n", "utf-8")
    (tmp_path / "a.en").write_text("book\n", "utf-8")
    corpus = load(
        tmp_path,
        text=[{"source_path": "a.ko", "target_path": "a.en"}],
        tsv=[write(tmp_path, "dev.tsv", ("안녕", "hello")) | {"part": "dev"}],
    )
    assert corpus.train == [SentencePair("책", "book")]
    assert corpus.hashes.keys() == {"a.ko", "a.en", "dev.tsv"}


def test_embedded(tmp_path: Path) -> None:
    """The embedded corpus needs no file and comes with gold alignments."""
    corpus = load(tmp_path, embedded={"train": 50, "dev": 5, "test": 6})
    assert [len(corpus.train), len(corpus.dev), len(corpus.test)] == [50, 5, 6]
    assert corpus.left_out == 0
    for pair in corpus.train + corpus.dev + corpus.test:
        assert pair.alignment is not None
        assert pair.alignment.sure <= pair.alignment.possible


def test_hashes(tmp_path: Path) -> None:
    """A sum changes with its file, that of the embedded corpus with its seed."""
    dev = write(tmp_path, "dev.tsv", ("안녕", "hello")) | {"part": "dev"}

    def hashes(word: str, seed: int) -> dict[str, str]:
        train = write(tmp_path, "train.tsv", ("책", word))
        embedded = {"train": 3, "dev": 1, "test": 1, "seed": seed}
        return load(tmp_path, tsv=[train, dev], embedded=embedded).hashes

    first = hashes("book", 0)
    assert first == hashes("book", 0)
    other = hashes("books", 1)
    assert {name for name in first if first[name] != other[name]} == {"train.tsv", "embedded"}


@pytest.mark.parametrize(("part", "missing"), [("train", "development"), ("dev", "training")])
def test_missing_part(tmp_path: Path, part: str, missing: str) -> None:
    """Without training or development pairs there is nothing to do."""
    file = write(tmp_path, "a.tsv", ("안녕", "hello")) | {"part": part}
    corpus = load(tmp_path, tsv=[file])
    with pytest.raises(DataError, match=f"gives no {missing} pair"):
        corpus.require_training()
