"""`/compare?u=model/layer/unit&u=…`: up to four units side by side, of any layers and models.

What is compared is in the address alone. A unit that does not exist is named beside the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from app.db.queries import catalog
from app.db.queries.run_status import live_run
from app.db.queries.unit_detail import placed_unit
from app.db.transactions import Source
from app.db.views.evidence import PlacedUnit
from app.errors import InputError
from app.web.dependencies import AppStateDep, Origin, unit_index
from app.web.pages.compare.columns import CompareColumn, columns
from app.web.pages.formatting import (
    COUNTS,
    HINTS,
    SHOW,
    Choice,
    choices,
    chosen,
    unit_name,
    unless_first,
)
from app.web.pages.templates import Card, Shell, jumps, page
from app.web.pages.unit.view_state import MOST, written
from app.web.urls import UnitName, Urls, unit_parts, unit_spec

router = APIRouter(include_in_schema=False)

# As much of what somebody typed as is repeated in a sentence.
REPEATED = 80
# Each is looked up, and told of where it is not there.
NAMED = 32


@dataclass(frozen=True, slots=True)
class Side:
    """A column with the ways on from it."""

    column: CompareColumn
    path: str
    """The unit's own page, which keeps the comparison."""
    without: str
    """The same comparison without this unit."""


@dataclass(frozen=True, slots=True)
class ComparePage:
    """What `compare.html` shows."""

    shell: Shell
    sides: tuple[Side, ...]
    missing: tuple[str, ...]
    """A sentence for each unit that is not there."""
    left_off: tuple[str, ...]
    """The names of those beyond the fourth."""
    specs: tuple[str, ...]
    """The units as the address has them, for the form that adds one."""
    has_room: bool
    shows: tuple[Choice, ...]
    counts: tuple[Choice, ...]
    state: dict[str, str]
    hint: str
    example: str
    """A unit that could be written into the form."""


@router.get("/compare", response_class=HTMLResponse)
def compare(
    app_state: AppStateDep,
    origin: Origin,
    u: Annotated[list[str] | None, Query()] = None,
    show: str = "",
    counts: str = "",
) -> HTMLResponse:
    if len(u or []) > NAMED:
        raise InputError(f"An address can name {NAMED} units, of which {MOST} are compared.")
    with app_state.snapshot() as db:
        named, missing = _named(db, u or [])
        found, unknown = _found(db, named[:MOST])
        context = _context(
            db,
            app_state.urls,
            origin,
            found,
            (*missing, *unknown),
            tuple(unit_name(*unit[1:]) for unit in named[MOST:]),
            {"show": chosen(show, SHOW), "counts": chosen(counts, COUNTS)},
        )
    return page(app_state, "compare.html", context)


def _named(db: Source, specs: Sequence[str]) -> tuple[list[UnitName], list[str]]:
    """The units that an address names, each once; and a sentence for what names none."""
    named: dict[UnitName, None] = {}
    missing: list[str] = []
    for spec in filter(str.strip, specs):
        try:
            named[_unit(db, spec)] = None
        except InputError as error:
            missing.append(error.message)
    return list(named), missing


def _unit(db: Source, spec: str) -> UnitName:
    """The unit that a word of an address names, in the long form or in the short one."""
    parts = unit_parts(spec)
    if parts is None:
        raise InputError(
            f"{_repeated(spec)} names no unit: write layer:index, such as mixed4c:447, "
            "or model/layer/index."
        )
    model, layer, index = parts
    return model or _only_model(db, spec), layer, unit_index(index[:REPEATED])


def _only_model(db: Source, spec: str) -> str:
    models = catalog.slugs(db)
    if len(models) != 1:
        raise InputError(f"{_repeated(spec)} does not say of which model: write model/layer/index.")
    return models[0]


def _repeated(spec: str) -> str:
    return repr(spec if len(spec) <= REPEATED else f"{spec[:REPEATED]}…")


def _found(db: Source, named: Sequence[UnitName]) -> tuple[list[PlacedUnit], list[str]]:
    found: list[PlacedUnit] = []
    missing: list[str] = []
    for model, layer, index in named:
        try:
            found.append(placed_unit(db, model, layer, index))
        except InputError as error:
            missing.append(error.message)
    return found, missing


def _name(found: PlacedUnit) -> UnitName:
    return found.model.slug, found.layer.name, found.unit.index


def _context(
    db: Source,
    urls: Urls,
    origin: str,
    found: Sequence[PlacedUnit],
    missing: tuple[str, ...],
    left_off: tuple[str, ...],
    view: dict[str, str],
) -> ComparePage:
    units = [_name(each) for each in found]
    state = _state(view)

    def path(**changed: str) -> str:
        return urls.compare(units, **state | changed)

    return ComparePage(
        shell=_shell(db, urls, origin, found),
        sides=_sides(urls, found, units, view),
        missing=missing,
        left_off=left_off,
        specs=tuple(map(unit_spec, units)),
        has_room=len(units) < MOST,
        shows=choices(SHOW, view["show"], lambda show: path(show=show)),
        counts=choices(COUNTS, view["counts"], lambda counts: path(counts=counts)),
        state=state,
        hint=HINTS[view["show"]],
        example=_example(db),
    )


def _state(view: dict[str, str]) -> dict[str, str]:
    """What an address says of the reader's choices."""
    return {
        "show": unless_first(view["show"], SHOW),
        "counts": unless_first(view["counts"], COUNTS),
    }


def _sides(
    urls: Urls, found: Sequence[PlacedUnit], units: Sequence[UnitName], view: dict[str, str]
) -> tuple[Side, ...]:
    drawn, state = columns(found, view["show"], view["counts"]), _state(view)
    sides = []
    for column, unit in zip(drawn, units, strict=True):
        others = [other for other in units if other != unit]
        model, layer, index = unit
        path = urls.unit(model, layer, index, **state, beside=written(others))
        sides.append(Side(column, path, urls.compare(others, **state)))
    return tuple(sides)


def _shell(db: Source, urls: Urls, origin: str, found: Sequence[PlacedUnit]) -> Shell:
    names = [unit_name(each.layer.name, each.unit.index) for each in found]
    title = f"{', '.join(names)} compared" if names else "Compare units"
    models = {each.model.slug for each in found}
    only = models.pop() if len(models) == 1 else None
    address = urls.at(origin).compare([_name(each) for each in found])
    told = "Pictures, dataset examples and statistics of units side by side."
    return Shell(
        title,
        run=live_run(db, only),
        card=Card(address, title, told),
        jumps=jumps(db, urls, only) if only else (),
    )


def _example(db: Source) -> str:
    """The first unit of the last layer but one of the first model."""
    models = catalog.slugs(db)
    names = catalog.layer_names(db, models[0]) if models else ()
    return unit_name(names[-2:][0], 0) if names else "mixed4c:447"
