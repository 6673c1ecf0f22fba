"""The [data] table: names by default, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from jumok.training.data_configuration import Data


def data(**tables: Any) -> Data:
    """Make a [data] table."""
    return Data(source_language="ko", target_language="en", **tables)


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
    """A setting that cannot be followed is refused."""
    with pytest.raises(ValidationError) as refused:
        data(tsv=[{"path": "a.tsv"} | settings])
    assert complaint in str(refused.value)


def test_gold_is_no_training_text() -> None:
    """Gold alignments are for measuring."""
    with pytest.raises(ValidationError, match="'dev' or 'test'"):
        data(gold=[{"path": "a.tsv", "part": "train"}])
