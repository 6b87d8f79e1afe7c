"""`/models/{model}/{layer}/{unit}`: a unit's pictures, its examples, what data sets say of it.

A class is a unit of `logits`: its page also has the units that argue for and against it. With
`?embed=1` the page is some of its panels, to stand in a frame of another site.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.db.queries import catalog, lookup, run_status, unit_detail
from app.db.views import LabelView, LayerHead, ModelHead, RunView
from app.db.views.evidence import UnitDetail
from app.techniques import OF_UNITS
from app.unit_names import LOGITS
from app.web.dependencies import AppState, AppStateDep, Origin, in_snapshot, our_layer, unit_index
from app.web.pages.formatting import (
    COUNTS,
    HINTS,
    SHOW,
    Choice,
    UnitDescription,
    choices,
    clipped,
    nature,
    unit_name,
)
from app.web.pages.templates import Card, Crumb, Shell, jumps, model_crumbs, page, running
from app.web.pages.unit.class_units import ClassUnitsPanel, class_units
from app.web.pages.unit.dataset_panels import (
    DatasetPanels,
    ExamplePanel,
    Where,
    can_choose,
    example_lists,
    findings,
)
from app.web.pages.unit.view_state import (
    Cited,
    Comparisons,
    SharePanel,
    ViewState,
    comparisons,
    share,
    shown,
    view,
)
from app.web.panels import EMBEDDED, EXAMPLES, HISTOGRAM, PANELS, PROVENANCE, UNITS, parts_of
from app.web.visualizations import (
    Method,
    PictureGroup,
    ShownPicture,
    first_picture,
    methods_by_recipe,
    unit_groups,
)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class UnitPage:
    """What `unit.html` shows."""

    shell: Shell
    model: ModelHead
    layer: LayerHead
    unit: UnitDetail
    where: Where
    """The same three, for what draws examples."""
    branch: str | None
    """The branch of the module that the unit belongs to."""
    labels: tuple[LabelView, ...]
    nature: UnitDescription | None
    panels: tuple[str, ...]
    """Which panels are shown: all, but in a frame."""
    state: dict[str, str]
    """What the reader has chosen, for the addresses of other units."""
    first: ShownPicture | None
    """The picture that is shown large."""
    method: tuple[Method, ...]
    """How it was made."""
    groups: tuple[tuple[PictureGroup, tuple[Method, ...]], ...]
    """Other techniques and seeds, each with how its pictures were made."""
    lists: tuple[ExamplePanel, ...]
    """The top examples, then the minimum examples."""
    shows: tuple[Choice, ...]
    """How examples are shown; empty where there is one way only."""
    hint: str
    """What to see in them, as they are shown."""
    findings: tuple[DatasetPanels, ...]
    """What each data set says."""
    counts: tuple[Choice, ...]
    """How the histogram's counts are drawn."""
    dead: tuple[str, ...]
    """The titles of the data sets in which the unit is above 0 nowhere."""
    arguers: tuple[ClassUnitsPanel, ...]
    """Of a class: the units that argue for and against it."""
    comparisons: Comparisons
    share: SharePanel
    whole: str
    """The path of the whole page, with what the reader has chosen."""
    latest: RunView | None
    """The run that last worked on the model, which tells the program's version."""


@router.get("/models/{model}/{layer}/{unit}", response_class=HTMLResponse)
@in_snapshot
def unit(
    app_state: AppStateDep,
    origin: Origin,
    model: str,
    layer: str,
    unit: str,
    show: str = "",
    counts: str = "",
    beside: str = "",
    embed: str = "",
    panels: str = "",
) -> Response:
    chosen = view(show, counts, beside, embed, panels)
    home = catalog.model_head(app_state.db, model)
    index, name = unit_index(unit), our_layer(app_state, model, layer)
    if name != layer:
        frame = {"embed": embed, "panels": panels}
        return RedirectResponse(
            app_state.urls.unit(model, name, index, **chosen.state(), **frame), 308
        )
    place = catalog.layer_head(app_state.db, model, layer)
    found = unit_detail.unit(app_state.db, model, layer, index, _parts(chosen))
    context = _context(app_state, origin, home, place, found, chosen)
    return page(app_state, "unit.html", context, is_framed=chosen.is_embedded)


