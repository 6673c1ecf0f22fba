"""XLIFF documents."""

import pytest

from jumok.cli.documents.kind import Kind
from tests.cli.documents.documents import check_kept, texts, translated

OLD = """<?xml version="1.0" encoding="UTF-8"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
 <file original='a' source-language="en"><body>
  <trans-unit id="1">
    <source>One</source>
  </trans-unit>
  <trans-unit id="2"><source>Two</source><target state="new"/><note>n</note></trans-unit>
  <trans-unit id="3"><source>Three</source><target></target>
   <alt-trans><source>Other</source><target/></alt-trans></trans-unit>
  <trans-unit id="4"><source>Done</source><target>Fertig</target></trans-unit>
  <trans-unit id="5" translate="no"><source>Kept</source></trans-unit>
  <trans-unit id="6"><source>12 <x id="a"/></source></trans-unit>
  <trans-unit id="7"><source><![CDATA[Raw]]></source></trans-unit>
 </body></file>
</xliff>
"""

NEW = """<xlf:xliff version="2.0" xmlns:xlf="urn:oasis:names:tc:xliff:document:2.0">
<xlf:file id="f"><xlf:unit id="1"><xlf:segment><xlf:source>One</xlf:source></xlf:segment>
<xlf:ignorable><xlf:source>Space</xlf:source></xlf:ignorable></xlf:unit>
<xlf:group translate="no"><xlf:unit id="2"><xlf:segment><xlf:source>Kept</xlf:source>
</xlf:segment></xlf:unit></xlf:group></xlf:file></xlf:xliff>
"""


def unit(source: str, attributes: str = "") -> str:
    return f"<xliff><trans-unit{attributes}><source>{source}</source></trans-unit></xliff>"


def test_version_1() -> None:
    """Empty targets are filled and missing ones added; other units stay."""
    assert texts(OLD, Kind.XLIFF) == ["One", "Two", "Three"]
    assert translated(OLD, Kind.XLIFF) == (
        OLD.replace("One</source>", "One</source>\n    <target>ONE</target>")
        .replace('<target state="new"/>', '<target state="new">TWO</target>')
        .replace("<target></target>", "<target>THREE</target>")
    )


def test_version_2() -> None:
    """Segments of version 2.0 are the same; added targets have the prefix of the source."""
    assert texts(NEW, Kind.XLIFF) == ["One"]
    assert translated(NEW, Kind.XLIFF) == (
        NEW.replace("One</xlf:source>", "One</xlf:source><xlf:target>ONE</xlf:target>")
    )


def test_segmented_source() -> None:
    """A target comes after the segmented source."""
    text = unit("One</source><seg-source><mrk>One</mrk></seg-source>").replace(
        "</seg-source></source>", "</seg-source>"
    )

    assert "</seg-source><target>ONE</target></trans-unit>" in translated(text, Kind.XLIFF)


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ('A <g id="1">b</g> <x id="2"/>', 'A <g id="1">b</g> <x id="2"/>'),
        ('A <ph id="1">br</ph>', 'A <ph class="notranslate" id="1">br</ph>'),
        ("A <bpt>b</bpt><ept/>", 'A <bpt class="notranslate">b</bpt><ept class="notranslate"/>'),
        ('<mrk mtype="protected">A</mrk>', '<mrk class="notranslate" mtype="protected">A</mrk>'),
        ('<mrk translate="no">A</mrk> b', '<mrk translate="no">A</mrk> b'),
    ],
)
def test_inline_elements(source: str, sent: str) -> None:
    """Code within a source is marked so that the service keeps it."""
    assert texts(unit(source), Kind.XLIFF) == [sent]
    assert f"<target>{source}</target>" in translated(unit(source), Kind.XLIFF, lambda text: text)


def test_kept_space() -> None:
    """A unit that keeps white space is sent in an element that says so."""
    text = unit("a\n b", ' xml:space="preserve"')

    assert texts(text, Kind.XLIFF) == ['<text xml:space="preserve">a\n b</text>']
    assert "<target>a\n b</target>" in translated(text, Kind.XLIFF, lambda text: text)


@pytest.mark.parametrize("text", [OLD, NEW, OLD.replace("\n", "\r\n"), "\ufeff" + NEW])
def test_round_trip(text: str) -> None:
    """Without translations a document stays byte for byte."""
    check_kept(text, Kind.XLIFF)


def test_filled_document() -> None:
    """A document that is filled has no passages."""
    assert texts(translated(OLD, Kind.XLIFF), Kind.XLIFF) == []
