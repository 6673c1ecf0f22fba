"""What a translation gets back that the model does not read, with a model that copies."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.bundle.words import TextSpan
from jumok.text.copied_text import NotTranslated
from jumok.text.glossary import Glossary, GlossaryEntry
from jumok.text.html import parse_html
from jumok.text.markdown import parse_markdown
from jumok.text.marked_text import plain_text
from jumok.text.model_text import Draft
from jumok.text.restoration import RestoredText
from jumok.text.xml import parse_xml
from tests.text.copying import copied

TAG = re.compile(r"<[^>]*>")


def shouted(character: str) -> str:
    """Translate a letter into another one."""
    return character.swapcase()


@pytest.mark.parametrize("pieces", [("\ue000", "\ue001"), ()])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("siehe https://a.org/b für mehr", "SIEHE https://a.org/b FÜR MEHR"),
        ("{name} hat %d neue", "{name} HAT %d NEUE"),
        ("schreib an a@b.org", "SCHREIB AN a@b.org"),
        ("gut 😀", "GUT 😀"),
        ("a {0} b {1} c {2} d {3} e", "A {0} B {1} C {2} D {3} E"),
        ("https://a.org\n\n- {0}\n", "https://a.org\n\n- {0}\n"),
    ],
)
def test_copied_text(text: str, expected: str, pieces: tuple[str, ...]) -> None:
    """Copied text stays where it was, whether the model knows enough placeholders or none."""
    assert copied(plain_text(text), pieces=pieces, words=shouted) == expected


def test_placeholders_that_the_model_drops_or_repeats() -> None:
    """Copied text is in the translation once, wherever the model writes its placeholder."""
    draft = Draft(plain_text("a {0} b {1}"), ["\ue000", "\ue001"], NotTranslated())
    source = draft.segment(draft.blocks[0], TextSpan(0, len(draft.blocks[0].text)))
    assert source.read.text == "a \ue000 b \ue001"
    spans = [TextSpan(place, place + 1) for place in (0, 2, 4, 6)]
    rows = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], np.float32)
    restored = RestoredText(source, spans, ["A", " \ue000", " \ue000", " B"], rows)
    assert restored.text == "A {0}  B {1}"
    assert "".join(restored.texts) == restored.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("das <b>rote auto</b> hier", "DAS <b>ROTE AUTO</b> HIER"),
        ("<p><i>ja.</i></p><p>nein <img src='x'> so</p>", None),
        ("<b>eins. zwei</b> drei. vier", "<b>EINS. ZWEI</b> DREI. VIER"),
        ("x <b>eins. zwei</b> drei. <i>vier</i>", None),
        ("a <b>b <i>c</i> d</b> <!-- e --> f", None),
        ("a &amp; b &lt; c", "A &amp; B &lt; C"),
        ("ein <code>x &amp; y</code> wert", None),
        ("a <span translate=no>b c</span> d", "A <span translate=no>b c</span> D"),
        ("<a href='?a=1&amp;b=2'>{name}</a> ist da", "<a href='?a=1&amp;b=2'>{name}</a> IST DA"),
        ("siehe https://a.org/?a=1&amp;b=2", "SIEHE https://a.org/?a=1&amp;b=2"),
    ],
)
def test_markup(text: str, expected: str | None) -> None:
    """Tags enclose the translation of what they enclosed; entities, code and links are kept."""
    result = copied(parse_html(text), words=shouted)
    if expected is not None:
        assert result == expected
    assert result.swapcase().upper() == text.swapcase().upper()
    assert TAG.findall(result) == TAG.findall(text)


@pytest.mark.parametrize(
    "text",
    [
        "<p><b>😀 Neu:</b> Jetzt kaufen.</p>",
        "<p>Siehe <a href='x'>unsere Seite →</a></p>",
        "<p>gut 😀</p><p>😀</p>",
        "<a><b>" * 300 + "x" + "</b></a>" * 300 + " y",
    ],
)
def test_symbols_and_deep_tags(text: str) -> None:
    """No tag is lost beside a symbol, or among hundreds of others."""
    assert sorted(TAG.findall(copied(parse_html(text)))) == sorted(TAG.findall(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Die E-Mail vom 5 > 3 kam.", "Die E-Mail vom 5 > 3 kam."),
        ("**✓ Fertig** heute.", "**✓ Fertig** heute."),
        (r"Use \*all\* and \_x\_ now.", r"Use \*all\* and \_x\_ now."),
        ("\u00a0\nhaus am see\nund so\n", "\u00a0\nhaus am see\nund so\n"),
        ("a " + "[" * 400 + "b" + "](c)" * 400, None),
    ],
)
def test_markdown(text: str, expected: str | None) -> None:
    """Markdown is escaped where it would be markup, and only there."""
    result = copied(parse_markdown(text))
    if expected is None:
        assert sorted(result.replace(" ", "")) == sorted(text.replace(" ", ""))
    else:
        assert result == expected


def test_cdata_is_kept() -> None:
    """A CDATA section is copied, whatever it contains."""
    text = "<a>more <![CDATA[one\n&two words]]> here</a>"
    assert copied(parse_xml(text), words=shouted) == "<a>MORE <![CDATA[one\n&two words]]> HERE</a>"


def test_capitals() -> None:
    """A text in capitals is read in lower case, and its translation is in capitals."""
    read = []

    def lower(character: str) -> str:
        read.append(character)
        return character

    assert copied(plain_text("DAS IST GUT"), words=lower) == "DAS IST GUT"
    assert "".join(read) == "das ist gut"


@pytest.mark.parametrize(
    ("text", "entries", "expected"),
    [
        ("das haus ist", {"haus": "Bau & Werk"}, "DAS Bau &amp; Werk IST"),
        ("das haus ist", {"haus": "HAUS"}, "DAS HAUS IST"),
        ("das haus ist", {"das haus": "es"}, "Es IST"),
        ("Haus und haus", {"haus": "bau"}, "bau UND bau"),
        ("<b>das haus</b> ist", {"haus": "bau"}, "<b>DAS bau</b> IST"),
        ("das <b>haus</b> ist", {"haus": "zwei worte"}, "DAS <b>zwei worte</b> IST"),
        ("das ist", {"haus": "bau"}, "DAS IST"),
        ("das haus {x}", {"haus": "bau"}, "DAS bau {x}"),
        ("hallo {name}!", {"name": "bau"}, "HALLO {name}!"),
        ("mail@haus.de", {"haus": "bau"}, "mail@haus.de"),
        ("die straße", {"Straße": "gasse"}, "DIE gasse"),
        ("dog’s leben", {"dog's": "hund"}, "Hund LEBEN"),
        ("ein iphone", {"iphone": "iPhone"}, "EIN iPhone"),
    ],
)
def test_terms(text: str, entries: dict[str, str], expected: str) -> None:
    """What corresponds to a term is replaced, unless the translation has it already."""
    glossary = Glossary([GlossaryEntry(*entry) for entry in entries.items()])
    wanted = NotTranslated(glossary=glossary)
    assert copied(parse_html(text), not_translated=wanted, words=shouted) == expected


def test_a_term_at_the_start_gets_a_capital() -> None:
    """A term that replaces the first word gets its capital."""
    wanted = NotTranslated(glossary=Glossary([GlossaryEntry("haus", "bau")]))
    assert copied(plain_text("Haus ist da"), not_translated=wanted) == "Bau ist da"


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("das haus am see", [(9, 11)], "DAS HAUS am SEE"),
        ("eins zwei drei", [(5, 9), (7, 12)], "EINS zwei drEI"),
        ("a <code>b c</code> d", [(8, 9)], "A <code>b c</code> D"),
        ("siehe https://a.org/b", [(14, 19)], "SIEHE https://a.org/b"),
        ("x <b>two</b> three", [(2, 8)], "X <b>two</b> THREE"),
        ("x <i><b>a</b> c</i> d", [(6, 9)], "X <i><b>a</b> C</i> D"),
        ("x <b>a</b> <i>c</i> d", [(2, 14)], "X <b>a</b> <i>c</i> D"),
        ("<p>a b</p><p>c</p>", [(3, 14)], "<p>A B</p><p>C</p>"),
    ],
)
def test_protected_spans(text: str, spans: list[tuple[int, int]], expected: str) -> None:
    """What the caller lists is copied, together with what it overlaps."""
    wanted = NotTranslated([TextSpan(*span) for span in spans])
    assert copied(parse_html(text), not_translated=wanted, words=shouted) == expected


def test_plain_text_is_not_touched() -> None:
    """A segment without anything special is read as it is, and nothing is restored."""
    draft = Draft(plain_text("Das ist gut."), ["\ue000"], NotTranslated())
    source = draft.segment(draft.blocks[0], TextSpan(0, 12))
    assert not source.restores
    assert source.read.text == "Das ist gut."


WORDS = st.sampled_from(["haus", "rot.", "ist", "gut!", "https://a.org/b", "{x}", "12", "&amp;"])
INLINE = st.recursive(
    st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
    | st.sampled_from(["<img src='x'>", "<!-- c -->", "<wbr>"]),
    lambda inner: st.tuples(
        st.sampled_from(["b", "i", "a", "span"]), st.lists(inner, min_size=1, max_size=3)
    ).map(lambda drawn: f"<{drawn[0]}>{' '.join(drawn[1])}</{drawn[0]}>"),
    max_leaves=8,
)
PAGES = st.lists(
    st.tuples(st.sampled_from(["p", "li", "h1", "td"]), st.lists(INLINE, max_size=3)).map(
        lambda drawn: f"<{drawn[0]}>{' '.join(drawn[1])}</{drawn[0]}>"
    ),
    max_size=3,
).map("\n".join)


@given(PAGES, st.sampled_from([10, 25, 1000]))
def test_pages_keep_their_markup(page: str, most: int) -> None:
    """The translation of a well-formed page is well-formed, with the same tags and text."""
    result = copied(parse_html(page), most=most)
    assert sorted(TAG.findall(result)) == sorted(TAG.findall(page))
    text, expected = (re.sub(r"\s", "", TAG.sub("", each)) for each in (result, page))
    assert text == expected
    opened = list[str]()
    for tag in TAG.findall(result):
        if tag.startswith("</"):
            assert opened.pop() == tag[2:-1]
        elif not tag.startswith(("<img", "<!", "<wbr")):
            opened.append(tag[1:-1])
    assert not opened
