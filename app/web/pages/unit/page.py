"""`/models/{model}/{layer}/{unit}`: a unit's pictures, its examples, what data sets say of it.

A class is a unit of `logits`: its page also has the units that argue for and against it. With
`?embed=1` the page is some of its panels, to stand in a frame of another site.
"""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.db.queries.run_status import page_runs
from app.db.queries.unit_detail import ALL_PARTS, PICTURES, STATISTICS, placed_unit
from app.db.transactions import Source
from app.db.views import LabelView, LayerHead, ModelHead, RunView
from app.db.views.evidence import PlacedUnit, UnitDetail
from app.evidence import panels as panels_of_kinds
from app.evidence.base import Panel
from app.unit_names import LOGITS
from app.web.dependencies import AppStateDep, Origin, our_layer, unit_index
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
from app.web.pages.templates import Card, Crumb, Shell, jumps, model_crumbs, page
from app.web.pages.unit.class_units import ClassUnitsPanel, class_units
from app.web.pages.unit.dataset_panels import (
    DatasetPanels,
    ExamplePanel,
    KindRows,
    Where,
    can_choose,
    example_lists,
    findings,
    kind_rows,
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
from app.web.panels import (
    EMBEDDED,
    EXAMPLES,
    HISTOGRAM,
    PANELS,
    UNITS,
    parts_of,
)
from app.web.urls import UnitName, Urls
from app.web.visualizations import (
    Method,
    PictureGroup,
    ShownPicture,
    first_picture,
    methods_by_recipe,
    unit_groups,
)

router = APIRouter(include_in_schema=False)

ALL_PANELS = panels_of_kinds()


@dataclass(frozen=True, slots=True)
class Layout:
    """The panels that are shown, each drawn by a template of its own."""

    wide: tuple[Panel, ...]
    """Of each data set, over the whole width."""
    grid: tuple[Panel, ...]
    """Of each data set, side by side."""
    below: tuple[Panel, ...]

    def __bool__(self) -> bool:
        return bool(self.wide or self.grid or self.below)


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
    layout: Layout
    """The panels that show it, and those of other kinds."""
    evidence: dict[str, tuple[KindRows, ...]]
    """Of the kinds without a type of their own, by their names."""
    counts: tuple[Choice, ...]
    """How the histogram's counts are drawn."""
    dead: tuple[str, ...]
    """The titles of the data sets in which the unit is above 0 nowhere."""
    arguers: tuple[ClassUnitsPanel, ...]
    """Of a class: the units that argue for and against it."""
    comparisons: Comparisons | None
    share: SharePanel | None
    """With `comparisons`, None in a frame."""
    whole: str
    """The path of the whole page, with what the reader has chosen."""
    latest: RunView | None
    """The run that last worked on the model, which tells the program's version."""


@router.get("/models/{model}/{layer}/{unit}", response_class=HTMLResponse)
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
    urls = app_state.urls
    with app_state.snapshot() as db:
        index, name = unit_index(unit), our_layer(db, model, layer)
        if name != layer:
            frame = {"embed": embed, "panels": panels}
            return RedirectResponse(urls.unit(model, name, index, **chosen.state(), **frame), 308)
        found = placed_unit(db, model, layer, index, _parts(chosen))
        context = _context(db, urls, urls.at(origin), found, chosen)
    return page(app_state, "unit.html", context, is_framed=chosen.is_embedded)


def _parts(view: ViewState) -> Set[str]:
    """What of the unit is read: in a frame what its panels show, and what its heading says."""
    if view.panels is None:
        return ALL_PARTS
    is_known = any(panel in PANELS for panel in view.panels)
    # Where none of the panels exists, those of `EMBEDDED` are shown.
    wanted = view.panels if is_known else (*view.panels, *EMBEDDED)
    return parts_of(wanted) | {PICTURES, STATISTICS}


def _context(db: Source, urls: Urls, links: Urls, found: PlacedUnit, view: ViewState) -> UnitPage:
    """What the page shows; `links` are the absolute addresses."""
    model, layer, unit = found.model, found.layer, found.unit
    groups, lists = unit_groups(layer.name, unit), example_lists(unit, view.show)
    there = shown(view, _names(groups, lists))
    first, sentence = first_picture(layer.name, unit), nature(layer.name, unit)
    layout = _layout(there)
    told = findings(layer, unit, view.show, view.counts) if layout else ()
    live, latest = page_runs(db, model.slug)
    here = (model.slug, layer.name, unit.index)
    return UnitPage(
        shell=_shell(
            urls,
            found,
            view,
            live,
            _card(links, found, first, sentence),
            () if view.is_embedded else jumps(db, urls, model.slug),
        ),
        model=model,
        layer=layer,
        unit=unit,
        where=Where(model.slug, layer, unit.index),
        branch=layer.branch_of(unit.index),
        labels=found.labels,
        nature=sentence,
        panels=there,
        state=view.state(),
        first=first,
        method=methods_by_recipe([first] if first else []),
        groups=tuple(
            (group, methods_by_recipe(group.pictures)) for group in groups if group.panel in there
        ),
        lists=tuple(each for each in lists if each.panel in there),
        shows=_shows(urls, here, unit, view),
        hint=HINTS[view.show],
        findings=told,
        layout=layout,
        evidence=_evidence(unit, layout),
        counts=_counts(urls, here, view),
        dead=_dead(unit),
        arguers=class_units(unit, UNITS) if layer.name == LOGITS and UNITS in there else (),
        comparisons=None if view.is_embedded else comparisons(urls, here, unit, view.beside),
        share=None if view.is_embedded else _share(links, found, view),
        whole=urls.unit(model.slug, layer.name, unit.index, **view.state()),
        latest=latest,
    )


def _layout(there: Collection[str]) -> Layout:
    drawn = [panel for _, panel in ALL_PANELS if panel.template and panel.name in there]

    def at(place: str) -> tuple[Panel, ...]:
        return tuple(panel for panel in drawn if panel.place == place)

    return Layout(at("wide"), at("grid"), at("below"))


def _evidence(unit: UnitDetail, layout: Layout) -> dict[str, tuple[KindRows, ...]]:
    return {
        kind.name: kind_rows(unit, kind.name, panel.name)
        for kind, panel in ALL_PANELS
        if kind.name in unit.evidence and panel in layout.below
    }


def _names(groups: tuple[PictureGroup, ...], lists: tuple[ExamplePanel, ...]) -> tuple[str, ...]:
    """The panels that there may be: the fixed ones, those of techniques, and of other kinds."""
    own = (*(group.panel for group in groups), *(each.panel for each in lists))
    return tuple(dict.fromkeys((*PANELS, *own)))


def _shows(urls: Urls, here: UnitName, unit: UnitDetail, view: ViewState) -> tuple[Choice, ...]:
    """Links to each way of showing the examples, where there are several."""

    model, layer, index = here

    def path(show: str) -> str:
        return urls.unit(model, layer, index, EXAMPLES, **view.state(show=show))

    return choices(SHOW, view.show, path) if can_choose(unit.examples) else ()


def _counts(urls: Urls, here: UnitName, view: ViewState) -> tuple[Choice, ...]:
    """Links to each way of drawing the counts."""

    model, layer, index = here

    def path(counts: str) -> str:
        return urls.unit(model, layer, index, HISTOGRAM, **view.state(counts=counts))

    return choices(COUNTS, view.counts, path)


def _dead(unit: UnitDetail) -> tuple[str, ...]:
    """The titles of the data sets in which the unit is dead."""
    titles = {scan.dataset: scan.title for scan in unit.scans}
    return tuple(
        titles.get(each.dataset, each.dataset) for each in unit.statistics if each.summary.is_dead
    )


def _shell(
    urls: Urls,
    found: PlacedUnit,
    view: ViewState,
    run: RunView | None,
    card: Card,
    jumps: tuple[Crumb, ...],
) -> Shell:
    """The page's frame; the way to the neighbours keeps what the reader has chosen."""
    model, layer, unit = found.model, found.layer, found.unit

    def crumb(index: int) -> Crumb | None:
        if not 0 <= index < layer.channels:
            return None
        path = urls.unit(model.slug, layer.name, index, **view.state())
        return Crumb(unit_name(layer.name, index), path)

    name = unit_name(layer.name, unit.index)
    return Shell(
        f"{unit.title}, {name} · {model.title}" if unit.title else f"{name} · {model.title}",
        crumbs=model_crumbs(urls, model.title, model.slug, layer.name),
        run=run,
        previous=crumb(unit.index - 1),
        next=crumb(unit.index + 1),
        data=urls.unit_data(model.slug, layer.name, unit.index),
        card=card,
        is_embedded=view.is_embedded,
        jumps=jumps,
    )


def _title(found: PlacedUnit) -> str:
    """A unit in words, for those who see nothing around it: mixed4c:447 in GoogLeNet."""
    name, title = unit_name(found.layer.name, found.unit.index), found.unit.title
    home = clipped(found.model.title)
    return f"{clipped(title)} ({name}) in {home}" if title else f"{name} in {home}"


def _share(links: Urls, found: PlacedUnit, view: ViewState) -> SharePanel:
    """The address as the reader sees the page, a frame of its first panels, and a citation."""
    own = view.state(beside="")
    framed = {"embed": "1", "panels": ",".join(EMBEDDED)} | own

    def address(state: dict[str, str]) -> str:
        return links.unit(found.model.slug, found.layer.name, found.unit.index, **state)

    cited = Cited(
        name=unit_name(found.layer.name, found.unit.index),
        title=_title(found),
        model=found.model.title,
        weights=found.model.weights_sha256,
        link=address(own),
    )
    return share(cited, address(framed), datetime.now(UTC).date())


def _card(
    links: Urls,
    found: PlacedUnit,
    first: ShownPicture | None,
    nature: UnitDescription | None,
) -> Card:
    title = _title(found)
    image = first.view.image if first and not first.view.image.is_hidden else None
    told = f"{nature.plain} " if nature else ""
    return Card(
        address=links.unit(found.model.slug, found.layer.name, found.unit.index),
        title=title,
        description=f"{told}Pictures, dataset examples and statistics of {title}.",
        image=links.image(image.sha256, image.media_type) if image else None,
        alt=first.alt if first and image else "",
    )
