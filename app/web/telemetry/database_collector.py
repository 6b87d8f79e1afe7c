"""What the database tells Prometheus: whether it answers, its connections, and what runs.

What runs is read before a scrape (`Telemetry.scrape`), not in the middle of one: a database that is
gone must cost no more than its own lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from app.db.query_stats import connections
from app.db.run_request import ABANDONED
from app.db.views import RunView

# As `RunView.state_at` tells them.
STATES = ("running", "stale", "finished", "failed", "interrupted", ABANDONED)


class DatabaseCollector(Collector):
    """The database as it was last seen; `runs` is None where it did not answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.runs: Sequence[RunView] | None = None

    def collect(self) -> Iterator[Metric]:
        """One round of metrics, for the registry."""
        up = GaugeMetricFamily("microscope_database_up", "Whether the database answers, 1 or 0.")
        up.add_metric((), float(self.runs is not None))
        yield up
        yield from _pool(self._engine)
        yield from _runs(self.runs or (), datetime.now(UTC))


def _pool(engine: Engine) -> Iterator[Metric]:
    found = connections(engine)
    used = GaugeMetricFamily(
        "microscope_database_connections",
        "Open connections to the database, in_use or idle.",
        labels=("state",),
    )
    used.add_metric(("in_use",), found.in_use)
    used.add_metric(("idle",), found.idle)
    yield used
    yield GaugeMetricFamily(
        "microscope_database_connections_limit",
        "Connections there can be; who wants one more waits.",
        value=found.limit,
    )


def _runs(runs: Sequence[RunView], now: datetime) -> Iterator[Metric]:
    """Of each model the run that goes on, else the last."""
    state = _family("state", "1 for the state of a model's run, 0 for the others.", "state")
    done = _family("done", "How far the stage is that the run is in, or was last.", "stage")
    wanted = _family("wanted", "How far that stage goes.", "stage")
    started = _family("started_timestamp_seconds", "When the run began, in Unix time.")
    age = _family("heartbeat_age_seconds", "Since the last sign of life of a run that goes on.")
    skipped = _family("skipped_images", "Images that the run could not read.")
    for run in runs:
        own = run.state_at(now)
        for each in dict.fromkeys((*STATES, own)):
            state.add_metric((run.model, each), float(each == own))
        done.add_metric((run.model, run.stage), run.done)
        wanted.add_metric((run.model, run.stage), run.total)
        started.add_metric((run.model,), run.started.timestamp())
        skipped.add_metric((run.model,), len(run.skipped))
        if run.state == "running":
            age.add_metric((run.model,), run.silence(now))
    yield from (state, done, wanted, started, age, skipped)


def _family(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"microscope_run_{name}", text, labels=("model", *labels))
