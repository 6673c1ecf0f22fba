"""What a client proves itself with, and what it demands of a server: certificates and API keys."""

import ssl
from pathlib import Path

import grpc

from jumok.client.address import loopback
from jumok.client.errors import InvalidRequest


def tls_credentials(
    ca: str | Path | None = None,
    certificate: str | Path | None = None,
    key: str | Path | None = None,
) -> grpc.ChannelCredentials:
    """Read the credentials of a TLS connection.

    Args:
        ca: certificates to trust, PEM; None for the public authorities that gRPC knows.
        certificate: certificate of this client with its chain, PEM, if the server asks for one.
        key: its private key, PEM without a password.

    Raises:
        InvalidRequest: a file has something else, or only one of `certificate` and `key` is given.
        OSError: a file cannot be read.
    """
    if (certificate is None) != (key is None):
        raise InvalidRequest("a client's certificate and its key are needed together: give both")
    # read first, because the errors of `ssl` do not name the file
    files = [None if path is None else Path(path).read_bytes() for path in (ca, key, certificate)]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except ssl.SSLError as error:
            raise InvalidRequest(f"{ca} must contain certificates as PEM") from error
    if certificate is not None:
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except (ssl.SSLError, ValueError) as error:
            raise InvalidRequest(
                f"{certificate} and {key} must be a certificate and its private key, as PEM "
                "without a password"
            ) from error
    credentials: grpc.ChannelCredentials = grpc.ssl_channel_credentials(*files)
    return credentials


def key_metadata(
    key: str | None, target: str, *, encrypted: bool, plaintext_key: bool
) -> tuple[tuple[str, str], ...]:
    """Return the metadata that carries an API key; empty without one.

    Args:
        key: the API key.
        target: the server.
        encrypted: whether the connection uses TLS.
        plaintext_key: whether the key may be sent to another machine without TLS.

    Raises:
        InvalidRequest: it cannot or must not be sent.
    """
    if not key:
        return ()
    if not (key.isascii() and key.isprintable()):
        raise InvalidRequest("key: an API key has ASCII characters only", field="key")
    local = loopback(target) is not None or target.startswith("unix")
    if not (encrypted or local or plaintext_key):
        raise InvalidRequest(
            f"key: without TLS everyone on the way to {target} can read the API key: use TLS, or "
            "allow it (plaintext_key, JUMOK_PLAINTEXT_KEY)",
            field="key",
        )
    return (("authorization", f"Bearer {key}"),)


def _no_password() -> str:
    """Refuse a key with a password, which OpenSSL would ask for on the terminal."""
    raise ValueError("the key has a password")
