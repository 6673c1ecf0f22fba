"""docker-compose.yml as text: every setting can be set, and resources are limited."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from jumok.service.config import ServiceConfig

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"


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
    for name in ("service", "service-gpu", "trainer"):
        assert services[name]["mem_limit"]
        assert services[name]["pids_limit"]
        assert services[name]["image"].startswith("${JUMOK_IMAGE:-jumok}")
        assert "${JUMOK_VERSION:-dev}" in services[name]["image"]
        assert set(services[name]["build"]["args"]) >= {"VERSION", "REVISION"}
