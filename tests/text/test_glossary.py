"""Glossaries: terms found in texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.text.glossary import Glossary, GlossaryEntry

GLOSSARY = Glossary(
    [
        GlossaryEntry("Haus", "building"),
        GlossaryEntry("Haus am See", "lake house"),
        GlossaryEntry("주목", "jumok"),
        GlossaryEntry("나", "I"),
        GlossaryEntry("C++", "C plus plus"),
        GlossaryEntry("haus", "never used"),
    ]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Das Haus ist alt.", [("Haus", 0)]),
        ("das haus, das HAUS", [("haus", 0), ("HAUS", 0)]),
        ("Das Haus am See.", [("Haus am See", 1)]),
        ("Haustür, Hauses, Parkhaus", []),
        ("주목은 좋다. 주목에서, 주목입니다", [("주목", 2)] * 3),
        ("나라와 나무", []),
        ("나는 나를 나", [("나", 3)] * 3),
        ("C++ und C", [("C++", 4)]),
        ("", []),
    ],
)
def test_terms(text: str, expected: list[tuple[str, int]]) -> None:
    """Terms are found as whole words, whatever their capitals, with Korean particles after them."""
    assert [(text[slice(*span)], entry) for span, entry in GLOSSARY.find(text)] == expected


def test_no_entries() -> None:
    """A glossary may be empty."""
    assert list(Glossary().find("Haus")) == []


def test_an_extended_glossary() -> None:
    """Own entries come first and win for the same term; the longest term wins otherwise."""
    glossary = Glossary(
        [GlossaryEntry("HAUS", "home"), GlossaryEntry("Weg", "path")], extends=GLOSSARY
    )
    text = "Haus, Weg, Haus am See, C++"
    found = [
        (text[slice(*span)], glossary.entries[entry].target, entry)
        for span, entry in glossary.find(text)
    ]
    assert found == [
        ("Haus", "home", 0),
        ("Weg", "path", 1),
        ("Haus am See", "lake house", 3),
        ("C++", "C plus plus", 6),
    ]
    assert [entry for _, entry in Glossary(extends=GLOSSARY).find("Haus")] == [0]


def test_invisible_term() -> None:
    """A term of invisible characters is never found."""
    glossary = Glossary([GlossaryEntry("\u200b", "x"), GlossaryEntry("a", "b")])
    assert list(glossary.find("a b")) == [((0, 1), 1)]


@given(
    st.lists(st.text("ab ", min_size=1, max_size=6).filter(str.strip)), st.text("ab ", max_size=30)
)
def test_the_longest_term_is_found(terms: list[str], text: str) -> None:
    """At each start of a word, the longest term that ends with a word is taken."""
    terms = [term.strip() for term in terms]
    expected, place = [], 0
    while place < len(text):
        inside = place > 0 and text[place - 1].isalnum() and text[place].isalnum()
        found = [
            term
            for term in terms
            if text.startswith(term, place) and not text[place + len(term) :][:1].isalnum()
        ]
        if found and not inside:
            longest = max(found, key=len)
            expected.append(((place, place + len(longest)), terms.index(longest)))
            place += len(longest)
        else:
            place += 1
    assert list(Glossary([GlossaryEntry(term, "x") for term in terms]).find(text)) == expected
