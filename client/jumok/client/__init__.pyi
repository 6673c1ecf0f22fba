from jumok.client.aligned import Aligned as Aligned
from jumok.client.async_client import AsyncClient as AsyncClient
from jumok.client.decoding import BeamSearch as BeamSearch
from jumok.client.decoding import Decoding as Decoding
from jumok.client.decoding import Sampling as Sampling
from jumok.client.errors import ClientError as ClientError
from jumok.client.sync_client import Client as Client
from jumok.client.translation import Translation as Translation

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
