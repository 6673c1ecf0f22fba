"""`jumok health`."""

import subprocess
import sys
from typing import Any

from grpc_health.v1 import health_pb2


def test_serving(jumok: Any, server: Any) -> None:
    """A serving server is reported as SERVING, with exit status 0."""
    ended = jumok("health")

    assert (ended.status, ended.out) == (0, "SERVING\n")


def test_not_serving(jumok: Any, server: Any) -> None:
    """A server that does not serve is reported as NOT_SERVING, with exit status 1."""
    server.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    ended = jumok("health")

    assert (ended.status, ended.out) == (1, "NOT_SERVING\n")


def test_service(jumok: Any, server: Any) -> None:
    """A service can be named; an unknown one is SERVICE_UNKNOWN, with exit status 1."""
    known = jumok("health", "--service", "jumok.v1.TranslationService")
    unknown = jumok("health", "--service", "other")

    assert (known.status, known.out) == (1, "NOT_SERVING\n")
    assert (unknown.status, unknown.out) == (1, "SERVICE_UNKNOWN\n")


def test_no_server(jumok: Any) -> None:
    """Without a server the command names the address in one line."""
    ended = jumok("health", "--address", "localhost:1")

    assert (ended.status, ended.out) == (1, "")
    assert ended.err == (
        "jumok health: no server answers at localhost:1: is `jumok serve` running there?\n"
    )


def test_imports_are_light(server: Any) -> None:
    """The probe imports neither matplotlib nor numpy."""
    code = (
        "import sys\nfrom jumok.cli.command import main\n"
        "try: main(['health'])\n"
        "except SystemExit: print(*sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )
    serving, *modules = ended.stdout.split()

    assert serving == "SERVING"
    assert not {"matplotlib", "numpy", "PIL", "jumok.cli.translate_command"} & set(modules)
