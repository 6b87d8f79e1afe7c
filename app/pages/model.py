"""`/models/{model}`: the layers in the order of the forward pass, each a strip of its units."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.pages.rendering import page
from app.pages.shell import Crumb, Shell, running
from app.store import ledger, read
from app.store.views import LayerView, ModelView, RunView, UnitView
from app.wiring import Wired

# As many as a wide screen shows in one row at a size that can be recognised.
STRIP = 14

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class LayerStrip:
    """A layer with some of its units that have a picture."""

    layer: LayerView
    units: tuple[UnitView, ...]


@dataclass(frozen=True, slots=True)
class ModelPage:
    """What `model.html` shows."""

    shell: Shell
    model: ModelView
    strips: tuple[LayerStrip, ...]
    """The layers in the order of the forward pass."""
    latest: RunView | None
    """The run that last worked on the model, which tells the program's version."""


@router.get("/models/{model}")
def model(house: Wired, model: str) -> HTMLResponse:
    view = read.model(house.engine, model)
    units = read.strips(house.engine, model, STRIP)
    layers = read.layers(house.engine, model)
    strips = tuple(LayerStrip(layer, units.get(layer.name, ())) for layer in layers)
    latest = ledger.latest_run(house.engine, model)
    shell = Shell(
        view.title,
        crumbs=(Crumb("Models", house.urls.models()),),
        run=running(house, model),
        data=house.urls.api_model(model),
    )
    return page(house, "model.html", ModelPage(shell, view, strips, latest))
