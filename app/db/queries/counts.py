"""How much of each layer there is, by technique and by data set.

There are many units and few layers: a layer of which all units have a picture is known by counting
pictures; of others, what a unit has is found by its own index, and units that have the same are
counted together. The same manners as `read`; `ledger` hands `picture_counts` and `scan_counts` on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, func, select

from app.db.queries.image_ranges import Stretch
from app.db.transactions import Source, reading
from app.db.views import LayerCount
from app.db.views.overview import SourceView
from app.evidence import stages
from app.evidence.examples import Scan
from app.evidence.labels import Label
from app.evidence.visualizations import Visualization
from app.tables import Dataset, Hidden, Layer, Model, Unit
from app.techniques import rank

BETWEEN = ","


def channels(source: Source, model: str) -> dict[str, int]:
    """How many units each layer of a model has, in the order of the forward pass."""
    statement = (
        select(Layer.name, Layer.channels)
        .join(Model, Model.id == Layer.model_id)
        .where(Model.slug == model)
        .order_by(Layer.ordinal)
    )
    with reading(source) as connection:
        return {row.name: row.channels for row in connection.execute(statement)}


def picture_counts(
    source: Source, model: str, made: Sequence[Stretch] | None = None
) -> tuple[LayerCount, ...]:
    """How many units of each layer have a picture, by technique; a layer's own count as 1 of 1.

    `made` are all pictures of the model, where they are known.
    """
    statement = (
        select(Layer.id, Layer.name, Layer.channels)
        .join(Model, Model.id == Layer.model_id)
        .where(Model.slug == model)
        .order_by(Layer.ordinal)
    )
    found: list[LayerCount] = []
    with reading(source) as connection:
        layers = connection.execute(statement).all()
        channels = {row.id: row.channels for row in layers}
        whole = _whole(connection, channels)
        if made is None:
            owned = _counted(connection, channels)
        else:
            owned = _owned(connection, channels, made, whole)
    for home, name, width in layers:
        units = owned[home]
        for technique in sorted(units, key=rank):
            found.append(LayerCount(name, width, technique, units[technique]))
        for technique in sorted(whole[home], key=rank):
            found.append(LayerCount(name, 1, technique, 1))
    return tuple(found)


def scan_counts(source: Source, model: str) -> tuple[LayerCount, ...]:
    """How many units of each layer are scanned, by data set."""
    counted = (
        select(Unit.layer_id, Scan.dataset_id, func.count().label("units"))
        .join_from(Scan, Unit, Unit.id == Scan.unit_id)
        .group_by(Unit.layer_id, Scan.dataset_id)
        .subquery()
    )
    statement = (
        select(Layer.name, Layer.channels, Dataset.slug, counted.c.units)
        .join_from(counted, Layer, Layer.id == counted.c.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .join(Dataset, Dataset.id == counted.c.dataset_id)
        .where(Model.slug == model)
        .order_by(Layer.ordinal, Dataset.slug)
    )
    with reading(source) as connection:
        return tuple(LayerCount(*row) for row in connection.execute(statement))


def kind_counts(source: Source, model: str) -> tuple[LayerCount, ...]:
    """How many units of each layer have what each further stage makes, by the stage's name.

    Of the first kinds, `scan_counts` counts examples, and effects are not counted.
    """
    found: list[LayerCount] = []
    with reading(source) as connection:
        for name, kind in stages().items():
            if kind.has_reader:
                continue
            unit = kind.source.c["unit_id"]
            statement = (
                select(Layer.name, Layer.channels, func.count(unit.distinct()))
                .join_from(kind.source, Unit, Unit.id == unit)
                .join(Layer, Layer.id == Unit.layer_id)
                .join(Model, Model.id == Layer.model_id)
                .where(Model.slug == model)
                .group_by(Layer.id, Layer.name, Layer.channels, Layer.ordinal)
                .order_by(Layer.ordinal)
            )
            rows = connection.execute(statement)
            found += [LayerCount(layer, total, name, done) for layer, total, done in rows]
    return tuple(found)


def hidden(source: Source) -> int:
    """How many pictures the maintainer hides."""
    with reading(source) as connection:
        return connection.scalar(select(func.count()).select_from(Hidden)) or 0


def label_sources(source: Source, model: str) -> tuple[SourceView, ...]:
    """Where a model's labels come from, in the order in which they came."""
    statement = (
        select(Label.source, func.count())
        .join(Layer, Layer.id == Label.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .where(Model.slug == model)
        .group_by(Label.source)
        .order_by(func.min(Label.id))
    )
    with reading(source) as connection:
        return tuple(SourceView(*row) for row in connection.execute(statement))


def _owned(
    connection: Connection,
    channels: Mapping[int, int],
    made: Iterable[Stretch],
    whole: Mapping[int, Counter[str]],
) -> dict[int, Counter[str]]:
    """By layer, how many units have pictures of which technique; `channels` are all layers."""
    pictures: Counter[tuple[int, str]] = Counter()
    least: Counter[tuple[int, str]] = Counter()
    for each in made:
        pictures[each.layer, each.technique] += each.pictures
        least[each.layer, each.technique] += each.units
    found: dict[int, Counter[str]] = {home: Counter() for home in channels}
    partly = set()
    for (home, name), count in pictures.items():
        if least[home, name] == channels[home]:
            found[home][name] = channels[home]
        elif count > whole[home][name]:
            partly.add(home)
    return found | _counted(connection, partly)


def _counted(connection: Connection, homes: Collection[int]) -> dict[int, Counter[str]]:
    """The same of layers that lack some pictures, unit by unit."""
    names = func.aggregate_strings(Visualization.technique, BETWEEN)
    own = select(names).where(Visualization.unit_id == Unit.id).scalar_subquery()
    units = select(Unit.layer_id, own.label("names")).where(Unit.layer_id.in_(homes)).subquery()
    alike = (units.c.layer_id, units.c.names)
    found: dict[int, Counter[str]] = {home: Counter() for home in homes}
    for home, together, count in connection.execute(select(*alike, func.count()).group_by(*alike)):
        for name in set((together or "").split(BETWEEN)) - {""}:
            found[home][name] += count
    return found


def _whole(connection: Connection, homes: Collection[int]) -> dict[int, Counter[str]]:
    """By layer, how many pictures it has as a whole by which technique."""
    where = (Visualization.unit_id.is_(None), Visualization.layer_id.in_(homes))
    statement = select(Visualization.layer_id, Visualization.technique).where(*where)
    found: dict[int, Counter[str]] = {home: Counter() for home in homes}
    for home, name in connection.execute(statement):
        found[home][name] += 1
    return found
