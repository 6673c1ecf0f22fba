"""gettext catalogues: messages without translation, or with a fuzzy one."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from jumok.cli.documents.slots import Slot

_TOKEN: Final = re.compile(
    r"""
    ^[ \t]*+(?:
        \#,(?P<flags>[^\n]*)
        |(?P<obsolete>\#~)
        |(?P<keyword>msgid_plural|msgid|msgstr)(?:\[(?P<form>\d+)\])?[ \t]*+
         (?P<strings>"(?:[^"\\\n]|\\.)*+"(?:\s*+"(?:[^"\\\n]|\\.)*+")*+)
    )
    """,
    re.VERBOSE | re.MULTILINE,
)
_STRING: Final = re.compile(r'"((?:[^"\\\n]|\\.)*+)"')
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPES: Final = str.maketrans(
    {text: f"\\{name}" for name, text in _ESCAPED.items()} | {"\\": "\\\\", '"': '\\"'}
)


def find_slots(text: str) -> Iterator[Slot]:
    """Yield the empty and fuzzy translations; the header, without `msgid`, stays."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    write = partial(_quoted, line_end=line_end)
    source = plural = ""
    announced = fuzzy = False
    for token in _TOKEN.finditer(text):
        if token["flags"] is not None:
            announced |= "fuzzy" in token["flags"]
        elif token["obsolete"]:
            announced = False
        elif token["keyword"] == "msgid":
            source = plural = _unquoted(token["strings"])
            fuzzy, announced = announced, False
        elif token["keyword"] == "msgid_plural":
            plural = _unquoted(token["strings"])
        elif source and (fuzzy or not _unquoted(token["strings"])):
            message = plural if int(token["form"] or 0) else source
            yield Slot(*token.span("strings"), message, write=write, holds_text=False)


def _unquoted(strings: str) -> str:
    return _ESCAPE.sub(_character, "".join(_STRING.findall(strings)))


def _character(escape: re.Match[str]) -> str:
    hexadecimal, octal, name = escape.groups()
    if name is not None:
        return _ESCAPED.get(name, name)
    return chr(int(hexadecimal or octal, 16 if hexadecimal else 8))


def _quoted(text: str, *, line_end: str) -> str:
    """Write a text as gettext does: several lines as several strings, after an empty one."""
    lines = text.splitlines(keepends=True) if "\n" in text.rstrip("\n") else [text]
    strings = [f'"{line.translate(_ESCAPES)}"' for line in lines]
    return line_end.join(strings if len(strings) == 1 else ['""', *strings])
