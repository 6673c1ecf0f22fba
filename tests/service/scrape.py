"""The HTTP server for monitoring, as a client sees it."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


def get(port: int, path: str) -> tuple[int, str]:
    """Return the status and the body of a page."""
    try:
        with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


async def scraped(port: int) -> "Scrape":
    """Collect all metrics of a server that runs on this event loop."""
    _, text = await asyncio.to_thread(get, port, "/metrics")
    return Scrape(text)


class Scrape:
    """The metrics at one time.

    Attributes:
        text: as Prometheus reads them.
        samples: the same, parsed.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.samples = [
            sample for family in text_string_to_metric_families(text) for sample in family.samples
        ]

    def find(self, name: str, labels: Mapping[str, str]) -> Iterator[Sample]:
        for sample in self.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                yield sample

    def value(self, name: str, **labels: str) -> float:
        """Return the sum over the samples with this name and these labels."""
        return sum(sample.value for sample in self.find(name, labels))
