"""What a scrape says, read by Prometheus' own parser."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi.testclient import TestClient
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families


class Scrape:
    """The metrics of one moment."""

    def __init__(self, text: str) -> None:
        families: Iterable[Metric] = text_string_to_metric_families(text)
        self.families = {family.name: family for family in families}
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        """One number; 0 where nothing was counted, as in Prometheus' own sums."""
        return self.samples.get((name, frozenset(labels.items())), 0.0)

    def labels(self, name: str, label: str) -> set[str]:
        """The values that a label has in one metric."""
        return {dict(own)[label] for found, own in self.samples if found == name}

    def requests(self, route: str, method: str = "GET", status: str = "2xx") -> float:
        """Requests of one kind."""
        return self.value("microscope_requests_total", route=route, method=method, status=status)


def scrape(client: TestClient) -> Scrape:
    """Asked of the application, as Prometheus would."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Scrape(answer.text)
