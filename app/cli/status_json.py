"""What `microscope status --json` prints: the same as the tables, for programs.

Its names are those of the JSON API where that has them; times are UTC as RFC 3339. Like there,
fields may be added, and none is taken away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from app.cli.status import ModelStatus, Status
from app.db.views import RunView

Fields = Mapping[str, object]


def status_json(status: Status, now: datetime) -> str:
    """The status as one JSON object."""
    told = {
        "is_well": status.is_well(now),
        "models": [_model(model) for model in status.models],
        "datasets": [
            {"slug": each.slug, "title": each.title, "images": each.images}
            for each in status.datasets
        ],
        "current_runs": [_run(run, now) for run in status.current],
        "latest_runs": [_run(run, now) for run in status.runs],
    }
    return json.dumps(told, indent=2)


def _model(status: ModelStatus) -> Fields:
    """A model; `done` is how many units, or whole layers, a technique or a data set has reached."""
    done: dict[str, dict[str, int]] = {layer.name: {} for layer in status.layers}
    for count in (*status.pictures, *status.scans):
        done[count.layer][count.what] = count.done
    layers = [
        {"name": layer.name, "units": layer.channels, "done": done[layer.name]}
        for layer in status.layers
    ]
    return {"slug": status.model.slug, "title": status.model.title, "layers": layers}


def _run(run: RunView, now: datetime) -> Fields:
    """A run; `state` is `stale` where it says that it runs and gave no sign of life lately."""
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
