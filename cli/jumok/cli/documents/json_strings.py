"""JSON: the strings that are values, whatever is around them."""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.slots import Slot

_STRING: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"(?P<colon>\s*:)?', re.DOTALL)


def find_slots(text: str) -> Iterator[Slot]:
    """Yield the string values; names of members stay.

    Raises:
        DocumentError: it is not JSON.
    """
    try:
        json.loads(text, parse_int=str)  # int refuses long numbers
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"line {error.lineno}, column {error.colno} is not JSON ({error.msg}): correct it"
        ) from None
    except RecursionError:
        raise DocumentError("the JSON is nested too deeply: divide the document") from None
    # a document that spells other letters as \u does so with those of the translation
    write = partial(json.dumps, ensure_ascii=text.isascii() and "\\u" in text)
    for match in _STRING.finditer(text):
        if match["colon"] is None:
            yield Slot(*match.span(), json.loads(match[0]), write=write)
