"""The tour of a model: which units are remarkable, chosen from what is stored, and read again.

`itinerary` chooses; here is what it chooses from, and where the choice is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, select
from sqlalchemy.orm import aliased

from app.db.queries.lookup import IMAGE_HEAD, first_picture, image_view
from app.db.queries.sampling import has_picture
from app.db.tour.choose import Stop, tour
from app.db.tour.rules import Link, TourFacts, UnitFacts
from app.db.transactions import Source, reading, writing
from app.db.views.overview import HighlightView
from app.evidence.class_attribution import Effect
from app.evidence.similar_units import Neighbour
from app.evidence.statistics import Statistics
from app.evidence.visualizations import Visualization
from app.tables import Hidden, Highlight, Image, Layer, Model, Unit
from app.techniques import CHANNEL

if TYPE_CHECKING:
    from app.db.writer.writer import Writer  # the web side writes nothing

# The first columns of `_measured`.
MEASURED = (
    "id",
    "layer",
    "ordinal",
    "index",
    "title",
    "receptive_field",
    "has_picture",
    "maximum",
    "minimum",
    "skew",
    "density",
    "image_density",
)

# Of the most linked units, how many are looked at.
LINKS = 64


def highlights(source: Source) -> tuple[HighlightView, ...]:
    """The tours of all models, in the order in which these were stored; each by its rank."""
    number = Unit.index.label("number")
    told = (Highlight.kind, Highlight.value, Highlight.detail)
    columns: tuple[Any, ...] = (Model.slug, Layer.name, number, Unit.title, *told)
    statement = (
        select(*columns, *IMAGE_HEAD)
        .join_from(Highlight, Model, Model.id == Highlight.model_id)
        .join(Unit, Unit.id == Highlight.unit_id)
        .join(Layer, Layer.id == Unit.layer_id)
        .outerjoin(Image, Image.sha256 == first_picture())
        .order_by(Model.id, Highlight.rank)
    )
    with reading(source) as connection:
        return tuple(_highlight_view(row) for row in connection.execute(statement))


def renew_tour(writer: Writer, model: str) -> int:
    """Choose a model's tour again; how many of its stops changed, went or came."""
    with writing(writer.engine) as connection:
        home = connection.scalar(select(Model.id).where(Model.slug == model))
        if home is None:
            return 0
        return _replace(connection, home, _changed(connection, home))


def outdated_stops(connection: Connection, model: str) -> int:
    """How many stops of a model's tour `renew_tour` would change."""
    home = connection.scalar(select(Model.id).where(Model.slug == model))
    return 0 if home is None else len(_changed(connection, home))


def _changed(connection: Connection, model: int) -> dict[int, Stop | None]:
    """By rank, the stops that should be others than those that are stored; None for no stop."""
    wanted, stored = dict(enumerate(tour(_facts(connection, model)), 1)), _stored(connection, model)
    return {
        rank: wanted.get(rank)
        for rank in stored.keys() | wanted.keys()
        if stored.get(rank) != wanted.get(rank)
    }


def _replace(connection: Connection, model: int, changed: dict[int, Stop | None]) -> int:
    """Make the stored stops those that are wanted, and touch no other."""
    own = (Highlight.model_id == model, Highlight.rank.in_(changed))
    connection.execute(delete(Highlight).where(*own))
    rows = [_row(model, rank, stop) for rank, stop in changed.items() if stop]
    if rows:
        connection.execute(insert(Highlight), rows)
    return len(changed)


def _stored(connection: Connection, model: int) -> dict[int, Stop]:
    columns = (Highlight.kind, Highlight.unit_id, Highlight.value, Highlight.detail)
    found = connection.execute(select(Highlight.rank, *columns).where(Highlight.model_id == model))
    return {rank: Stop(kind, unit, value, detail) for rank, kind, unit, value, detail in found}


def _row(model: int, rank: int, stop: Stop) -> dict[str, Any]:
    told = {"kind": stop.kind, "unit_id": stop.unit, "value": stop.value, "detail": stop.detail}
    return {"model_id": model, "rank": rank, **told}


def _facts(connection: Connection, model: int) -> TourFacts:
    """What is known of a model's units, by the data set that knows most of them."""
    dataset = _widest_dataset(connection, model)
    return TourFacts(
        units=_measured(connection, model, dataset),
        supports=_effects(connection, model, dataset, Effect.rank == 1),
        opposes=_effects(connection, model, dataset, Effect.rank == -1),
        twins=_twins(connection, model, dataset),
        lonely=_lonely(connection, model, dataset),
    )


