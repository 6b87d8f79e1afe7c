"""`microscope status`: models, layers, data sets and runs of a database, as tables or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine

from app.db.queries import catalog, counts, run_status
from app.db.views import DatasetView, LayerCount, LayerView, ModelView, RunView
from app.techniques import rank
from app.text import many

LATEST = 5  # runs that are printed


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model, and how many units of each layer have pictures and scans.

    A technique that pictures whole layers counts 1 for a layer.
    """

    model: ModelView
    layers: tuple[LayerView, ...]
    pictures: tuple[LayerCount, ...]
    scans: tuple[LayerCount, ...]
    others: tuple[LayerCount, ...]
    """Of further stages, by their names."""


@dataclass(frozen=True, slots=True)
class Status:
    """The contents of a database in numbers."""

    models: tuple[ModelStatus, ...]
    datasets: tuple[DatasetView, ...]
    runs: tuple[RunView, ...]
    """The latest runs, the newest first."""
    current: tuple[RunView, ...]
    """One run of each model: the one that goes on, else the last."""

    def is_well(self, now: datetime) -> bool:
        """Whether no model's last run died or failed; interrupting a run is not a failure."""
        return not any(run.state_at(now) in ("stale", "failed") for run in self.current)


def gather(engine: Engine) -> Status:
    """Count what is stored."""
    models = tuple(
        ModelStatus(
            model,
            catalog.layers(engine, model.slug),
            run_status.picture_counts(engine, model.slug),
            run_status.scan_counts(engine, model.slug),
            counts.kind_counts(engine, model.slug),
        )
        for model in catalog.models(engine)
    )
    latest = run_status.runs(engine, limit=LATEST)
    return Status(models, run_status.datasets(engine), latest, run_status.last_runs(engine))


def show(console: Console, status: Status) -> None:
    """Print the status as tables."""
    if not status.models:
        console.print("Nothing is stored yet: run `microscope precompute`.")
    for model in status.models:
        console.print(_model_table(model))
    for dataset in status.datasets:
        images = many(dataset.images, "image")
        console.print(f"Data set {escape(dataset.slug)}: {escape(dataset.title)}, {images}")
    for run in _printed_runs(status):
        console.print(escape(run_line(run, datetime.now(UTC))))


def run_line(run: RunView, now: datetime) -> str:
    """One run in one line; a run without a recent heartbeat is reported as died."""
    state = run.state_at(now)
    if state == "stale":
        minutes = many(int(run.silence(now) // 60), "minute")
        state = f"died: no sign of life for {minutes}; run it again to go on"
    elif state == "running":
        state = f"running, last heard of {run.silence(now):.0f} s ago"
    parts = [f"Run {run.id} of {run.model} ({run.started:%Y-%m-%d %H:%M} UTC): {state}"]
    if run.stage:
        parts.append(f"{run.stage}, {run.done:,} of {run.total:,}{_share(run)}")
    if run.skipped:
        parts.append(f"{many(len(run.skipped), 'image')} skipped")
    if run.message:
        parts.append(run.message)
    return "; ".join(parts)


def _share(run: RunView) -> str:
    return f" ({run.done / run.total:.0%})" if run.total else ""


def _printed_runs(status: Status) -> list[RunView]:
    """The latest runs, and earlier ones that still go on; the newest first."""
    runs = {run.id: run for run in status.runs}
    runs |= {run.id: run for run in status.current if run.state == "running"}
    return sorted(runs.values(), key=lambda run: -run.id)


def _model_table(status: ModelStatus) -> Table:
    """A row for each layer and a total, a column for each technique and each data set."""
    model = status.model
    table = Table(
        title=f"{model.slug}: {escape(model.title)}", title_justify="left", show_footer=True
    )
    found = (*status.pictures, *status.scans, *status.others)
    table.add_column("layer", "all")
    table.add_column("units", f"{model.units:,}", justify="right")
    columns = sorted({count.what: None for count in found}, key=_rank)
    for name in columns:
        table.add_column(name, _sum(found, name), justify="right")
    for row in _rows(status.layers, found, columns):
        table.add_row(*row)
    return table


def _rank(what: str) -> int:
    """Techniques in the order of the pages, then data sets."""
    return rank(what)[0]


def _sum(counts: Sequence[LayerCount], what: str) -> str:
    """The total of a technique or a data set: units, or whole layers."""
    selected = [count for count in counts if count.what == what]
    done = sum(count.done for count in selected)
    if any(count.total > 1 for count in selected):
        return f"{done:,}"
    return many(done, "layer")


def _rows(
    layers: Sequence[LayerView], counts: Sequence[LayerCount], columns: Sequence[str]
) -> list[list[str]]:
    """The cells as text; a dash for none."""
    done = {(count.layer, count.what): count.done for count in counts}
    return [
        [
            layer.name,
            f"{layer.channels:,}",
            *(_number(done.get((layer.name, what))) for what in columns),
        ]
        for layer in layers
    ]


def _number(done: int | None) -> str:
    return f"{done:,}" if done else "–"


def status_json(status: Status, now: datetime) -> str:
    """The status as one JSON object."""
    fields = {
        "is_well": status.is_well(now),
        "models": [_model_fields(model) for model in status.models],
        "datasets": [
            {"slug": each.slug, "title": each.title, "images": each.images}
            for each in status.datasets
        ],
        "current_runs": [_run_fields(run, now) for run in status.current],
        "latest_runs": [_run_fields(run, now) for run in status.runs],
    }
    return json.dumps(fields, indent=2)


def _model_fields(status: ModelStatus) -> Mapping[str, object]:
    """`done` is how many units, or whole layers, have a technique or a data set."""
    done: dict[str, dict[str, int]] = {layer.name: {} for layer in status.layers}
    for count in (*status.pictures, *status.scans, *status.others):
        done[count.layer][count.what] = count.done
    layers = [
        {"name": layer.name, "units": layer.channels, "done": done[layer.name]}
        for layer in status.layers
    ]
    return {"slug": status.model.slug, "title": status.model.title, "layers": layers}


def _run_fields(run: RunView, now: datetime) -> Mapping[str, object]:
    """`state` is `stale` for a run without end and without a recent heartbeat."""
    return {
        "id": run.id,
        "model": run.model,
        "command": run.command,
        "version": run.version,
        "state": run.state_at(now),
        "stage": run.stage,
        "done": run.done,
        "total": run.total,
        "message": run.message,
        "skipped": len(run.skipped),
        "started": run.started.isoformat(),
        "heartbeat": run.heartbeat.isoformat(),
        "silent_seconds": round(run.silence(now), 1),
    }
