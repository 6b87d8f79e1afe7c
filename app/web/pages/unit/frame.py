"""What a unit's page has around its panels: its shell, what a link to it shows, what to share."""

from __future__ import annotations

from datetime import UTC, datetime

from app.db.views import LayerHead, ModelHead
from app.db.views.evidence import UnitDetail
from app.web.dependencies import AppState
from app.web.pages.formatting import clipped, unit_name
from app.web.pages.shell import Card, Crumb, Shell, jumps, model_crumbs, running
from app.web.pages.unit.description import UnitDescription
from app.web.pages.unit.share import Cited, SharePanel, share
from app.web.pages.unit.view_state import ViewState
from app.web.pages.visualizations import first_picture
from app.web.panels import EMBEDDED


def shell_of(
    app_state: AppState,
    origin: str,
    model: ModelHead,
    layer: LayerHead,
    unit: UnitDetail,
    view: ViewState,
    nature: UnitDescription | None,
) -> Shell:
    """The page's frame; the way to the neighbours keeps what the reader has chosen."""

    def crumb(index: int) -> Crumb | None:
        if not 0 <= index < layer.channels:
            return None
        path = app_state.urls.unit(model.slug, layer.name, index, **view.state())
        return Crumb(unit_name(layer.name, index), path)

    name = unit_name(layer.name, unit.index)
    return Shell(
        f"{unit.title}, {name} · {model.title}" if unit.title else f"{name} · {model.title}",
        crumbs=model_crumbs(app_state, model.title, model.slug, layer.name),
        run=running(app_state, model.slug),
        previous=crumb(unit.index - 1),
        next=crumb(unit.index + 1),
        data=app_state.urls.data_of(app_state.urls.unit(model.slug, layer.name, unit.index)),
        card=_card(app_state, origin, model, layer, unit, nature),
        is_embedded=view.is_embedded,
        jumps=jumps(app_state, model.slug),
    )


def title_of(model: ModelHead, layer: LayerHead, unit: UnitDetail) -> str:
    """A unit in words, for those who see nothing around it: mixed4c:447 in GoogLeNet."""
    name = unit_name(layer.name, unit.index)
    home = f"{name} in {clipped(model.title)}"
    return f"{clipped(unit.title)} ({name}) in {clipped(model.title)}" if unit.title else home


def share_of(
    app_state: AppState,
    origin: str,
    model: ModelHead,
    layer: LayerHead,
    unit: UnitDetail,
    view: ViewState,
) -> SharePanel:
    """The address as the reader sees the page, a frame of its first panels, and a citation."""
    own = view.state(beside="")
    framed = {"embed": "1", "panels": ",".join(EMBEDDED)} | own

    def address(state: dict[str, str]) -> str:
        return origin + app_state.urls.unit(model.slug, layer.name, unit.index, **state)

    cited = Cited(
        name=unit_name(layer.name, unit.index),
        title=title_of(model, layer, unit),
        model=model.title,
        weights=model.weights_sha256,
        link=address(own),
    )
    return share(cited, address(framed), datetime.now(UTC).date())


def _card(
    app_state: AppState,
    origin: str,
    model: ModelHead,
    layer: LayerHead,
    unit: UnitDetail,
    nature: UnitDescription | None,
) -> Card:
    title, first = title_of(model, layer, unit), first_picture(layer.name, unit)
    image = first.view.image if first and not first.view.image.is_hidden else None
    told = f"{nature.plain} " if nature else ""
    return Card(
        address=origin + app_state.urls.unit(model.slug, layer.name, unit.index),
        title=title,
        description=f"{told}Pictures, dataset examples and statistics of {title}.",
        image=origin + app_state.urls.image(image.sha256, image.media_type) if image else None,
        alt=first.alt if first and image else "",
    )
