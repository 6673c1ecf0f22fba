"""A report as Markdown."""

import re

from jumok.evaluation.markdown import SetPictures, to_markdown
from tests.evaluation.conftest import measured, report


def test_tables() -> None:
    """Each set has a heading and tables with equal numbers of columns in all rows."""
    text = to_markdown(report(measured("one"), measured("two")), {}, 1)
    assert text.startswith("# toy.ko-en\n")
    assert "\n## one: 3 sentences\n" in text
    assert "\n## two: 3 sentences\n" in text
    assert "`runs/toy`, on `toy.toml`" in text
    assert "| 6–10 | 1 |" in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()]
        assert len(set(rows)) == 1, table


def test_pictures() -> None:
    """Pictures are below the scores by length and the best sentences."""
    pictures = {"toy": SetPictures("lengths.png", {"나는 학생입니다": "map.png"})}
    text = to_markdown(report(), pictures, 1)
    assert "](lengths.png)" in text
    assert text.index("I am a student") < text.index("](map.png)")
    assert "](" not in to_markdown(report(), {}, 1)


def test_escaped() -> None:
    """Markdown in texts is escaped, also in tables."""
    found = report(measured("a_b*c", {"물": "a | b <i>"}))
    text = to_markdown(found, {}, 1)
    assert r"## a\_b\*c: 3" in text
    assert r"a \| b \<i\>" in text


def test_limit() -> None:
    """A limit on the number of sentences is mentioned."""
    found = report()
    options = found.options.model_copy(update={"limit": 100})
    text = to_markdown(found.model_copy(update={"options": options}), {}, 1)
    assert "only the first 100 sentences" in text
    assert "only the first" not in to_markdown(found, {}, 1)
