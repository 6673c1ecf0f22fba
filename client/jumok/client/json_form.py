"""Responses of the service as dicts, lists and scalars for `json.dumps`."""

import dataclasses
import functools
import math
from enum import StrEnum
from typing import Any

from jumok.client.aligned import Aligned
from jumok.client.events import Event, Model, Timings
from jumok.client.explained import Explained

_SCALARS = {int, str, bool, type(None)}


def to_json(value: Event | Aligned | Explained | Model) -> dict[str, Any]:
    """The value as JSON, names as on the wire.

    All but a model is wrapped in its name: `{"source": …}`, `{"tokens": …}`, `{"result": …}`,
    `{"aligned": …}`, `{"explained": …}`. What is unset is None. Numbers that are float32 on the
    wire get the shortest digits that say them: 0.96, not 0.9599999785423279.
    """
    plain: dict[str, Any] = to_plain(value)
    return plain if isinstance(value, Model) else {type(value).__name__.lower(): plain}


def to_plain(value: Any) -> Any:
    """A dataclass of this package, or one that consists of them, as `to_json` without its name."""
    # `jumok web` does this for each token, and each of its weights
    kind: type = type(value)
    if kind in _SCALARS:
        return value
    if kind is float:
        return _shortest(value)
    if kind is tuple:
        return [to_plain(item) for item in value]
    if kind is Timings:
        return dataclasses.asdict(value)
    if names := _field_names(kind):
        return {name: to_plain(getattr(value, name)) for name in names}
    return value.value if isinstance(value, StrEnum) else value


@functools.cache
def _field_names(kind: type) -> tuple[str, ...]:
    """The names of the fields of a dataclass; empty for other types."""
    if not dataclasses.is_dataclass(kind):
        return ()
    return tuple(field.name for field in dataclasses.fields(kind))


def _shortest(value: float) -> float:
    """The double with the fewest digits that is `value` as a float32."""
    mantissa, exponent = math.frexp(value)
    # half the distance to the next float32; below a power of two they are closer together
    half = math.ldexp(0.25 if abs(mantissa) == 0.5 else 0.5, exponent - 24)
    short = float(f"{value:.7g}")
    if abs(short - value) < half:
        shorter = float(f"{value:.6g}")
        return shorter if abs(shorter - value) < half else short
    short = float(f"{value:.8g}")
    return short if abs(short - value) < half else float(f"{value:.9g}")
