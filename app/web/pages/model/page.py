"""`/models/{model}`: the network as it is, from the image to the classes, every part a way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.db.queries import catalog, counts, overview, run_status
from app.db.transactions import Source
from app.db.views import ImageView, LayerView, ModelView, RunView, UnitView
from app.db.views.overview import DensityView
from app.drawing.plots import Plot, plot
from app.web.dependencies import AppStateDep, Origin
from app.web.pages.formatting import count
from app.web.pages.model.diagram import DiagramPart, network
from app.web.pages.templates import Crumb, Shell, card, first_shown, jumps, page
from app.web.urls import Urls

# Where a layer has no picture of its own, a square of its units' stands for it.
SQUARE = 4

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ModelLayer:
    """A layer in the drawing, with what stands for it."""

    layer: LayerView
    piece: DiagramPart
    face: ImageView | None
    """Its own picture."""
    units: tuple[UnitView, ...]
    """Some units that have a picture, where it has none of its own."""


@dataclass(frozen=True, slots=True)
class Density:
    """How dense the layers are, drawn."""

    plot: Plot
    dataset: str
    """The data set's title."""


@dataclass(frozen=True, slots=True)
class ModelPage:
    """What `model.html` shows."""

    shell: Shell
    model: ModelView
    stages: tuple[ModelLayer, ...]
    """The layers in the order of the forward pass."""
    fields: Plot | None
    """How much of the image a cell of each layer sees."""
    density: Density | None
    has_labels: bool
    latest: RunView | None
    """The run that last worked on the model, which tells the program's version."""


@router.get("/models/{model}")
def model(app_state: AppStateDep, origin: Origin, model: str) -> HTMLResponse:
    with app_state.snapshot() as db:
        context = _context(db, app_state.urls, origin, model)
    return page(app_state, "model.html", context)


def _context(db: Source, urls: Urls, origin: str, model: str) -> ModelPage:
    view = catalog.model(db, model)
    stages = _stages(db, view)
    layers = [stage.layer for stage in stages]
    return ModelPage(
        _shell(db, urls, origin, view, stages),
        view,
        stages,
        receptive_fields(layers, view.input_size),
        density(layers, overview.densities(db, model)),
        bool(counts.label_sources(db, model)),
        run_status.latest_run(db, model),
    )


def receptive_fields(layers: Sequence[LayerView], input_size: int) -> Plot | None:
    """Depth against receptive field, with the size of the image for comparison."""
    numbers = [
        (layer.name, float(layer.receptive_field)) for layer in layers if layer.receptive_field
    ]
    return plot(numbers, mark=input_size)


def density(layers: Sequence[LayerView], found: Mapping[str, DensityView]) -> Density | None:
    """Depth against density, of the layers that have a map."""
    told = [layer.name for layer in layers if layer.stride is not None and layer.name in found]
    drawn = plot([(name, found[name].share) for name in told])
    return Density(drawn, found[told[0]].dataset) if drawn else None


def _stages(db: Source, model: ModelView) -> tuple[ModelLayer, ...]:
    layers = catalog.layers(db, model.slug)
    faces = overview.faces(db, model.slug)
    units = catalog.strips(db, model.slug, SQUARE, without=faces)
    pieces = network(layers, model.input_size)
    return tuple(
        ModelLayer(layer, piece, faces.get(layer.name), units.get(layer.name, ()))
        for layer, piece in zip(layers, pieces, strict=True)
    )


def _shell(
    db: Source, urls: Urls, origin: str, model: ModelView, stages: Sequence[ModelLayer]
) -> Shell:
    units = (unit.image for stage in stages for unit in stage.units)
    shown = first_shown([*reversed([stage.face for stage in stages]), *units])
    links = urls.at(origin)
    text = (
        f"{count(model.units)} units in {model.layers} layers, each with what excites it in "
        "pictures and in images."
    )
    return Shell(
        model.title,
        crumbs=(Crumb("Models", urls.models()),),
        run=run_status.live_run(db, model.slug),
        data=urls.model_data(model.slug),
        card=card(links, links.model(model.slug), model.title, text, shown),
        jumps=jumps(db, urls, model.slug),
    )
