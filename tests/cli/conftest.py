"""Fixtures shared with the tests of the client."""

from tests.client.conftest import client, jumok, server, translation

__all__ = ["client", "jumok", "server", "translation"]
