"""Fixtures of the client's tests, used by those of the command too."""

from tests.client.conftest import client, jumok, server, translation

__all__ = ["client", "jumok", "server", "translation"]
