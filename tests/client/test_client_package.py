"""The public names of the package."""

import pickle

import pytest

from jumok import client
from jumok.client.async_client import AsyncClient
from jumok.client.errors import InvalidRequest, Overloaded
from jumok.client.sync_client import Client


def test_public_names() -> None:
    """The two clients can be imported from the package; other names cannot."""
    assert client.Client is Client
    assert client.AsyncClient is AsyncClient
    with pytest.raises(AttributeError, match="no attribute 'Server'"):
        client.Server  # type: ignore[attr-defined]  # noqa: B018


def test_errors_can_be_pickled() -> None:
    """Errors keep their attributes when pickled."""
    refused = pickle.loads(pickle.dumps(InvalidRequest("text: no", field="text", description="no")))
    overloaded = pickle.loads(pickle.dumps(Overloaded("full", retry_after=0.5)))

    assert (str(refused), refused.field, refused.description) == ("text: no", "text", "no")
    assert overloaded.retry_after == 0.5
