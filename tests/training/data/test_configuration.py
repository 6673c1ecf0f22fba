"""The [data] table: default names, and invalid tables."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from jumok.training.data.configuration import DataConfiguration, load_data
from jumok.training.errors import ConfigurationError


def data(**tables: Any) -> DataConfiguration:
    """Make a [data] table."""
    return DataConfiguration(source_language="ko", target_language="en", **tables)


def test_names() -> None:
    """A set is named by its file up to the first full stop, unless it has a name."""
    tables = data(
        tsv=[{"path": "../a/kor-eng.tsv.gz"}, {"path": "a.tsv", "name": "b.c"}, {"path": ".tsv"}],
        text=[{"source_path": "test_2016.de", "target_path": "test_2016.en"}],
        gold=[{"path": "pud.ko-en.gold.tsv"}, {"path": "a.tsv", "name": "b"}],
    )
    assert [file.set_name for file in tables.tsv] == ["kor-eng", "b.c", ".tsv"]
    assert [file.set_name for file in tables.text] == ["test_2016"]
    assert [file.set_name for file in tables.gold] == ["pud", "b"]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"keep": {"en": "("}}, "'(' is not a regular expression"),
        ({"drop": {"en": "[a"}}, "'[a' is not a regular expression"),
        ({"weight": -1}, "greater than or equal to 0"),
        ({"limit": 0}, "greater than or equal to 1"),
        ({"markup": "latex"}, "'rest', 'markdown' or 'fluent'"),
        ({"held_out": {"dev": 0.1}}, "held_out needs part = 'split'"),
    ],
)
def test_wrong_file(settings: dict[str, Any], complaint: str) -> None:
    """Keys that contradict each other are refused."""
    with pytest.raises(ValidationError) as refused:
        data(tsv=[{"path": "a.tsv"} | settings])
    assert complaint in str(refused.value)


def test_gold_is_no_training_text() -> None:
    """Gold alignments cannot be in the training part."""
    with pytest.raises(ValidationError, match="'dev' or 'test'"):
        data(gold=[{"path": "a.tsv", "part": "train"}])


_TABLE = """\
[data]
source_language = "ko"
target_language = "en"
[data.embedded]
train = 1
"""


def test_load_data(tmp_path: Path) -> None:
    """Only the [data] table is read; other tables may be missing or invalid."""
    path = tmp_path / "a.toml"
    for content in (_TABLE, _TABLE + "[training]\nstep = 1\n"):
        path.write_text(content, "utf-8")
        assert load_data(path) == data(embedded={"train": 1})


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('name = "a"', r"a\.toml has no \[data\] table; add one"),
        ('[data]\nsource_language = "ko"', r"a\.toml: data\.target_language is missing"),
    ],
)
def test_load_data_refuses(tmp_path: Path, content: str, complaint: str) -> None:
    """A missing or invalid table is refused with the file and the key."""
    path = tmp_path / "a.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=complaint):
        load_data(path)
