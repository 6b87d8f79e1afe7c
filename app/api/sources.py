"""The JSON API, `/api/v1`: where it all comes from: data sets, recipes, runs.

Of a run nothing is told that names a file or a place of the machine it ran on.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.api import answers, schemas, schemas_lists
from app.api.parameters import DEFAULT, Before, Limit, OfModel, RecipeHash, part
from app.api.responses import answered, answers_with
from app.images import IMMUTABLE
from app.store import ledger, listing
from app.store.views import RunView
from app.wiring import Wired

router = APIRouter(prefix="/api/v1", tags=["sources"])


@router.get("/datasets", summary="All data sets", **answers_with(schemas_lists.DatasetList))
def datasets(house: Wired, request: Request) -> Response:
    """The data sets that were scanned, in the order in which they were stored."""
    found = [schemas_lists.Dataset.model_validate(each) for each in ledger.datasets(house.engine)]
    return answered(request, schemas_lists.DatasetList(datasets=found))


@router.get("/recipes/{sha256}", summary="A recipe", **answers_with(schemas.RecipeAnswer))
def recipe(house: Wired, request: Request, sha256: RecipeHash) -> Response:
    """Every number that renderings or scans depended on, by the hash that they name. It never
    changes."""
    found = answers.recipe(listing.recipe(house.engine, sha256))
    return answered(request, found, IMMUTABLE)


@router.get("/runs", summary="The runs, in parts", **answers_with(schemas_lists.RunList))
def runs(
    house: Wired,
    request: Request,
    model: OfModel = None,
    after: Before = None,
    limit: Limit = DEFAULT,
) -> Response:
    """What was computed when, of one model or of all: the newest first."""

    def path(last: RunView) -> str:
        return house.urls.api_runs(model=model, after=last.id, limit=limit)

    found = listing.runs(house.engine, model, after, limit + 1)
    own, following = part(found, limit, path)
    answer = schemas_lists.RunList(runs=[_run(view) for view in own], next=following)
    return answered(request, answer)


def _run(view: RunView) -> schemas_lists.Run:
    """Its command, its message and the names of skipped images stay here."""
    return schemas_lists.Run(
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