def _parts(view: ViewState) -> Set[str]:
    """What of the unit is read: in a frame what its panels show, and what its heading says."""
    if view.panels is None:
        return unit_detail.ALL_PARTS
    known = {*PANELS, *OF_UNITS}.intersection(view.panels)
    return parts_of(known or EMBEDDED) | {unit_detail.PICTURES, unit_detail.STATISTICS}


def _context(
    app_state: AppState,
    origin: str,
    model: ModelHead,
    layer: LayerHead,
    unit: UnitDetail,
    view: ViewState,
) -> UnitPage:
    first, groups = first_picture(layer.name, unit), unit_groups(layer.name, unit)
    told, sentence = findings(layer, unit, view.show, view.counts), nature(layer.name, unit)
    lists = example_lists(unit, view.show)
    here = (model.slug, layer.name, unit.index)
    there = shown(view, _names(groups, lists))
    return UnitPage(
        shell=shell_of(app_state, origin, model, layer, unit, view, sentence),
        model=model,
        layer=layer,
        unit=unit,
        where=Where(model.slug, layer, unit.index),
        branch=layer.branch_of(unit.index),
        labels=lookup.unit_labels(app_state.db, *here),
        nature=sentence,
        panels=there,
        state=view.state(),
        first=first,
        method=methods_by_recipe([first] if first else []),
        groups=tuple(
            (group, methods_by_recipe(group.pictures)) for group in groups if group.panel in there
        ),
        lists=tuple(each for each in lists if each.panel in there),
        shows=_shows(app_state, model.slug, layer.name, unit, view),
        hint=HINTS[view.show],
        findings=told,
        counts=_counts(app_state, model.slug, layer.name, unit.index, view),
        dead=_dead(told),
        arguers=class_units(unit, UNITS) if layer.name == LOGITS and UNITS in there else (),
        comparisons=comparisons(app_state.urls, here, unit, view.beside),
        share=share_of(app_state, origin, model, layer, unit, view),
        whole=app_state.urls.unit(model.slug, layer.name, unit.index, **view.state()),
        latest=run_status.latest_run(app_state.db, model.slug) if PROVENANCE in there else None,
    )


def _names(groups: tuple[PictureGroup, ...], lists: tuple[ExamplePanel, ...]) -> tuple[str, ...]:
    """The panels that there may be: the fixed ones, those of techniques, and of other kinds."""
    own = (*(group.panel for group in groups), *(each.panel for each in lists))
    return tuple(dict.fromkeys((*PANELS, *own)))


def _shows(
    app_state: AppState, model: str, layer: str, unit: UnitDetail, view: ViewState
) -> tuple[Choice, ...]:
    """Links to each way of showing the examples, where there are several."""

    def path(show: str) -> str:
        return app_state.urls.unit(model, layer, unit.index, EXAMPLES, **view.state(show=show))

    return choices(SHOW, view.show, path) if can_choose(unit.examples) else ()


def _counts(
    app_state: AppState, model: str, layer: str, unit: int, view: ViewState
) -> tuple[Choice, ...]:
    """Links to each way of drawing the counts."""

    def path(counts: str) -> str:
        return app_state.urls.unit(model, layer, unit, HISTOGRAM, **view.state(counts=counts))

    return choices(COUNTS, view.counts, path)


def _dead(told: tuple[DatasetPanels, ...]) -> tuple[str, ...]:
    found = ((each.title, each.spread) for each in told)
    return tuple(title for title, spread in found if spread and spread.statistics.summary.is_dead)


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
        jumps=() if view.is_embedded else jumps(app_state, model.slug),
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
