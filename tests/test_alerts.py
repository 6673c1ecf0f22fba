"""Prometheus's own tools read our metrics and rules; dashboard and documents agree with them."""

import json
import re
import shutil
import subprocess
import time
import urllib.parse
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import ProcessCollector
from prometheus_client.metrics_core import Metric

from jumok.service.metrics import LaneRows
from jumok.service.metrics_server import MetricsServer
from jumok.service.prometheus_metrics import PrometheusMetrics
from tests.service.scrape import get

ROOT = Path(__file__).parent.parent
MONITORING = ROOT / "deploy" / "monitoring"
OPERATIONS = ROOT / "docs" / "operations.md"
NAMES = re.compile(r"\b(?:jumok|process)_[a-z_]+")
SUFFIXES = re.compile(r"_(?:bucket|count|sum|total)$")
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \|", re.MULTILINE)


class Scheduler:
    waiting = 3
    lane_rows = (LaneRows("a", 4, 32, 8),)


@pytest.fixture
def metrics() -> PrometheusMetrics:
    metrics = PrometheusMetrics()
    metrics.watch_scheduler(Scheduler())
    metrics.watch_dropped(lambda: 0)
    metrics.watch_reloads(lambda: (0, 0))
    metrics.watch_serving(lambda: True)
    return metrics


def families(metrics: PrometheusMetrics) -> list[Metric]:
    return [each for each in metrics.registry.collect() if each.name.startswith("jumok")]


def known(metrics: PrometheusMetrics) -> Set[str]:
    process = {family.name for family in ProcessCollector(registry=None).collect()}
    return {family.name for family in families(metrics)} | process


def used(text: str) -> Set[str]:
    return {SUFFIXES.sub("", name) for name in NAMES.findall(text)}


def alerts() -> list[Any]:
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text("utf-8"))
    return [rule for group in rules["groups"] for rule in group["rules"]]


def tool(name: str) -> str:
    if (path := shutil.which(name)) is None:
        pytest.skip(f"there is no {name}: apt-get install prometheus")
    return path


def test_the_table_of_metrics_is_complete(metrics: PrometheusMetrics) -> None:
    """docs/operations.md lists each metric with its type and labels, and no other."""
    documented = {
        name: (kind, set(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in ROW.findall(OPERATIONS.read_text("utf-8"))
        if name.startswith("jumok_")
    }
    found = {}
    for family in families(metrics):
        name = family.name + ("_total" if family.type == "counter" else "")
        found[name] = (family.type, _labels(metrics, family))
    assert documented == found


def _labels(metrics: PrometheusMetrics, family: Metric) -> set[str]:
    """Return the labels of a metric, which may have no samples yet."""
    collector: Any = metrics.registry._names_to_collectors.get(family.name)
    names = getattr(collector, "_labelnames", None)
    return set(family.samples[0].labels if names is None else names)


def test_names_follow_the_conventions(metrics: PrometheusMetrics) -> None:
    """Durations are in seconds, sizes in bytes."""
    for family in families(metrics):
        assert not re.search(r"_(ms|milliseconds|kb|mb)\b", family.name)
        assert (family.type == "histogram") == family.name.endswith("_seconds")


@pytest.mark.parametrize("file", ["alerts.yml", "grafana/dashboards/jumok.json"])
def test_rules_and_dashboard_use_metrics_that_exist(metrics: PrometheusMetrics, file: str) -> None:
    """A metric that is renamed is also renamed where it is used."""
    text = (MONITORING / file).read_text("utf-8")
    assert used(text)
    assert used(text) <= known(metrics)


def test_the_dashboard_shows_all_metrics(metrics: PrometheusMetrics) -> None:
    """Each metric of ours has a panel, and panels have names of their own."""
    text = (MONITORING / "grafana" / "dashboards" / "jumok.json").read_text("utf-8")
    assert {family.name for family in families(metrics)} <= used(text)
    titles = [panel["title"] for panel in json.loads(text)["panels"]]
    assert len(titles) == len(set(titles))


def test_each_alert_has_a_runbook() -> None:
    """Each names a section of docs/operations.md that exists, and each section has an alert."""
    headings = re.findall(r"^### (Jumok\w+)$", OPERATIONS.read_text("utf-8"), re.MULTILINE)
    assert headings == [alert["alert"] for alert in alerts()]
    for alert in alerts():
        anchor = alert["alert"].lower()
        assert alert["annotations"]["runbook"] == f"docs/operations.md#{anchor}"


def test_each_alert_is_tested() -> None:
    """The tests of promtool expect each alert to fire."""
    text = (MONITORING / "alerts_test.yml").read_text("utf-8")
    assert set(re.findall(r'alertname="(\w+)"', text)) == {alert["alert"] for alert in alerts()}


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_accepts_the_rules(arguments: tuple[str, ...]) -> None:
    """Configuration and rules are valid; alerts fire when they should, and only then."""
    command = [tool("promtool"), *arguments]
    done = subprocess.run(command, cwd=MONITORING, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def server(metrics: PrometheusMetrics) -> Iterator[MetricsServer]:
    server = MetricsServer("localhost:0", metrics.registry, lambda: True, lambda: True)
    server.start()
    yield server
    server.stop()


def test_promtool_finds_no_fault_with_the_metrics(
    metrics: PrometheusMetrics, server: MetricsServer
) -> None:
    """Names, help texts and units satisfy Prometheus's lint."""
    metrics.stepped("a", 0.1)
    _, text = get(server.port, "/metrics")
    ours = "".join(f"{line}\n" for line in text.splitlines() if "process_" not in line)
    command = [tool("promtool"), "check", "metrics"]
    done = subprocess.run(command, input=ours, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_collects_the_metrics(
    metrics: PrometheusMetrics, server: MetricsServer, tmp_path: Path
) -> None:
    """A Prometheus that scrapes the service answers a query about a step of its engine."""
    command = tool("prometheus")
    metrics.stepped("a", 0.1)
    target = json.dumps(f"localhost:{server.port}")
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(
        "global: {scrape_interval: 1s}\n"
        "scrape_configs:\n"
        f"  - {{job_name: jumok, static_configs: [{{targets: [{target}]}}]}}\n"
    )
    log = (tmp_path / "log").open("w+")
    process = subprocess.Popen(
        [
            command,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            "--web.listen-address=localhost:0",
        ],
        stderr=log,
    )
    try:
        port = 0
        result: list[Any] = []
        query = urllib.parse.quote('jumok_step_seconds_count{job="jumok"}')
        deadline = time.monotonic() + 120
        while not result:
            assert process.poll() is None
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.2)
            written = (tmp_path / "log").read_text()
            if found := re.search(r'msg="Listening on" address=\S*?:(\d+)', written):
                port = int(found[1])
                status, text = get(port, f"/api/v1/query?query={query}")
                result = json.loads(text)["data"]["result"] if status == 200 else []
    finally:
        process.terminate()
        process.wait(60)
        log.close()
    assert result[0]["metric"]["model"] == "a"
    assert result[0]["value"][1] == "1"
