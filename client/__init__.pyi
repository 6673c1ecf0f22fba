from client.aligned import Aligned as Aligned
from client.async_client import AsyncClient as AsyncClient
from client.decoding import BeamSearch as BeamSearch
from client.decoding import Decoding as Decoding
from client.decoding import Sampling as Sampling
from client.errors import ClientError as ClientError
from client.sync_client import Client as Client
from client.translation import Translation as Translation

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
