"""What a unit's page has around its panels: its shell, what a link to it shows, what to share."""

from __future__ import annotations

from datetime import UTC, datetime

from app.pages.nature import Nature
from app.pages.pictures import first_picture
from app.pages.reader import View
from app.pages.share import Cited, Share, share
from app.pages.shell import Card, Crumb, Shell, jumps, model_crumbs, running
from app.pages.words import clipped, unit_name
from app.panels import EMBEDDED
from app.store.views import LayerHead, ModelHead
from app.store.views_evidence import UnitDetail
from app.wiring import House


def shell_of(
    house: House,
    origin: str,
    model: ModelHead,
    layer: LayerHead,
    unit: UnitDetail,
    view: View,
    nature: Nature | None,
) -> Shell:
    """The page's frame; the way to the neighbours keeps what the reader has chosen."""

    def crumb(index: int) -> Crumb | None:
        if not 0 <= index < layer.channels:
            return None
        path = house.urls.unit(model.slug, layer.name, index, **view.state())
        return Crumb(unit_name(layer.name, index), path)

    name = unit_name(layer.name, unit.index)
    return Shell(
        f"{unit.title}, {name} · {model.title}" if unit.title else f"{name} · {model.title}",
        crumbs=model_crumbs(house, model.title, model.slug, layer.name),
        run=running(house, model.slug),
        previous=crumb(unit.index - 1),
        next=crumb(unit.index + 1),
        data=house.urls.data_of(house.urls.unit(model.slug, layer.name, unit.index)),
        card=_card(house, origin, model, layer, unit, nature),
        is_embedded=view.is_embedded,
        jumps=jumps(house, model.slug),
    )


def title_of(model: ModelHead, layer: LayerHead, unit: UnitDetail) -> str:
    """A unit in words, for those who see nothing around it: mixed4c:447 in GoogLeNet."""
    name = unit_name(layer.name, unit.index)
    home = f"{name} in {clipped(model.title)}"
    return f"{clipped(unit.title)} ({name}) in {clipped(model.title)}" if unit.title else home


def share_of(
    house: House, origin: str, model: ModelHead, layer: LayerHead, unit: UnitDetail, view: View
) -> Share:
    """The address as the reader sees the page, a frame of its first panels, and a citation."""
    own = view.state(beside="")
    framed = {"embed": "1", "panels": ",".join(EMBEDDED)} | own

    def address(state: dict[str, str]) -> str:
        return origin + house.urls.unit(model.slug, layer.name, unit.index, **state)

    cited = Cited(
        name=unit_name(layer.name, unit.index),
        title=title_of(model, layer, unit),
        model=model.title,
        weights=model.weights_sha256,
        link=address(own),
    )
    return share(cited, address(framed), datetime.now(UTC).date())


def _card(
    house: House,
    origin: str,
    model: ModelHead,
    layer: LayerHead,
    unit: UnitDetail,
    nature: Nature | None,
) -> Card:
    title, first = title_of(model, layer, unit), first_picture(layer.name, unit)
    image = first.view.image if first and not first.view.image.is_hidden else None
    told = f"{nature.plain} " if nature else ""
    return Card(
        address=origin + house.urls.unit(model.slug, layer.name, unit.index),
        title=title,
        description=f"{told}Pictures, dataset examples and statistics of {title}.",
        image=origin + house.urls.image(image.sha256, image.media_type) if image else None,
        alt=first.alt if first and image else "",
    )
