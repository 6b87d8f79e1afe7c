"""`/models/{model}/{layer}/{unit}`: a unit's pictures, its examples, what data sets say of it.

A class is a unit of `logits`: its page also has the units that argue for and against it. With
`?embed=1` the page is some of its panels, to stand in a frame of another site.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.db.queries import catalog, labels, run_status, unit_detail
from app.db.views import LabelView, LayerHead, ModelHead, RunView
from app.db.views.evidence import UnitDetail
from app.web.dependencies import AppState, AppStateDep, Origin, in_snapshot
from app.web.pages.choices import COUNTS, HINTS, SHOW, Choice, choices
from app.web.pages.methods import Method, methods_by_recipe
from app.web.pages.shell import Shell
from app.web.pages.templates import page
from app.web.pages.unit.class_units import ClassUnitsPanel, class_units
from app.web.pages.unit.compare_links import Comparisons, comparisons
from app.web.pages.unit.dataset_panels import DatasetPanels, findings
from app.web.pages.unit.description import UnitDescription, nature
from app.web.pages.unit.examples import ExamplePanel, Where, can_choose, example_lists
from app.web.pages.unit.frame import share_of, shell_of
from app.web.pages.unit.share import SharePanel
from app.web.pages.unit.view_state import ViewState, shown, view
from app.web.pages.visualizations import PictureGroup, ShownPicture, first_picture, unit_groups
from app.web.panels import EXAMPLES, HISTOGRAM, PANELS, UNITS
from app.web.path_params import our_layer, unit_index

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
    found = unit_detail.unit(app_state.db, model, layer, index)
    context = _context(app_state, origin, home, place, found, chosen)
    return page(app_state, "unit.html", context, is_framed=chosen.is_embedded)


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
        labels=labels.of_unit(app_state.db, *here),
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
        arguers=class_units(unit, UNITS) if UNITS in there else (),
        comparisons=comparisons(app_state.urls, here, unit, view.beside),
        share=share_of(app_state, origin, model, layer, unit, view),
        whole=app_state.urls.unit(model.slug, layer.name, unit.index, **view.state()),
        latest=run_status.latest_run(app_state.db, model.slug),
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
