"""The certificates of TLS: checked at the start, and read again when they are renewed."""

import ssl
from collections.abc import Callable
from pathlib import Path

import grpc

from jumok.service.config import ServiceConfig
from jumok.service.errors import StartupError
from jumok.service.reloaded import Reloaded


def server_credentials(config: ServiceConfig) -> Callable[[], grpc.ServerCredentials] | None:
    """Return a function that makes credentials for TLS, or None if it is not configured.

    Renewed files are used for new connections; open ones keep theirs.

    Raises:
        StartupError: the settings or the files are wrong.
    """
    certificate, key, client_ca = config.tls_certificate, config.tls_key, config.tls_client_ca
    if certificate is None or key is None:
        if certificate or key or client_ca:
            raise StartupError(
                "TLS needs both a certificate and its key: set JUMOK_TLS_CERTIFICATE and "
                "JUMOK_TLS_KEY"
            )
        return None
    paths = [path for path in (certificate, key, client_ca) if path is not None]
    files = Reloaded("certificates", paths, lambda: _read(certificate, key, client_ca))

    def make() -> grpc.ServerCredentials:
        used = initial = files.value

        def renewed() -> grpc.ServerCertificateConfiguration | None:  # called for each handshake
            nonlocal used
            current = files.refresh()
            if current is used:
                return None
            used = current
            return current

        credentials: grpc.ServerCredentials = grpc.dynamic_ssl_server_credentials(
            initial,
            renewed,  # type: ignore[arg-type] # the stubs do not know that None means no change
            require_client_authentication=client_ca is not None,
        )
        return credentials

    return make


def _read(
    certificate: Path, key: Path, client_ca: Path | None
) -> grpc.ServerCertificateConfiguration:
    """Read and check the files, because gRPC would only fail every handshake."""
    contents = [
        _content(path, name)
        for path, name in ((certificate, "JUMOK_TLS_CERTIFICATE"), (key, "JUMOK_TLS_KEY"))
    ]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise StartupError(
            f"{certificate} and {key} must be a certificate and its private key, as PEM without a "
            "password (JUMOK_TLS_CERTIFICATE, JUMOK_TLS_KEY)"
        ) from error
    roots = None
    if client_ca is not None:
        roots = _content(client_ca, "JUMOK_TLS_CLIENT_CA")
        try:
            context.load_verify_locations(client_ca)
        except ssl.SSLError as error:
            raise StartupError(
                f"{client_ca} must contain certificates as PEM (JUMOK_TLS_CLIENT_CA)"
            ) from error
    configuration: grpc.ServerCertificateConfiguration = grpc.ssl_server_certificate_configuration(
        [(contents[1], contents[0])], roots
    )
    return configuration


def _no_password() -> str:
    """Refuse a key with a password, which OpenSSL would ask for on the terminal."""
    raise ValueError("the key has a password")


def _content(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StartupError(f"cannot read {path} ({setting}): {error.strerror}") from error
