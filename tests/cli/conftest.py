"""The canned server of the client's tests serves those of the command, too."""

from tests.client.conftest import client, jumok, server, translation

__all__ = ["client", "jumok", "server", "translation"]
