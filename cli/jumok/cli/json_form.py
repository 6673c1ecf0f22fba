"""Responses of the service as dicts, lists and scalars for `json.dumps`."""

import dataclasses
import struct
from enum import StrEnum
from typing import Any

from jumok.client.aligned import Aligned
from jumok.client.events import Event, Model, Timings


def to_json(value: Event | Aligned | Model) -> dict[str, Any]:
    """The value as JSON, names as on the wire.

    All but a model is wrapped in its name: `{"source": …}`, `{"tokens": …}`, `{"result": …}`,
    `{"aligned": …}`. What is unset is None. Numbers that are float32 on the wire get the shortest
    digits that say them: 0.96, not 0.9599999785423279.
    """
    plain: dict[str, Any] = _plain(value)
    return plain if isinstance(value, Model) else {type(value).__name__.lower(): plain}


def _plain(value: Any) -> Any:
    match value:
        case Timings():
            return dataclasses.asdict(value)
        case tuple():
            return [_plain(item) for item in value]
        case float():
            return _shortest(value)
        case StrEnum():
            return value.value
        case _ if dataclasses.is_dataclass(value):
            fields = dataclasses.fields(value)
            return {field.name: _plain(getattr(value, field.name)) for field in fields}
        case _:
            return value


def _shortest(value: float) -> float:
    """The double with the fewest digits that is `value` as a float32."""
    for digits in range(6, 9):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", value):
            return short
    return value
