"""`jumok health`."""

import subprocess
import sys
from typing import Any

from grpc_health.v1 import health_pb2


def test_serving(jumok: Any, server: Any) -> None:
    """A server that serves is SERVING and exit status 0."""
    ended = jumok("health")

    assert (ended.status, ended.out) == (0, "SERVING\n")


def test_not_serving(jumok: Any, server: Any) -> None:
    """A server that is there but does not serve is NOT_SERVING and exit status 1."""
    server.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    ended = jumok("health")

    assert (ended.status, ended.out) == (1, "NOT_SERVING\n")


def test_service(jumok: Any, server: Any) -> None:
    """One service can be asked for; one that is not there is SERVICE_UNKNOWN and status 1."""
    known = jumok("health", "--service", "jumok.v1.TranslationService")
    unknown = jumok("health", "--service", "other")

    assert (known.status, known.out) == (1, "NOT_SERVING\n")
    assert (unknown.status, unknown.out) == (1, "SERVICE_UNKNOWN\n")


def test_no_server(jumok: Any) -> None:
    """Without a server the command says in one line where it looked."""
    ended = jumok("health", "--address", "localhost:1")

    assert (ended.status, ended.out) == (1, "")
    assert ended.err == (
        "jumok health: no server answers at localhost:1: is `jumok serve` running there?\n"
    )


def test_starts_light(server: Any) -> None:
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
