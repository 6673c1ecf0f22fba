"""Python client of the jumok translation service.

    from jumok.client import Client

    with Client("localhost:50051") as client:
        for event in client.translate("나는 학생입니다"):
            ...
        print(client.translate_text("나는 학생입니다").text)

`translate_batch` takes many texts, `align` a text with its translation, `explain` shows how a token
was chosen, `DecodingOptions` says how to search. `AsyncClient` has the same methods for
`async with` and `async for`. `tls_credentials` is for servers that use TLS. The errors are in
`jumok.client.errors`, the results in `jumok.client.events`, `jumok.client.translation`,
`jumok.client.aligned` and `jumok.client.explained`.
"""

from jumok.client.aligned import Aligned
from jumok.client.async_client import AsyncClient
from jumok.client.credentials import tls_credentials
from jumok.client.decoding import BeamSearch, DecodingOptions, Sampling
from jumok.client.errors import ClientError
from jumok.client.explained import Explained
from jumok.client.sync_client import Client
from jumok.client.translation import Translation

__all__ = [
    "Aligned",
    "AsyncClient",
    "BeamSearch",
    "Client",
    "ClientError",
    "DecodingOptions",
    "Explained",
    "Sampling",
    "Translation",
    "tls_credentials",
]
