"""Subtitles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.cli.documents.document import Passage
from jumok.cli.documents.kind import Kind
from jumok.cli.documents.reading import parse_document
from tests.cli.documents.documents import check_kept, texts, translated

TIME = "00:00:01,000 --> 00:00:02,500"


def cue(text: str, number: int = 1) -> str:
    return f"{number}\n{TIME}\n{text}\n"


def test_cues() -> None:
    """The lines of a cue are one passage, and again as many lines; numbers and times stay."""
    text = f"{cue('We went to the')[:-1]}\nold market.\n\n{cue('Yes.', 2)}"

    assert texts(text, Kind.SRT) == ["We went to the old market.", "Yes."]
    assert translated(text, Kind.SRT, lambda _: "One two three four") == (
        f"1\n{TIME}\nOne two\nthree four\n\n2\n{TIME}\nOne two three four\n"
    )


def test_windows_line_ends() -> None:
    """Line ends are kept."""
    text = f"{cue('We went')[:-1]}\nhome.\n\n".replace("\n", "\r\n")

    assert translated(text, Kind.SRT) == (text.replace("We went\r\nhome.", "WE WENT\r\nHOME."))


def test_long_translation() -> None:
    """A translation gets more lines than its source if they would be longer than 42 characters."""
    lines = translated(cue("Oh."), Kind.SRT, lambda _: "word " * 20).splitlines()[2:]

    assert len(lines) == 3
    assert max(map(len, lines)) <= 42
    assert min(map(len, lines)) > 25


def test_tags() -> None:
    """A cue with tags is HTML, without references; tags are not part of a line's length."""
    text = cue('<font color="#fff">Tom &\nJerry</font>')
    (passage,) = parse_document(text.encode(), Kind.SRT).passages
    markup = '<font color="#fff">one &amp;</font> two'

    assert passage == Passage('<font color="#fff">Tom & Jerry</font>', "html", "line 3")
    assert translated(text, Kind.SRT, lambda _: markup) == (
        cue('<font color="#fff">one &</font>\ntwo')
    )


def test_position() -> None:
    """What positions a cue stays before it."""
    assert texts(cue(r"{\an8}Up here."), Kind.SRT) == ["Up here."]
    assert translated(cue(r"{\an8}Up here."), Kind.SRT) == cue(r"{\an8}UP HERE.")


def test_speakers() -> None:
    """What each of two speakers says is a passage."""
    text = cue("- Who is\nthere?\n- I am.")

    assert texts(text, Kind.SRT) == ["Who is there?", "I am."]
    assert translated(text, Kind.SRT) == text.replace("Who is", "WHO IS").replace(
        "there", "THERE"
    ).replace("I am", "I AM")


@pytest.mark.parametrize(
    "text",
    [
        "no cue at all\n",
        f"1\n{TIME.replace('-->', '->')}\ntext\n",
        f"1\n{TIME}\n\ntext\n",
        f"1\n{TIME}\ntext\n2\n{TIME}\n\n",
    ],
)
def test_malformed_blocks(text: str) -> None:
    """What is not a cue stays."""
    assert texts(text, Kind.SRT) == []
    check_kept(text, Kind.SRT)


@given(
    st.lists(
        st.sampled_from(["1", TIME, "", " ", "word", "<i>two words</i>", "- a", r"{\an8}", "-->"])
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_round_trip(lines: list[str], line_end: str) -> None:
    """Any lines stay byte for byte."""
    check_kept(line_end.join(lines), Kind.SRT)
