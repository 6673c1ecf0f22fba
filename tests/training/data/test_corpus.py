"""The corpus: parts that share no sentence."""

from pathlib import Path
from typing import Any

import pytest

from jumok.evaluation.scoring.sentence_pair import GoldAlignment, SentencePair
from jumok.training.data.configuration import DataConfiguration
from jumok.training.data.corpus import Corpus, load_corpus
from jumok.training.errors import DataError


def load(folder: Path, **data: Any) -> Corpus:
    """Load a corpus from the keys of a [data] table."""
    return load_corpus(
        DataConfiguration(source_language="ko", target_language="en", **data), folder
    )


def write(folder: Path, name: str, *rows: tuple[str, ...]) -> dict[str, Any]:
    """Write rows to a file and return its configuration."""
    (folder / name).write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")
    return {"path": name}


def test_groups_stay_together(tmp_path: Path) -> None:
    """Rows of one group are in one part, and the parts have the configured shares."""
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


@pytest.mark.parametrize(
    "leak",
    [
        ("안녕", "something else"),
        ("다른 말", "hello there"),
        ("다른 말", " Hello\u3000 THERE "),
        ("\u110b\u1161\u11ab\u1102\u1167\u11bc", "something else"),
        ("시험", "something else"),
        ("다른 말", "ｔｅｓｔ"),
        ("“안녕!”", "something else"),
        ("다른 말", "(hello,  there...)"),
    ],
)
def test_leak(tmp_path: Path, leak: tuple[str, str]) -> None:
    """Training pairs with a held-out sentence on either side, in any spelling, are removed."""
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
    """Development pairs with a side in the test part are removed."""
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
    # sentences that are no longer held out may be trained on
    assert corpus.train == [SentencePair("책", "book"), SentencePair("안녕하세요", "hi")]


def test_sides_are_told_apart(tmp_path: Path) -> None:
    """A held-out source that occurs as a target is not a leak."""
    corpus = load(
        tmp_path,
        tsv=[
            write(tmp_path, "train.tsv", ("OK", "안녕")),
            write(tmp_path, "dev.tsv", ("안녕", "hello")) | {"part": "dev"},
        ],
    )
    assert corpus.left_out == 0


def test_text_files(tmp_path: Path) -> None:
    """Two files with one sentence per line can be a part; each file has a hash."""
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
    """A file's hash depends on its content, that of the embedded corpus on its seed."""
    dev = write(tmp_path, "dev.tsv", ("안녕", "hello")) | {"part": "dev"}

    def hashes(word: str, seed: int) -> dict[str, str]:
        train = write(tmp_path, "train.tsv", ("책", word))
        embedded = {"train": 3, "dev": 1, "test": 1, "seed": seed}
        return load(tmp_path, tsv=[train, dev], embedded=embedded).hashes

    first = hashes("book", 0)
    assert first == hashes("book", 0)
    other = hashes("books", 1)
    assert {name for name in first if first[name] != other[name]} == {"train.tsv", "embedded"}


def test_named_sets(tmp_path: Path) -> None:
    """Each file is a set, named explicitly or after the file; equal names are merged."""
    one = write(tmp_path, "one.ko-en.tsv", ("하나", "one"))
    two = write(tmp_path, "two.tsv", ("둘", "two"))
    six = write(tmp_path, "six.tsv", ("여섯", "six"))
    (tmp_path / "ten.ko").write_text("열\n", "utf-8")
    (tmp_path / "ten.en").write_text("ten\n", "utf-8")
    ten = {"source_path": "ten.ko", "target_path": "ten.en", "part": "dev"}
    corpus = load(
        tmp_path,
        tsv=[
            two | {"part": "test", "name": "numbers"},
            one | {"part": "test"},
            six | {"part": "test", "name": "numbers"},
        ],
        text=[ten],
    )
    assert corpus.test_sets == {
        "numbers": [SentencePair("둘", "two"), SentencePair("여섯", "six")],
        "one": [SentencePair("하나", "one")],
    }
    assert list(corpus.test_sets) == ["numbers", "one"]
    assert corpus.test == [*corpus.test_sets["numbers"], *corpus.test_sets["one"]]
    assert corpus.dev_sets == {"ten": [SentencePair("열", "ten")]}


def test_empty_sets(tmp_path: Path) -> None:
    """A set all of whose pairs are held out is omitted."""
    corpus = load(
        tmp_path,
        tsv=[
            write(tmp_path, "dev.tsv", ("안녕", "hi")) | {"part": "dev"},
            write(tmp_path, "test.tsv", ("안녕", "hello")) | {"part": "test"},
        ],
    )
    assert corpus.dev_sets == {}
    assert corpus.left_out == 1


