"""Mutations: damaged bytes, and hypothesis strategies for damaged JSON."""

import json
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

_ODD_BYTES: Final = (
    b"\x00",
    b"\x01",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\xff\xff\xff\xff\x0f",
    b";" * 99,
)
_ODD_NUMBERS: Final = (
    -1,
    0,
    1,
    2**31 - 1,
    2**31,
    2**63,
    -(2**64),
    10**400,
    0.5,
    1e308,
    float("nan"),
)
_ODD_TEXTS: Final = ("", "..", "/etc/passwd", "\0", "\ud800", "\x1b[2J", "ﷺ" * 99, "x" * 5000)
_MOST_EDITS: Final = 4


def damaged_bytes(original: bytes, random: Random) -> bytes:
    """Flip, replace, insert, delete, repeat or cut bytes at a few places."""
    content = bytearray(original)
    for _ in range(random.choice((1, 1, 2, _MOST_EDITS))):
        place = random.randint(0, max(0, len(content) - 1))
        length = random.randint(1, 16)
        match random.randrange(8):
            case 0 if content:
                content[place] ^= 1 << random.randrange(8)
            case 1:
                content[place : place + 1] = random.randbytes(1)
            case 2:
                content[place:place] = random.randbytes(length)
            case 3:
                content[place : place + 1] = random.choice(_ODD_BYTES)
            case 4:
                del content[place : place + length]
            case 5:
                content[place:place] = content[place : place + length]
            case 6:
                other = random.randint(0, len(content))
                content[place : place + length] = content[other : other + length]
            case 7:
                del content[place:]
    return bytes(content)


def odd_json() -> st.SearchStrategy[Any]:
    """JSON values that a program may not expect."""
    scalars = st.sampled_from([None, True, *_ODD_NUMBERS, *_ODD_TEXTS]) | st.text(max_size=20)
    values = st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    )
    return values | st.integers(1, 3000).map(_nested)


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@st.composite
def damaged_json(draw: st.DrawFn, original: Any) -> bytes:
    """Replace, delete, add or rename values at a few places of a JSON object."""
    content = json.loads(json.dumps(original))
    for _ in range(draw(st.integers(1, _MOST_EDITS))):
        inner = draw(st.sampled_from(_containers(content)))
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        action = draw(st.sampled_from(["replace", "delete", "add", "rename"])) if keys else "add"
        key = draw(st.sampled_from(keys)) if keys else None
        match action:
            case "replace":
                inner[key] = draw(odd_json())
            case "delete":
                del inner[key]
            case "add" if isinstance(inner, dict):
                inner[draw(st.text(max_size=8) | st.sampled_from(_ODD_TEXTS))] = draw(odd_json())
            case "add":
                inner.append(draw(odd_json()))
            case "rename" if isinstance(inner, dict):
                inner[draw(st.text(max_size=8) | st.sampled_from(_ODD_TEXTS))] = inner.pop(key)
    try:
        return json.dumps(content).encode()
    except RecursionError:
        return b'{"a":' * 5000


def _containers(value: Any) -> list[Any]:
    """Return the object or array and all that are inside it, to a depth of 20."""
    found, level = [value], [value]
    for _ in range(20):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        found += level
    return found
