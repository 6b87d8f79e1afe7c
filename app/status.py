"""What `microscope status` shows: models, layers, data sets and runs of a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine

from app.store import ledger, read
from app.store.views import DatasetView, LayerCount, LayerView, ModelView, RunView


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model, and per layer how many units each technique and each data set has reached."""

    model: ModelView
    layers: tuple[LayerView, ...]
    pictures: tuple[LayerCount, ...]
    scans: tuple[LayerCount, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """All that a database holds, in numbers."""

    models: tuple[ModelStatus, ...]
    datasets: tuple[DatasetView, ...]
    runs: tuple[RunView, ...]


def gather(engine: Engine) -> Status:
    """Count what is stored."""
    models = tuple(
        ModelStatus(
            model,
            read.layers(engine, model.slug),
            ledger.picture_counts(engine, model.slug),
            ledger.scan_counts(engine, model.slug),
        )
        for model in read.models(engine)
    )
    return Status(models, ledger.datasets(engine), ledger.runs(engine, limit=5))


def show(console: Console, status: Status) -> None:
    """Print the status as tables."""
    if not status.models:
        console.print("Nothing is stored yet: run `microscope precompute`.")
    for model in status.models:
        console.print(_model_table(model))
    for dataset in status.datasets:
        console.print(
            f"Data set {escape(dataset.slug)}: {escape(dataset.title)}, {dataset.images:,} images"
        )
    for run in status.runs:
        console.print(escape(run_line(run, datetime.now(UTC))))


def run_line(run: RunView, now: datetime) -> str:
    """One run in one line; a run without a sign of life is said to have died."""
    state = run.state
    if state == "running" and not run.is_alive(now):
        minutes = int((now - run.heartbeat).total_seconds() // 60)
        state = f"died: no sign of life for {minutes:,} minutes; run it again to go on"
    parts = [f"Run {run.id} of {run.model} ({run.started:%Y-%m-%d %H:%M} UTC): {state}"]
    if run.stage:
        parts.append(f"{run.stage}, {run.done:,} of {run.total:,}")
    if run.skipped:
        parts.append(f"{len(run.skipped):,} images skipped")
    if run.message:
        parts.append(run.message)
    return "; ".join(parts)


def _model_table(status: ModelStatus) -> Table:
    """A row for each layer, a column for each technique and each data set."""
    model = status.model
    table = Table(title=f"{model.slug}: {escape(model.title)}", title_justify="left")
    counts = (*status.pictures, *status.scans)
    columns = list(dict.fromkeys(count.what for count in counts))
    table.add_column("layer")
    for name in ("units", *columns):
        table.add_column(name, justify="right")
    for row in _rows(status.layers, counts, columns):
        table.add_row(*row)
    return table


def _rows(
    layers: Sequence[LayerView], counts: Sequence[LayerCount], columns: Sequence[str]
) -> list[list[str]]:
    done = {(count.layer, count.what): count.done for count in counts}
    return [
        [
            layer.name,
            f"{layer.channels:,}",
            *(f"{done.get((layer.name, what), 0):,}" for what in columns),
        ]
        for layer in layers
    ]
