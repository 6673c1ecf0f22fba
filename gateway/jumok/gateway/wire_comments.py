"""The comments of the .proto, which describe messages, enums and their fields to people."""

import functools
import re
from importlib import resources
from typing import Final

_DECLARATION: Final = re.compile(r"(?:message|enum) (\w+) \{(\})?")
_MEMBER: Final = re.compile(r"(?:(?:optional|repeated) )?(?:[\w.]+ )?(\w+) = \d+;")


@functools.cache
def wire_comments() -> dict[str, str]:
    """Return the comment of each message and enum, by its name, and of their members.

    The name of a member is `Message.field` or `Enum.VALUE`.
    """
    proto = resources.files("jumok.v1").joinpath("translation.proto").read_text("utf-8")
    comments: dict[str, str] = {}
    owner = ""
    waiting: list[str] = []
    for line in map(str.strip, proto.splitlines()):
        if line.startswith("//"):
            waiting.append(line.removeprefix("//").strip())
            continue
        if declared := _DECLARATION.match(line):
            owner = declared[1]
            comments[owner] = " ".join(waiting)
        elif member := _MEMBER.match(line):
            comments[f"{owner}.{member[1]}"] = " ".join(waiting)
        waiting = []
    return comments
