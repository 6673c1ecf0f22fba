"""docker-compose.yml as text: every setting can be set, and resources are limited."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from jumok.service.config import ServiceConfig

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
COMMAND = ROOT / "gateway/jumok/gateway/command.py"


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return found


@pytest.mark.parametrize("name", ["service", "service-gpu"])
def test_every_setting_is_passed_on(services: dict[str, Any], name: str) -> None:
    """All settings reach the container, except addresses: ports are published instead."""
    fields = {field for field in ServiceConfig.model_fields if not field.endswith("listen")}
    passed = set(services[name]["environment"])
    assert {f"JUMOK_{field.upper()}" for field in fields} <= passed
    assert "JUMOK_LISTEN" not in passed


def test_containers_are_limited_and_named(services: dict[str, Any]) -> None:
    """Each container of ours has limits on memory and processes, and an image with a version."""
    for name in ("service", "service-gpu", "trainer", "web"):
        assert services[name]["mem_limit"]
        assert services[name]["pids_limit"]
        assert services[name]["image"].startswith("${JUMOK_IMAGE:-jumok}")
        assert "${JUMOK_VERSION:-dev}" in services[name]["image"]
        assert set(services[name]["build"]["args"]) >= {"VERSION", "REVISION"}


def test_every_setting_of_the_gateway_is_passed_on(services: dict[str, Any]) -> None:
    """All settings of `jumok web` reach its container, except a key that all would share."""
    settings = set(re.findall(r'envvar="(\w+)"', COMMAND.read_text("utf-8")))
    assert len(settings) > 10
    assert settings - set(services["web"]["environment"]) == {"JUMOK_KEY"}


def test_the_gateway_is_published_on_loopback(services: dict[str, Any]) -> None:
    """Other machines reach the gateway only if a variable of its own says so."""
    assert services["web"]["ports"] == [
        "${JUMOK_WEB_PUBLISH:-127.0.0.1}:${JUMOK_WEB_PORT:-8080}:8080"
    ]
