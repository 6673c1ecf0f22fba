"""Text as bytes: its encoding, and the byte order mark before it."""

import codecs
import re
from dataclasses import dataclass
from typing import Final

from jumok.cli.documents.errors import DocumentError

_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_DECLARED: Final = re.compile(
    rb"""<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)|<meta\s[^>]*?\bcharset\s*=\s*["']?([\w.:-]+)""",
    re.IGNORECASE,
)
_SEARCHED: Final = 1024
"""Bytes in which a declaration must be, as in HTML."""


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A text, and how it was encoded.

    Attributes:
        text: the text, without byte order mark.
        encoding: name of a codec.
        mark: the byte order mark, if there was one.
        markup: whether characters that the encoding lacks can be written as references.
    """

    text: str
    encoding: str
    mark: bytes = b""
    markup: bool = False

    @classmethod
    def decoded(cls, data: bytes, *, markup: bool = False) -> "EncodedText":
        """Decode UTF-8, UTF-16 with byte order mark, or what XML or HTML declares.

        Raises:
            DocumentError: it is another encoding.
        """
        mark = next(filter(data.startswith, _MARKS), b"")
        encoding = _MARKS[mark] if mark else "utf-8"
        if markup and not mark and (found := _DECLARED.search(data[:_SEARCHED])):
            declared = (found[1] or found[2]).decode().lower()
            encoding = encoding if declared.startswith("utf") else declared
        body = data[len(mark) :]
        try:
            text = body.decode(encoding)
            is_kept = text.encode(encoding) == body
        except UnicodeDecodeError as error:
            place = error.start + len(mark) + 1
            raise DocumentError(
                f"byte {place} is not {encoding}: convert the document to UTF-8, as with iconv"
            ) from None
        except (LookupError, UnicodeError):
            is_kept = False
        if not is_kept:
            raise DocumentError(
                f"the encoding {encoding} is not supported: convert the document to UTF-8"
            )
        return cls(text, encoding, mark, markup)

    def encoded(self, text: str) -> bytes:
        """Encode a text in the same way.

        Raises:
            DocumentError: the encoding lacks a character of it.
        """
        try:
            return self.mark + text.encode(
                self.encoding, "xmlcharrefreplace" if self.markup else "strict"
            )
        except UnicodeEncodeError as error:
            code = f"U+{ord(text[error.start]):04X}"
            raise DocumentError(
                f"{self.encoding} cannot encode {code}, which is in a translation: convert the "
                "document to UTF-8"
            ) from None
