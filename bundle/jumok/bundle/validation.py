"""Messages for pydantic validation errors, in plain words."""

from collections.abc import Callable
from typing import Any, Final

from pydantic import ValidationError

_PREDICATES: Final[dict[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text",
    "path_type": "must be a path",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "string_pattern_mismatch": "must match {pattern}",
    "literal_error": "must be one of {expected}",
    "enum": "must be one of {expected}",
}

_MOST_SHOWN: Final = 600  # characters


def one_line(problem: object) -> str:
    """Describe a problem, such as an error of a library, in one printable line."""
    text = " ".join(str(problem).split())
    shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
    return "".join(char if char.isprintable() else "?" for char in shown)


def describe(error: ValidationError, name: Callable[[str], str] = str) -> str:
    """Describe all problems in one line, such as `steps must be at least 1, not 0`.

    `name` maps a key, with dots for nesting, to the name that the user knows.
    """
    problems = error.errors(include_url=False)
    return "; ".join(_sentence(name(".".join(map(str, each["loc"]))), each) for each in problems)


def _sentence(key: str, problem: Any) -> str:
    kind, value = problem["type"], problem["input"]
    if kind not in _PREDICATES:  # from a validator of ours; pydantic prepends "Value error, "
        said = str(problem["msg"]).removeprefix("Value error, ")
        return f"{key}: {said}" if key else said
    sentence = f"{key} {_PREDICATES[kind].format(**problem.get('ctx', {}))}"
    if kind in ("missing", "extra_forbidden") or not isinstance(value, str | int | float):
        return sentence
    return f"{sentence}, not {value!r}"
