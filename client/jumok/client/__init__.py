"""Python client of the jumok translation service, and the `jumok` command.

    from jumok.client import Client

    with Client("localhost:50051") as client:
        for event in client.translate("나는 학생입니다"):
            ...
        print(client.translate_text("나는 학생입니다").text)

`translate_batch` takes many texts, `align` a text with its translation, `Decoding` says how to
search. `AsyncClient` has the same methods for `async with` and `async for`. What they raise is in
`client.errors`, what they return in `client.events`, `client.translation` and `client.aligned`.

The names below are imported when first used: the `jumok` command lives in this package too, and it
must start without gRPC. `__init__.pyi` gives them their types.
"""

import importlib

_HOMES = {
    "Aligned": "jumok.client.aligned",
    "AsyncClient": "jumok.client.async_client",
    "BeamSearch": "jumok.client.decoding",
    "Client": "jumok.client.sync_client",
    "ClientError": "jumok.client.errors",
    "Decoding": "jumok.client.decoding",
    "Sampling": "jumok.client.decoding",
    "Translation": "jumok.client.translation",
}

__all__ = [
    "Aligned",
    "AsyncClient",
    "BeamSearch",
    "Client",
    "ClientError",
    "Decoding",
    "Sampling",
    "Translation",
]


def __getattr__(name: str) -> object:
    """Imports one of the public names, PEP 562."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
