"""Dates: their formats, and that a source has one date only."""

import gzip
from datetime import date
from pathlib import Path
from random import Random

import pytest

from jumok.training.data.dates import (
    FORMATS,
    SHORT_FORMATS,
    drawn,
    english_ordinal,
    english_year,
    korean_number,
    main,
    part_of,
)

WRITTEN = """\
20 Nov 2026
20 November 2026
November 20, 2026
November 20th, 2026
Nov. 20, 2026
Friday, 20 November 2026
Fri Nov 20 2026
the twentieth of November 2026
November the twentieth, twenty twenty-six
the 20th of November, twenty twenty-six
11/20/2026
20.11.2026
2026/11/20
20261120
2026년 11월 20일
2026년 11월 20일 금요일
2026년 11월 20일(금)
2026년11월20일
2026. 11. 20.
2026.11.20
11월 20일, 2026년
이천이십육년 십일월 이십일
이천이십육년 십일월 이십일 금요일
11/20/26
20-Nov-26
November 20, '26
26년 11월 20일
26.11.20
"""


def test_formats() -> None:
    """Dates are written in all formats."""
    day = date(2026, 11, 20)
    assert [write(day) for write in FORMATS + SHORT_FORMATS] == WRITTEN.splitlines()


def test_spoken_months() -> None:
    """The sixth and the tenth month are irregular in Korean."""
    spelt = [write(date(1999, 6, 3)) for write in FORMATS]
    assert "천구백구십구년 유월 삼일" in spelt
    assert "천구백년 시월 십일" in [write(date(1900, 10, 10)) for write in FORMATS]


@pytest.mark.parametrize(
    ("year", "spelt"),
    [
        (1900, "nineteen hundred"),
        (1905, "nineteen oh five"),
        (1999, "nineteen ninety-nine"),
        (2000, "two thousand"),
        (2009, "two thousand nine"),
        (2010, "twenty ten"),
        (2040, "twenty forty"),
    ],
)
def test_english_year(year: int, spelt: str) -> None:
    """Years are spoken in pairs of digits, except for the first of the century."""
    assert english_year(year) == spelt


def test_english_ordinal() -> None:
    """Only the last word of an ordinal has an ordinal ending."""
    spelt = [english_ordinal(day) for day in (1, 2, 3, 4, 5, 8, 9, 12, 20, 21, 30, 31)]
    assert " ".join(spelt) == (
        "first second third fourth fifth eighth ninth twelfth twentieth twenty-first thirtieth "
        "thirty-first"
    )


def test_korean_number() -> None:
    """One is not spoken before ten, a hundred and a thousand."""
    spelt = [korean_number(number) for number in (1, 10, 11, 31, 1111, 2026, 1900)]
    assert spelt == ["일", "십", "십일", "삼십일", "천백십일", "이천이십육", "천구백"]


def test_one_date() -> None:
    """No source has two dates; of a corrected date the last one counts."""
    rng = Random(1)
    pairs = [drawn(rng) for _ in range(3000)]
    assert len(set(pairs)) == len({source for source, _ in pairs})
    corrected = [source for source, _ in pairs if "아니라" in source or source.startswith("not ")]
    assert 200 < len(corrected) < 400


def test_file(tmp_path: Path) -> None:
    """The file is reproducible, and all sources of a date are in one part."""
    for name in ("a.tsv.gz", "b.tsv.gz"):
        main(tmp_path / name, count=500, seed=3)
    assert (tmp_path / "a.tsv.gz").read_bytes() == (tmp_path / "b.tsv.gz").read_bytes()
    header, *lines = gzip.decompress((tmp_path / "a.tsv.gz").read_bytes()).decode().splitlines()
    assert header == "source\ttarget\tpart"
    rows = [line.split("\t") for line in lines]
    assert len({source for source, _, _ in rows}) == 500
    assert {part for _, _, part in rows} == {"train", "dev", "test"}
    assert all(part == part_of(target) for _, target, part in rows)