def test_shares_of_a_file(tmp_path: Path) -> None:
    """A file can have held-out shares of its own."""
    rows = [(f"문장 {n}", f"sentence {n}") for n in range(400)]
    file = write(tmp_path, "a.tsv", *rows) | {"part": "split"}
    corpus = load(tmp_path, tsv=[file | {"held_out": {"dev": 0, "test": 0.4}}])
    assert not corpus.dev
    assert len(corpus.test) == pytest.approx(160, abs=40)


def test_weight(tmp_path: Path) -> None:
    """Weight is the average number of copies of training pairs, and reproducible."""
    rows = [(f"문장 {n}", f"sentence {n}") for n in range(1000)]
    file = write(tmp_path, "a.tsv", *rows) | {"part": "split", "weight": 2.25}
    share = {"dev": 0.1, "test": 0.1}
    corpus = load(tmp_path, tsv=[file], held_out=share)
    counts = [corpus.train.count(pair) for pair in set(corpus.train)]
    assert set(counts) == {2, 3}
    assert len(corpus.train) / len(counts) == pytest.approx(2.25, abs=0.1)
    assert corpus == load(tmp_path, tsv=[file], held_out=share)
    assert len(corpus.dev) + len(corpus.test) + len(counts) == 1000
    assert not load(tmp_path, tsv=[file | {"weight": 0}], held_out=share).train


def test_limit(tmp_path: Path) -> None:
    """A limit takes a reproducible sample of rows, not the first ones, in order."""
    rows = [(f"문장 {n}", f"sentence {n}") for n in range(100)]
    file = write(tmp_path, "a.tsv", *rows) | {"part": "dev", "limit": 10}
    dev = [int(pair.source.split()[1]) for pair in load(tmp_path, tsv=[file]).dev]
    assert len(dev) == 10
    assert dev == sorted(dev)
    assert max(dev) > 30
    assert len(load(tmp_path, tsv=[file | {"limit": 1000}]).dev) == 100


def test_cleaning(tmp_path: Path) -> None:
    """Filters apply to training pairs only."""
    same = ("OK", "OK")
    corpus = load(
        tmp_path,
        cleaning={"drop_identical": True, "drop_repeated": True},
        tsv=[
            write(tmp_path, "a.tsv", ("책", "book"), ("네", "네"), ("책", "book")),
            write(tmp_path, "b.tsv", ("책", "book"), ("물", "water")),
            write(tmp_path, "test.tsv", same, same) | {"part": "test"},
        ],
    )
    assert corpus.train == [SentencePair("책", "book"), SentencePair("물", "water")]
    assert corpus.cleaned == 3
    assert corpus.test == [SentencePair(*same)] * 2


def test_gold(tmp_path: Path) -> None:
    """Gold alignments are a set of their own and held out like others."""
    gold = write(tmp_path, "gold.tsv", ("책 한 권", "a book", "0-1 1-0 2-0"))
    train = write(tmp_path, "a.tsv", ("책 한 권.", "one book"), ("물", "water"))
    corpus = load(tmp_path, tsv=[train], gold=[gold])
    links = frozenset({(0, 1), (1, 0), (2, 0)})
    aligned = SentencePair("책 한 권", "a book", GoldAlignment(links, links))
    assert corpus.test_sets == {"gold": [aligned]}
    assert corpus.train == [SentencePair("물", "water")]
    assert corpus.hashes.keys() == {"a.tsv", "gold.tsv"}


def test_alignments(tmp_path: Path) -> None:
    """Training pairs get their links from the file of alignments, if it has some."""
    write(tmp_path, "links.tsv", ("책 한 권", "a book", "0-1"), ("안녕", "hi", "0-0"))
    corpus = load(
        tmp_path,
        tsv=[
            write(tmp_path, "a.tsv", ("책 한 권", "a book"), ("물", "water")),
            write(tmp_path, "dev.tsv", ("안녕", "hi")) | {"part": "dev"},
        ],
        alignments="links.tsv",
    )
    links = frozenset({(0, 1)})
    assert [pair.alignment for pair in corpus.train] == [GoldAlignment(links, links), None]
    assert corpus.dev == [SentencePair("안녕", "hi")]
    assert "links.tsv" in corpus.hashes


def test_useless_alignments(tmp_path: Path) -> None:
    """A file of alignments that is missing or of other texts is an error."""
    file = write(tmp_path, "a.tsv", ("물", "water"))
    with pytest.raises(DataError, match=r"links\.tsv' cannot be read: No such file"):
        load(tmp_path, tsv=[file], alignments="links.tsv")
    write(tmp_path, "links.tsv", ("물.", "water", "0-0"))
    with pytest.raises(DataError, match=r"links\.tsv has links of none of the training pairs"):
        load(tmp_path, tsv=[file], alignments="links.tsv")


