"""A scrape of `/metrics`, read by Prometheus' own parser."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi.testclient import TestClient
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families


class Scrape:
    """The samples of one response."""

    def __init__(self, text: str) -> None:
        families: Iterable[Metric] = text_string_to_metric_families(text)
        self.families = {family.name: family for family in families}
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        """One sample; 0 where there is none."""
        return self.samples.get((name, frozenset(labels.items())), 0.0)

    def labels(self, name: str, label: str) -> set[str]:
        """The values of a label in all samples of this name."""
        return {dict(labels)[label] for sample, labels in self.samples if sample == name}

    def requests(self, route: str, method: str = "GET", status: str = "2xx") -> float:
        """The number of requests of one kind."""
        return self.value("microscope_requests_total", route=route, method=method, status=status)


def scrape(client: TestClient) -> Scrape:
    """Scrape an application as Prometheus does."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Scrape(response.text)
