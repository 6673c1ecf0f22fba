"""Messages for validation errors."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from jumok.bundle.validation import describe, one_line


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    steps: int = Field(ge=1, le=9)
    rate: float = Field(1.0, gt=0, allow_inf_nan=False)
    kind: Literal["a", "b"] = "a"
    name: Annotated[str, Field(pattern="^[a-z]+$")] = "x"
    flag: bool = False

    @field_validator("name")
    @classmethod
    def _not_no(cls, name: str) -> str:
        if name == "no":
            raise ValueError("no is no name")
        return name


class Outer(BaseModel):
    inner: Inner
    many: list[Inner] = Field([], max_length=2)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"steps": 0}, "inner.steps must be at least 1, not 0"),
        ({"steps": 10}, "inner.steps must be at most 9, not 10"),
        ({"steps": "many"}, "inner.steps must be a whole number, not 'many'"),
        ({"steps": 1.5}, "inner.steps must be a whole number, not 1.5"),
        ({}, "inner.steps is missing"),
        ({"steps": 1, "step": 2}, "inner.step is not a known key"),
        ({"steps": 1, "rate": 0}, "inner.rate must be above 0.0, not 0"),
        ({"steps": 1, "rate": "fast"}, "inner.rate must be a number, not 'fast'"),
        ({"steps": 1, "kind": "c"}, "inner.kind must be one of 'a' or 'b', not 'c'"),
        ({"steps": 1, "flag": "perhaps"}, "inner.flag must be true or false, not 'perhaps'"),
        ({"steps": 1, "name": "X"}, "inner.name must match ^[a-z]+$, not 'X'"),
        ({"steps": 1, "name": "no"}, "inner.name: no is no name"),
        ({"step": 1}, "inner.steps is missing; inner.step is not a known key"),
    ],
)
def test_describe(values: dict[str, Any], sentence: str) -> None:
    """Each message names the key, what it must be, and what was found."""
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"inner": values})
    assert describe(caught.value) == sentence


def test_names_of_the_caller() -> None:
    """Keys can be mapped to the names that the user knows."""
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"inner": {"steps": 1}, "many": [{"steps": 1}, {"steps": 0}]})
    assert describe(caught.value, str.upper) == "MANY.1.STEPS must be at least 1, not 0"


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        ("two\nlines", "two lines"),
        ("colour \x1b[31m", "colour ?[31m"),
        ("half of a character: \ud800", "half of a character: ?"),
        ("x" * 601, "x" * 600 + "…"),
    ],
)
def test_one_line(problem: str, line: str) -> None:
    """What a library says is shown in one printable line of limited length."""
    assert one_line(ValueError(problem)) == line