@pytest.mark.parametrize(("part", "missing"), [("train", "development"), ("dev", "training")])
def test_missing_part(tmp_path: Path, part: str, missing: str) -> None:
    """A corpus without training or development pairs is refused."""
    file = write(tmp_path, "a.tsv", ("안녕", "hello")) | {"part": part}
    corpus = load(tmp_path, tsv=[file])
    with pytest.raises(DataError, match=f"has no {missing} pairs"):
        corpus.require_training()


def test_near_duplicates(tmp_path: Path) -> None:
    """With a threshold, pairs that resemble a held-out text on either side are removed as well."""
    held_out = ("토요일에 톰과 시장에 갔어요.", "I went to the market with Tom on Saturday.")
    rows = [
        ("토요일에는 톰과 시장에 갔어요!", "Another text."),
        ("다른 글", "I went to the market with Susan on Saturday"),
        ("또 다른 글", "I went to the markets with Tom on Saturdays."),
        ("일요일에 톰과 산에 갔어요.", "I climbed a mountain with Tom on Sunday."),
        *(("이름", f"Yesterday {name} came home late.") for name in ("Tom", "Susan") * 10),
    ]
    files = [
        write(tmp_path, "train.tsv", *rows),
        write(tmp_path, "test.tsv", held_out) | {"part": "test"},
    ]
    assert load(tmp_path, tsv=files).near == 0
    corpus = load(tmp_path, tsv=files, max_overlap=0.6)
    assert (corpus.near, corpus.left_out) == (3, 0)
    assert corpus.train[0].target == "I climbed a mountain with Tom on Sunday."


def test_generated_sentences_may_resemble_each_other(tmp_path: Path) -> None:
    """The grammar's sentences are all near-duplicates of others; its parts are not compared so."""
    corpus = load(tmp_path, embedded={"train": 300, "dev": 30, "test": 30}, max_overlap=0.3)
    assert (len(corpus.train), corpus.near) == (300, 0)


def test_final(tmp_path: Path) -> None:
    """The pairs of the last steps are those of files with `final = true`, as often as usual."""
    corpus = load(
        tmp_path,
        tsv=[
            write(tmp_path, "a.tsv", ("책", "book")),
            write(tmp_path, "b.tsv", ("물", "water")) | {"final": True, "weight": 2},
        ],
    )
    assert corpus.final == [SentencePair("물", "water")] * 2
    assert corpus.train == [SentencePair("책", "book"), *corpus.final]


def test_variants_are_not_held_out(tmp_path: Path) -> None:
    """A variant that equals held-out text is replaced by its original."""
    names = write(
        tmp_path, "names.tsv", ("ko", "en", "kind"), ("톰", "Tom", "g"), ("앤", "Anne", "g")
    )
    corpus = load(
        tmp_path,
        tsv=[
            write(tmp_path, "train.tsv", ("톰은 운다", "Tom cries")) | {"weight": 40},
            write(tmp_path, "test.tsv", ("앤은 운다", "Anne cries")) | {"part": "test"},
        ],
        variants={"names": names["path"], "renamed": 1},
    )
    assert corpus.train == [SentencePair("톰은 운다", "Tom cries")] * 40


def test_useless_alignments_of_files(tmp_path: Path) -> None:
    """A file of alignments of other texts is an error, also beside the embedded corpus."""
    (tmp_path / "links.tsv").write_text("다른 글\tanother text\t0-0\n", "utf-8")
    with pytest.raises(DataError, match="has links of none of the training pairs"):
        load(tmp_path, embedded={"train": 5, "dev": 1, "test": 1}, alignments="links.tsv")


def test_no_final_pairs(tmp_path: Path) -> None:
    """If nothing of the final files is left, that is an error, not a training on everything."""
    corpus = load(
        tmp_path,
        tsv=[
            write(tmp_path, "a.tsv", ("책", "book"), ("물", "water")),
            write(tmp_path, "b.tsv", ("안녕", "hi")) | {"final": True},
            write(tmp_path, "dev.tsv", ("안녕", "hi")) | {"part": "dev"},
        ],
    )
    corpus.require_training()
    with pytest.raises(DataError, match="no pair of the files with final = true is left"):
        corpus.require_training(final=True)


def test_limit_and_weight(tmp_path: Path) -> None:
    """A limit chooses rows at random also with respect to the weight."""
    rows = [(f"문장 {n}", f"sentence {n}") for n in range(4000)]
    file = write(tmp_path, "a.tsv", *rows) | {"limit": 1000, "weight": 0.5}
    assert len(load(tmp_path, tsv=[file]).train) == pytest.approx(500, abs=60)


def test_reserved_name(tmp_path: Path) -> None:
    """A file cannot be taken for the embedded corpus."""
    with pytest.raises(ValueError, match="sets of the grammar are named embedded"):
        load(tmp_path, tsv=[write(tmp_path, "embedded.tsv", ("책", "book"))])
