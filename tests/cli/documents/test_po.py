"""Catalogues of gettext."""

from hypothesis import given
from hypothesis import strategies as st

from jumok.cli.documents.kind import Kind
from tests.cli.documents.documents import check_kept, texts, translated

TEXT = r"""# Comment
msgid ""
msgstr ""
"Language: en\n"
"Content-Type: text/plain; charset=UTF-8\n"

#: file.c:1
msgctxt "menu"
msgid "open"
msgstr ""

msgid "done"
msgstr "Done"

#, c-format, fuzzy
#| msgid "old"
msgid ""
"first\n"
"second \"%d\"\n"
msgstr "wrong"

msgid "one file"
msgid_plural "many files"
msgstr[0] ""
msgstr[1]   ""

#, fuzzy
#~ msgid "obsolete"
#~ msgstr ""

msgid "not fuzzy"
msgstr "right"
"""


def test_messages() -> None:
    """Empty and fuzzy translations are filled, plural forms too; all else stays."""
    assert texts(TEXT, Kind.PO) == ["open", 'first\nsecond "%d"', "one file", "many files"]
    assert translated(TEXT, Kind.PO) == (
        TEXT.replace('"open"\nmsgstr ""', '"open"\nmsgstr "OPEN"')
        .replace('"wrong"', '""\n"FIRST\\n"\n"SECOND \\"%D\\"\\n"')
        .replace('msgstr[0] ""', 'msgstr[0] "ONE FILE"')
        .replace('msgstr[1]   ""', 'msgstr[1]   "MANY FILES"')
    )


def test_same_translation() -> None:
    """A translation that is the message itself is written, too."""
    assert translated('msgid "OK"\nmsgstr ""\n', Kind.PO) == 'msgid "OK"\nmsgstr "OK"\n'


def test_windows_line_ends() -> None:
    """Line ends are those of the document."""
    text = 'msgid "a\\nb"\r\nmsgstr ""\r\n'

    assert translated(text, Kind.PO) == ('msgid "a\\nb"\r\nmsgstr ""\r\n"A\\n"\r\n"B"\r\n')


def test_escapes() -> None:
    """All escapes of gettext are read."""
    assert texts(r'msgid "\tA\x42\103\\n\q\8"' + '\nmsgstr ""', Kind.PO) == ["ABC\\nq8"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_translation(rest: str) -> None:
    """A written translation is read again as it was."""
    text = "a" + rest  # at the start, list markers would be layout and not part of the passage
    written = translated('msgid "a"\nmsgstr ""\n', Kind.PO, lambda _: text)
    message = written.replace('msgid "a"\n', "").replace("msgstr", "msgid") + '\nmsgstr ""'

    assert texts(message, Kind.PO) == [text.strip()]


@given(
    st.lists(
        st.sampled_from(
            ['msgid "a"', 'msgid ""', 'msgstr ""', '"b\\n"', 'msgstr[0] "x"', "#, fuzzy", "", '"']
        )
    )
)
def test_round_trip(lines: list[str]) -> None:
    """Any lines stay byte for byte."""
    check_kept("\n".join(lines), Kind.PO)
