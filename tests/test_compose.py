"""The images and docker-compose.yml on a real Docker engine: build, serve, train, stop."""

import ast
import json
import math
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from jumok.bundle.folder import load_bundle
from jumok.client import Client
from jumok.client.events import Result, Source, Tokens
from jumok.training.configuration import DEFAULT_CONFIGURATION, load_configuration

pytestmark = [pytest.mark.compose, pytest.mark.timeout(2400)]

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "ko-en"
STEPS = 60
VERSION = "1.2.3"
TRAINED = "trained/embedded.ko-en"
NOT_ROOT_AND_READ_ONLY = """
import errno, os, pathlib
assert os.getuid() == os.getgid() == 10001
for folder in ("/", "/opt/jumok", "/models", "/bundles"):
    try:
        pathlib.Path(folder, "new").touch()
    except OSError as error:
        assert error.errno == errno.EROFS, error
    else:
        raise AssertionError(f"{folder} can be written to")
pathlib.Path("/tmp/new").touch()
"""
IMPORT = """
import importlib, sys
importlib.import_module(sys.argv[1])
"""


@dataclass(frozen=True)
class Stack:
    """The stack of docker-compose.yml, under its own name and on its own port."""

    project: str
    port: int
    environment: dict[str, str]

    @property
    def address(self) -> str:
        return f"localhost:{self.port}"

    def compose(self, *arguments: str) -> str:
        return run("docker", "compose", "-p", self.project, *arguments, **self.environment)

    def up(self) -> None:
        self.compose("up", "--detach", "--wait")

    def train_and_up(self) -> None:
        self.compose("--profile", "train", "up", "--detach", "--wait")

    def down(self) -> None:
        self.compose("--profile", "train", "down", "--volumes", "--rmi", "all")

    def inspect(self, service: str) -> Any:
        listed = self.compose("--profile", "train", "ps", "--all", "--quiet", service)
        container = listed.strip()
        return json.loads(run("docker", "inspect", container))[0]

    def python(self, service: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        container = self.inspect(service)["Id"]
        command = ["docker", "exec", container, "python", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def run(*command: str, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def wheels() -> dict[str, str]:
    """Let the trainer image install torch from the first find-links folder of pip that has it."""
    if "JUMOK_WHEELS" in os.environ:
        return {}
    for line in run(sys.executable, "-m", "pip", "config", "list").splitlines():
        key, _, value = line.partition("=")
        if key.endswith(".find-links"):
            for place in ast.literal_eval(value).split():
                folder = Path(place.removeprefix("file://"))
                if next(folder.glob("torch-*.whl"), None):
                    return {"JUMOK_WHEELS": str(folder)}
    return {}


def check_rights(container: Any) -> None:
    """Check for a read-only root, an ordinary user, and no capabilities."""
    assert container["Config"]["User"] == "10001:10001"
    assert container["HostConfig"]["ReadonlyRootfs"]
    assert container["HostConfig"]["CapDrop"] == ["ALL"]
    assert container["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    if shutil.which("docker") is None:
        pytest.skip("there is no docker command")
    info = subprocess.run(["docker", "info"], capture_output=True, timeout=60, check=False)
    if info.returncode:
        pytest.skip("no Docker engine answers `docker info`")
    with socket.socket() as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    project = f"jumok-test-{port}"
    labels = {"JUMOK_IMAGE": project, "JUMOK_VERSION": VERSION, "JUMOK_REVISION": "abc"}
    stack = Stack(project, port, {"JUMOK_PORT": str(port), "JUMOK_WEB_PORT": "0", **labels})
    try:
        stack.compose("build")
        stack.up()
        yield stack
    finally:
        stack.down()


def test_up_serves_the_model_that_comes_with_jumok(stack: Stack) -> None:
    """`docker compose up` serves the bundle in models/ko-en, and is healthy."""
    health = [sys.executable, "-m", "jumok.cli", "health", "--address", stack.address]
    with Client(stack.address) as client:
        model = client.get_model()

    assert model.fingerprint == load_bundle(MODEL).fingerprint
    assert stack.inspect("service")["State"]["Health"]["Status"] == "healthy"
    assert run(*health).strip() == "SERVING"


def test_translation_through_the_published_port(stack: Stack) -> None:
    """A client outside gets the source, tokens with their attention, and the result."""
    with Client(stack.address) as client:
        events = list(client.translate("나는 학생입니다"))

    source, *between, result = events
    assert isinstance(source, Source)
    assert isinstance(result, Result)
    tokens = [token for event in between if isinstance(event, Tokens) for token in event.tokens]
    assert tokens
    for token in tokens:
        assert len(token.attention) == len(source.tokens)
        assert math.isclose(sum(token.attention), 1, abs_tol=1e-4)
    assert "".join(token.text for token in tokens) == result.hypotheses[0].text


def test_service_has_minimal_rights(stack: Stack) -> None:
    """The container has a read-only root, an ordinary user, and no capabilities."""
    check_rights(stack.inspect("service"))


def test_page_through_the_published_port(stack: Stack) -> None:
    """The gateway shows the page and translates, with as few rights, on loopback only."""
    published = stack.compose("port", "web", "8080").strip()
    assert published.startswith("127.0.0.1:")
    request = urllib.request.Request(
        f"http://{published}/v1/translate",
        json.dumps({"text": "나는 학생입니다"}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(f"http://{published}/") as page:
        assert "<html" in page.read().decode()
    with urllib.request.urlopen(request) as response:
        assert json.load(response)["result"]["model"] == "ko-en"
    check_rights(stack.inspect("web"))
    assert stack.inspect("web")["State"]["Health"]["Status"] == "healthy"


def test_image_has_labels(stack: Stack) -> None:
    """The image is named and labelled with the version and the revision it was built from."""
    config = stack.inspect("service")["Config"]

    assert config["Image"] == f"{stack.project}:{VERSION}"
    assert config["Labels"]["org.opencontainers.image.version"] == VERSION
    assert config["Labels"]["org.opencontainers.image.revision"] == "abc"


def test_resources_are_limited(stack: Stack) -> None:
    """The container can use neither all memory nor all process ids of the host."""
    limits = stack.inspect("service")["HostConfig"]

    assert limits["Memory"] == 2 * 2**30
    assert limits["PidsLimit"] == 512


def test_service_is_soon_healthy(stack: Stack) -> None:
    """Until the first success, the health check runs twice a second, not every ten seconds."""
    check = stack.inspect("service")["Config"]["Healthcheck"]

    assert check["StartInterval"] == 500_000_000


def test_service_cannot_write(stack: Stack) -> None:
    """The service is not root and can write neither to its file system nor to bundles."""
    done = stack.python("service", "-c", NOT_ROOT_AND_READ_ONLY)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["torch", "onnx", "matplotlib", "pip"])
def test_service_image_has_no_unneeded_packages(stack: Stack, module: str) -> None:
    """The image has no packages for training, pictures or installation."""
    done = stack.python("service", "-c", IMPORT, module)

    assert f"ModuleNotFoundError: No module named '{module}'" in done.stderr


def test_telemetry_is_off(stack: Stack) -> None:
    """ONNX Runtime's telemetry, which is on by default, is off."""
    assert "ORT_DISABLE_TELEMETRY=1" in stack.inspect("service")["Config"]["Env"]
    assert "telemetry" not in stack.compose("logs").lower()


def test_gpu_profile_asks_for_a_gpu(stack: Stack) -> None:
    """The gpu profile adds a service that reserves a GPU, requires CUDA, and has its own port."""
    config = stack.compose("--profile", "gpu", "config", "--format", "json")
    services = json.loads(config)["services"]
    gpu = services["service-gpu"]

    assert gpu["deploy"]["resources"]["reservations"]["devices"][0]["driver"] == "nvidia"
    assert gpu["environment"]["JUMOK_PROVIDER"] == "cuda"
    assert gpu["ports"][0]["published"] != services["service"]["ports"][0]["published"]


def test_serves_a_bundle_of_your_own(stack: Stack) -> None:
    """JUMOK_BUNDLE selects a bundle under bundles/, as outside containers."""
    with tempfile.TemporaryDirectory(prefix=".test-", dir=ROOT / "bundles") as folder:
        Path(folder).chmod(0o755)
        bundle = shutil.copytree(MODEL, Path(folder, "mine"))
        manifest = json.loads((bundle / "manifest.json").read_bytes()) | {"name": "mine"}
        (bundle / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        named = {"JUMOK_BUNDLE": str(bundle.relative_to(ROOT))}
        replace(stack, environment=stack.environment | named).up()
        with Client(stack.address) as client:
            name = client.get_model().name
    stack.up()

    assert name == "mine"


def test_sigterm_drains(stack: Stack) -> None:
    """A stopped service exits cleanly and can be started again."""
    stack.compose("stop", "service")
    stopped = stack.inspect("service")["State"]
    stack.up()

    assert stopped["Status"] == "exited"
    assert stopped["ExitCode"] == 0
    assert '"event": "stopped"' in stack.compose("logs", "service")


@pytest.fixture(scope="module")
def trained(stack: Stack) -> Stack:
    """The stack with the train profile, without an earlier training."""
    named = {"JUMOK_BUNDLE": TRAINED, "JUMOK_STEPS": str(STEPS)}
    trained = replace(stack, environment=stack.environment | named | wheels())
    trained.train_and_up()
    return trained


def test_trains_and_serves(trained: Stack) -> None:
    """The train profile trains on the embedded corpus, and the service then serves that model."""
    with Client(trained.address) as client:
        model = client.get_model()

    assert f"step {STEPS} of {STEPS} (" in trained.compose("--profile", "train", "logs", "trainer")
    assert trained.inspect("trainer")["State"]["ExitCode"] == 0
    assert model.name == load_configuration(DEFAULT_CONFIGURATION).name
    assert model.fingerprint != load_bundle(MODEL).fingerprint


def test_trainer_has_minimal_rights(trained: Stack) -> None:
    """The trainer runs as an ordinary user and writes only to its volumes."""
    check_rights(trained.inspect("trainer"))


def test_trains_once(trained: Stack) -> None:
    """An existing bundle is served without training."""
    with Client(trained.address) as client:
        fingerprint = client.get_model().fingerprint
    trained.compose("stop")
    trained.train_and_up()
    with Client(trained.address) as client:
        again = client.get_model().fingerprint
    logs = trained.compose("--profile", "train", "logs", "trainer")

    assert again == fingerprint
    assert logs.count(f"step {STEPS} of {STEPS} (") == 1
    assert logs.count("nothing to do") == 1