def _widest_dataset(connection: Connection, model: int) -> int | None:
    statement = (
        select(Statistics.dataset_id)
        .join(Unit, Unit.id == Statistics.unit_id)
        .join(Layer, Layer.id == Unit.layer_id)
        .where(Layer.model_id == model)
        .group_by(Statistics.dataset_id)
        .order_by(func.count().desc(), Statistics.dataset_id)
    )
    return connection.scalar(statement.limit(1))


def _measured(connection: Connection, model: int, dataset: int | None) -> tuple[UnitFacts, ...]:
    table = Statistics
    known = (table.maximum, table.minimum, table.skew, table.density, table.image_density)
    place: tuple[Any, ...] = (Unit.id, Layer.name, Layer.ordinal, Unit.index.label("number"))
    statement = (
        select(*place, Unit.title, Layer.receptive_field, _is_shown(), *known)
        .add_columns(table.top_images, table.class_shares, _picture_maximum())
        .join_from(Unit, Layer, Layer.id == Unit.layer_id)
        .outerjoin(table, and_(table.unit_id == Unit.id, table.dataset_id == dataset))
        .where(Layer.model_id == model)
        .order_by(Layer.ordinal, Unit.index)
    )
    return tuple(_measured_unit(row) for row in connection.execute(statement))


def _measured_unit(row: Any) -> UnitFacts:
    *told, top_images, shares, picture_maximum = row
    first: dict[str, Any] = shares[0] if shares else {"label": None, "value": 0.0}
    fields = dict(zip(MEASURED, told, strict=True))
    return UnitFacts(
        **fields,
        top_images=top_images or 0,
        label=first["label"],
        share=first["value"],
        picture_maximum=picture_maximum,
    )


def _is_shown() -> ColumnElement[bool]:
    """Whether the unit of the enclosing query has pictures, and none that is hidden."""
    veiled = (Visualization.unit_id == Unit.id, Hidden.sha256 == Visualization.image_sha256)
    return and_(has_picture(), ~exists().where(*veiled))


def _picture_maximum() -> Any:
    table = Visualization
    own = (table.unit_id == Unit.id, table.technique == CHANNEL.slug)
    return select(func.max(table.maximum)).where(*own).scalar_subquery()


def _effects(
    connection: Connection, model: int, dataset: int | None, where: ColumnElement[bool]
) -> tuple[Link, ...]:
    """The largest effects on a class, with the class's name."""
    output = aliased(Unit)
    statement = (
        select(Effect.unit_id, Effect.value, output.title)
        .join(Unit, Unit.id == Effect.unit_id)
        .join(Layer, Layer.id == Unit.layer_id)
        .join(output, output.id == Effect.output_id)
        .where(Layer.model_id == model, Effect.dataset_id == dataset, where)
        .where(output.title.is_not(None), Effect.output_id != Effect.unit_id)
        .order_by(func.abs(Effect.value).desc(), Effect.unit_id)
    )
    return tuple(Link(*row) for row in connection.execute(statement.limit(LINKS)))


def _twins(connection: Connection, model: int, dataset: int | None) -> tuple[Link, ...]:
    """Units of different layers that are most alike, with the other's name."""
    other, home = aliased(Unit), aliased(Layer)
    statement = (
        select(Neighbour.unit_id, Neighbour.correlation, home.name, other.index.label("number"))
        .join(Unit, Unit.id == Neighbour.unit_id)
        .join(Layer, Layer.id == Unit.layer_id)
        .join(other, other.id == Neighbour.other_id)
        .join(home, home.id == other.layer_id)
        .where(Layer.model_id == model, Neighbour.dataset_id == dataset, ~Neighbour.within)
        .order_by(Neighbour.correlation.desc(), Neighbour.unit_id, Neighbour.rank)
    )
    found = connection.execute(statement.limit(LINKS))
    return tuple(Link(unit, value, f"{layer}:{index}") for unit, value, layer, index in found)


def _lonely(connection: Connection, model: int, dataset: int | None) -> tuple[Link, ...]:
    """Units whose nearest is farthest, whichever layer it is in."""
    nearest = func.max(Neighbour.correlation)
    statement = (
        select(Neighbour.unit_id, nearest)
        .join(Unit, Unit.id == Neighbour.unit_id)
        .join(Layer, Layer.id == Unit.layer_id)
        .where(Layer.model_id == model, Neighbour.dataset_id == dataset)
        .group_by(Neighbour.unit_id)
        .order_by(nearest, Neighbour.unit_id)
    )
    found = connection.execute(statement.limit(LINKS))
    return tuple(Link(unit, value, None) for unit, value in found)


def _highlight_view(row: Any) -> HighlightView:
    model, layer, unit, title, kind, value, detail, *head = row
    return HighlightView(model, layer, unit, title, image_view(head), kind, value, detail)
