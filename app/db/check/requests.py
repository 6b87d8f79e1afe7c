"""Checking that what runs were asked for is there, and that no run ended without a word.

While a run goes on, what it was asked for is not missing: it is on its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, and_, literal, select

from app.db.check.issues import Fault, Remedies, fault
from app.db.queries.run_status import RUN_FIELDS, run_view
from app.db.run_request import ABANDONED, RunRequest, asked
from app.db.views import RunView
from app.evidence import stages, suits
from app.evidence.base import Kind, table_of
from app.evidence.visualizations import Visualization
from app.tables import Dataset, Layer, Model, Run, Unit
from app.techniques import OF_LAYERS
from app.unit_names import LOGITS

Thing = tuple[str, str, int | None, int | str]
"""Technique, layer, unit (None for the layer), and the seed or the data set."""


@dataclass(frozen=True)
class Stored:
    """What there is of one model."""

    layers: dict[str, int]
    """The number of units by layer."""
    things: set[Thing] = field(default_factory=set)

    def datasets(self) -> set[str]:
        """Those that anything is known of."""
        return {way for *_, way in self.things if isinstance(way, str) and way}


def runs(connection: Connection) -> tuple[RunView, ...]:
    """The latest run of each model and command, the newest first."""
    columns = (getattr(Run, name) for name in RUN_FIELDS)
    rows = connection.execute(select(*columns).order_by(Run.id))
    latest = {(run.model, run.command): run for run in map(run_view, rows)}
    return tuple(sorted(latest.values(), key=lambda run: -run.id))


def died(found: Iterable[RunView], remedies: Remedies) -> Iterator[Fault]:
    """Runs that are said to go on, and were not heard of for long."""
    for run in found:
        if run.state == "running" and not run.is_alive() and asked(run.request):
            heard = f"{run.heartbeat:%Y-%m-%d %H:%M} UTC"
            says = f"Run {run.id} of {run.model} died without a word, last heard of {heard}"
            place = f"{run.stage or 'at its beginning'}, {run.done:,} of {run.total:,}"
            yield from fault("run-died", says, [place], (remedies.command(run.command),))


def missing(
    connection: Connection, found: Iterable[RunView], remedies: Remedies
) -> Iterator[Fault]:
    """What was asked for and is not there; each thing is told once, with the newest command. What
    was given up is not missing."""
    live = {run.model for run in found if run.is_alive()}
    known: dict[str, Stored] = {}
    told: set[tuple[str, Thing]] = set()
    for run in found:
        wish = asked(run.request)
        if wish is None or wish.model in live or not run.has_begun or run.state == ABANDONED:
            continue
        here = known.get(wish.model) or stored(connection, wish.model)
        known[wish.model] = here
        lacking = [thing for thing in _wanted(wish, here) if thing not in here.things]
        new = [thing for thing in lacking if (wish.model, thing) not in told]
        told |= {(wish.model, thing) for thing in new}
        says = f"Run {run.id} of {run.model} ({run.state}) was asked for what is not stored"
        yield from fault("missing", says, map(_place, new), (remedies.command(run.command),))


def stored(connection: Connection, model: str) -> Stored:
    """Everything that is there of a model, by names."""
    own = and_(Model.id == Layer.model_id, Model.slug == model)
    layers = select(Layer.name, Layer.channels).join(Model, own).order_by(Layer.ordinal)
    found = Stored({row.name: row.channels for row in connection.execute(layers)})
    for technique, layer, unit, seed in connection.execute(_rendered().join(Model, own)):
        found.things.add((technique, layer, unit, seed))
    for kind in stages().values():
        for layer, unit, dataset in connection.execute(_done(kind).join(Model, own)):
            found.things.add((kind.name, layer, unit, dataset))
    return found


def _rendered() -> Select[Any]:
    table = Visualization
    columns: tuple[Any, ...] = (table.technique, Layer.name, Unit.index.label("number"), table.seed)
    statement = select(*columns).join_from(table, Layer, Layer.id == table.layer_id)
    return statement.outerjoin(Unit, Unit.id == table.unit_id)


def _done(kind: Kind) -> Select[Any]:
    """Layer, unit and data set of the units for which a kind is complete."""
    first, *others = map(table_of, kind.done_by or (kind.table,))
    key = ("unit_id", "dataset_id") if kind.has_dataset else ("unit_id",)
    dataset = Dataset.slug if kind.has_dataset else literal("")
    columns: tuple[Any, ...] = (Layer.name, Unit.index.label("number"), dataset)
    statement = select(*columns).join_from(first, Unit, Unit.id == first.c.unit_id)
    for other in others:
        statement = statement.join(other, and_(*(other.c[name] == first.c[name] for name in key)))
    if kind.has_dataset:
        statement = statement.join(Dataset, Dataset.id == first.c.dataset_id)
    return statement.join(Layer, Layer.id == Unit.layer_id).distinct()


def _wanted(wish: RunRequest, found: Stored) -> Iterator[Thing]:
    """Everything that a command asks for, of the layers that the model has."""
    for technique in wish.techniques:
        for layer, channels in found.layers.items():
            if (wish.layers is None or layer in wish.layers) and suits(technique, layer == LOGITS):
                yield from _wanted_of(wish, found, technique, layer, channels)


def _wanted_of(
    wish: RunRequest, found: Stored, technique: str, layer: str, channels: int
) -> Iterator[Thing]:
    units = range(channels) if wish.units is None else sorted(wish.units & set(range(channels)))
    subjects: Iterable[int | None] = (None,) if technique in OF_LAYERS else units
    ways: Iterable[int | str] = range(wish.seeds)
    if kind := stages().get(technique):
        ways = (_dataset(wish, found) if kind.has_dataset else "",)
    for way in ways:
        for unit in subjects:
            yield technique, layer, unit, way


def _dataset(wish: RunRequest, found: Stored) -> int | str:
    """The data set that was meant; where its name is not known and there is one, that."""
    known = found.datasets()
    return next(iter(known)) if wish.dataset not in known and len(known) == 1 else wish.dataset


def _place(thing: Thing) -> str:
    technique, layer, unit, way = thing
    where = layer if unit is None else f"{layer}:{unit}"
    said = f"seed {way}" if isinstance(way, int) else way
    return f"{technique} of {where}" + (f", {said}" if said else "")
