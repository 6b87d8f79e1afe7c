"""The JSON API, `/api/v1`: where it all comes from: data sets, recipes, runs.

A run is shown without file names and without paths of the machine that it ran on.
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.db.queries import pagination, run_status
from app.db.views import RunView
from app.web.api import serializers
from app.web.api.parameters import DEFAULT, Before, Limit, OfModel, RecipeHash, part
from app.web.api.responses import answered, answers_with
from app.web.api.schemas import lists, network
from app.web.dependencies import AppStateDep
from app.web.image_routes import IMMUTABLE

router = APIRouter(prefix="/api/v1", tags=["sources"])


@router.get("/datasets", summary="All data sets", **answers_with(lists.DatasetList))
def datasets(app_state: AppStateDep) -> Response:
    """The data sets that were scanned, in the order in which they were stored."""
    with app_state.snapshot() as db:
        views = run_status.datasets(db)
    datasets = [lists.Dataset.model_validate(view) for view in views]
    return answered(lists.DatasetList(datasets=datasets))


@router.get("/recipes/{sha256}", summary="A recipe", **answers_with(network.RecipeAnswer))
def recipe(app_state: AppStateDep, sha256: RecipeHash) -> Response:
    """Every number that renderings or scans depended on, by the hash that they name. It never
    changes."""
    with app_state.snapshot() as db:
        view = pagination.recipe(db, sha256)
    return answered(serializers.recipe(view), IMMUTABLE)


@router.get("/runs", summary="The runs, in parts", **answers_with(lists.RunList))
def runs(
    app_state: AppStateDep,
    model: OfModel = None,
    after: Before = None,
    limit: Limit = DEFAULT,
) -> Response:
    """What was computed when, of one model or of all: the newest first."""

    def path(last: RunView) -> str:
        return app_state.urls.api_runs(model=model, after=last.id, limit=limit)

    with app_state.snapshot() as db:
        found = pagination.runs(db, model, after, limit + 1)
    own, following = part(found, limit, path)
    answer = lists.RunList(runs=[_run(view) for view in own], next=following)
    return answered(answer)


def _run(view: RunView) -> lists.Run:
    """Its command, its message and the names of skipped images stay here."""
    return lists.Run(
        run=view.id,
        model=view.model,
        version=view.version,
        state=view.state,
        is_alive=view.is_alive(),
        stage=view.stage,
        done=view.done,
        total=view.total,
        skipped=len(view.skipped),
        started=view.started,
        heartbeat=view.heartbeat,
    )
