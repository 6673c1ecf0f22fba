from client.async_client import AsyncClient as AsyncClient
from client.errors import ClientError as ClientError
from client.sync_client import Client as Client
from client.translation import Translation as Translation

__all__ = ["AsyncClient", "Client", "ClientError", "Translation"]
