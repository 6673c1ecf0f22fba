"""Generate a toy corpus: dates as people write them, in Korean and English, to ISO 8601.

`python -m jumok.training.data.dates build/dates.tsv.gz` writes the columns source, target, part.
All sources of one date are in one part.
"""

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Annotated

import typer

Format = Callable[[date], str]

_FIRST, _LAST = date(1900, 1, 1), date(2099, 12, 31)
_TWO_DIGITS = range(1969, 2069)  # years that two digits stand for, as in POSIX


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_MONTHS = _words(
    "January February March April May June July August September October November December"
)
_DAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
_ONES = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS = dict(
    zip(
        _words("one two three five eight nine twelve twenty thirty"),
        _words("first second third fifth eighth ninth twelfth twentieth thirtieth"),
        strict=True,
    )
)
_KOREAN_DAYS = "월화수목금토일"
_KOREAN_DIGITS = " 일이삼사오육칠팔구"
_KOREAN_MONTHS = {6: "유", 10: "시"}  # irregular: not 육월, 십월


def english_number(number: int) -> str:
    """Spell a number from 0 to 99."""
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")


def english_ordinal(number: int) -> str:
    """Spell the ordinal of a number from 1 to 99, such as "twenty-first"."""
    *before, last = english_number(number).split("-")
    return "-".join([*before, _ORDINALS.get(last, f"{last}th")])


def english_year(year: int) -> str:
    """Spell a year as it is spoken: "nineteen oh five", "two thousand", "twenty twenty-six"."""
    century, rest = divmod(year, 100)
    if century == 20 and rest < 10:
        return "two thousand" + (f" {_ONES[rest]}" if rest else "")
    if rest == 0:
        return f"{english_number(century)} hundred"
    return f"{english_number(century)} {'oh ' if rest < 10 else ''}{english_number(rest)}"


def korean_number(number: int) -> str:
    """Spell a number from 1 to 9999 in Sino-Korean, such as 이천이십육."""
    spelt = ""
    for unit, name in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
        digit = number // unit % 10
        if digit:
            spelt += (_KOREAN_DIGITS[digit] if digit > 1 or not name else "") + name
    return spelt


def _suffixed(day: int) -> str:
    suffix = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _month(day: date) -> str:
    return _MONTHS[day.month - 1]


def _weekday(day: date) -> str:
    return _DAYS[day.weekday()]


def _korean_weekday(day: date) -> str:
    return _KOREAN_DAYS[day.weekday()]


def _korean(day: date) -> str:
    return f"{day.year}년 {day.month}월 {day.day}일"


def _korean_spelt(day: date) -> str:
    month = _KOREAN_MONTHS.get(day.month) or korean_number(day.month)
    return f"{korean_number(day.year)}년 {month}월 {korean_number(day.day)}일"


FORMATS: tuple[Format, ...] = (
    lambda day: f"{day.day} {_month(day)[:3]} {day.year}",
    lambda day: f"{day.day} {_month(day)} {day.year}",
    lambda day: f"{_month(day)} {day.day}, {day.year}",
    lambda day: f"{_month(day)} {_suffixed(day.day)}, {day.year}",
    lambda day: f"{_month(day)[:3]}. {day.day}, {day.year}",
    lambda day: f"{_weekday(day)}, {day.day} {_month(day)} {day.year}",
    lambda day: f"{_weekday(day)[:3]} {_month(day)[:3]} {day.day} {day.year}",
    lambda day: f"the {english_ordinal(day.day)} of {_month(day)} {day.year}",
    lambda day: f"{_month(day)} the {english_ordinal(day.day)}, {english_year(day.year)}",
    lambda day: f"the {_suffixed(day.day)} of {_month(day)}, {english_year(day.year)}",
    lambda day: f"{day.month}/{day.day}/{day.year}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day.year}/{day.month:02}/{day.day:02}",
    lambda day: f"{day.year}{day.month:02}{day.day:02}",
    _korean,
    lambda day: f"{_korean(day)} {_korean_weekday(day)}요일",
    lambda day: f"{_korean(day)}({_korean_weekday(day)})",
    lambda day: _korean(day).replace(" ", ""),
    lambda day: f"{day.year}. {day.month}. {day.day}.",
    lambda day: f"{day.year}.{day.month:02}.{day.day:02}",
    lambda day: f"{day.month}월 {day.day}일, {day.year}년",
    _korean_spelt,
    lambda day: f"{_korean_spelt(day)} {_korean_weekday(day)}요일",
)
SHORT_FORMATS: tuple[Format, ...] = (
    lambda day: f"{day.month}/{day.day}/{day:%y}",
    lambda day: f"{day.day}-{_month(day)[:3]}-{day:%y}",
    lambda day: f"{_month(day)} {day.day}, '{day:%y}",
    lambda day: f"{day:%y}년 {day.month}월 {day.day}일",
    lambda day: f"{day:%y}.{day.month}.{day.day}",
)
"""Formats with a two-digit year."""


def drawn(rng: Random) -> tuple[str, str]:
    """Draw a date; return it in a random format and in ISO 8601."""
    day = _FIRST + timedelta(rng.randrange((_LAST - _FIRST).days + 1))
    formats = FORMATS + SHORT_FORMATS if day.year in _TWO_DIGITS else FORMATS
    source = rng.choice(formats)(day)
    if rng.random() < 0.1:
        source = _corrected(source, day + timedelta(rng.choice((-7, -2, -1, 1, 2, 7))), rng)
    return source, day.isoformat()


def _corrected(source: str, wrong: date, rng: Random) -> str:
    """Prepend a date that is then corrected: "not yesterday but ..."."""
    if any("가" <= character <= "힣" for character in source):
        denied = rng.choice(
            ("어제가", "내일이", f"{_korean(wrong)}이", f"{_korean_spelt(wrong)}이")
        )
        return f"{denied} 아니라 {source}"
    denied = rng.choice(("yesterday", "tomorrow", FORMATS[rng.randrange(4)](wrong)))
    return f"not {denied} but {source}"


def part_of(target: str) -> str:
    """Return the part of a date, independent of the seed; 4% are held out."""
    share = int.from_bytes(sha256(target.encode()).digest()[:2]) % 100
    return {0: "dev", 1: "test", 2: "test", 3: "test"}.get(share, "train")


def main(
    path: Annotated[Path, typer.Argument(help="Output file; compressed if its name ends in .gz.")],
    count: Annotated[int, typer.Option(min=1, max=500_000, help="Number of pairs.")] = 30_000,
    seed: int = 0,
) -> None:
    """Generate pairs of a date as people write it and the date in ISO 8601."""
    rng = Random(seed)
    pairs: dict[str, str] = {}
    while len(pairs) < count:
        pairs.setdefault(*drawn(rng))
    lines = [f"{source}\t{target}\t{part_of(target)}\n" for source, target in pairs.items()]
    data = "".join(["source\ttarget\tpart\n", *lines]).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    typer.echo(f"{path}: {len(pairs)} pairs")


if __name__ == "__main__":
    typer.run(main)
