"""`/models/{model}`: the network as it is, from the image to the classes, every part a way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.pages.cards import card, first_shown
from app.pages.network import Piece, network
from app.pages.plots import Plot, plot
from app.pages.rendering import page
from app.pages.shell import Crumb, Shell, jumps, running
from app.pages.words import count
from app.store import counts, ledger, overview, read
from app.store.views import ImageView, LayerView, ModelView, RunView, UnitView
from app.store.views_overview import DensityView
from app.wiring import House, Origin, Wired

# Where a layer has no picture of its own, a square of its units' stands for it.
SQUARE = 4

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Stage:
    """A layer in the drawing, with what stands for it."""

    layer: LayerView
    piece: Piece
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
    stages: tuple[Stage, ...]
    """The layers in the order of the forward pass."""
    fields: Plot | None
    """How much of the image a cell of each layer sees."""
    density: Density | None
    has_labels: bool
    latest: RunView | None
    """The run that last worked on the model, which tells the program's version."""


@router.get("/models/{model}")
def model(house: Wired, origin: Origin, model: str) -> HTMLResponse:
    view = read.model(house.engine, model)
    stages = _stages(house, view)
    context = ModelPage(
        _shell(house, origin, view, stages),
        view,
        stages,
        receptive_fields([stage.layer for stage in stages], view.input_size),
        density([stage.layer for stage in stages], overview.densities(house.engine, model)),
        bool(counts.label_sources(house.engine, model)),
        ledger.latest_run(house.engine, model),
    )
    return page(house, "model.html", context)


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


def _stages(house: House, model: ModelView) -> tuple[Stage, ...]:
    layers = read.layers(house.engine, model.slug)
    faces = overview.faces(house.engine, model.slug)
    units = read.strips(house.engine, model.slug, SQUARE, without=faces)
    pieces = network(layers, model.input_size)
    return tuple(
        Stage(layer, piece, faces.get(layer.name), units.get(layer.name, ()))
        for layer, piece in zip(layers, pieces, strict=True)
    )


def _shell(house: House, origin: str, model: ModelView, stages: Sequence[Stage]) -> Shell:
    units = (unit.image for stage in stages for unit in stage.units)
    shown = first_shown([*reversed([stage.face for stage in stages]), *units])
    text = (
        f"{count(model.units)} units in {model.layers} layers, each with what excites it in "
        "pictures and in images."
    )
    return Shell(
        model.title,
        crumbs=(Crumb("Models", house.urls.models()),),
        run=running(house, model.slug),
        data=house.urls.data_of(house.urls.model(model.slug)),
        card=card(house, origin, house.urls.model(model.slug), model.title, text, shown),
        jumps=jumps(house, model.slug),
    )
