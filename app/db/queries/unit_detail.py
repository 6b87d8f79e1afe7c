"""Reading everything that is stored about one unit: its pictures, its examples, how they came,
what data sets say about it; and a whole layer's own pictures.

The same manners as `read`: one short read-only transaction, dataclasses out, no image bytes, and
no heat but by `heat`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    exists,
    select,
)

from app.db.queries import unit_evidence
from app.db.queries.kind_evidence import evidence
from app.db.queries.lookup import (
    IMAGE_HEAD,
    LAYER_COLUMNS,
    MODEL_COLUMNS,
    find_layer,
    head_view,
    image_view,
    layer_view,
    model_view,
    of_layer,
    require_model,
    unit_labels,
)
from app.db.queries.unit_evidence import arguers
from app.db.transactions import Source, reading
from app.db.views import RecipeView, VisualizationView, utc
from app.db.views.evidence import ExampleView, HeatView, PlacedUnit, ScanView, UnitDetail
from app.errors import NotFound
from app.evidence import kinds
from app.evidence.examples import Example, Scan
from app.evidence.visualizations import Visualization
from app.tables import Dataset, DatasetImage, Hidden, Image, Layer, Recipe, Unit
from app.techniques import OF_UNITS
from app.unit_names import LOGITS

# The parts of a unit, each with queries of its own.
PICTURES, EXAMPLES, SCANS, STATISTICS = "visualizations", "examples", "scans", "statistics"
NEIGHBOURS, EFFECTS = "neighbours", "effects"
# Of the examples only the strongest and the lowest, which pictures are compared with.
PEAKS = "peaks"
# The kinds that have no field of their own.
OTHER_KINDS = tuple(kind for kind in kinds() if not kind.has_reader and kind.unit is not None)
ALL_PARTS = frozenset(
    {
        *(PICTURES, EXAMPLES, SCANS, STATISTICS, NEIGHBOURS, EFFECTS),
        *(kind.name for kind in OTHER_KINDS),
    }
)

T = TypeVar("T")

PICTURE_FIELDS = (
    "technique",
    "seed",
    "member",
    "activation",
    "maximum",
    "minimum",
    "note",
    "seconds",
)

EXAMPLE_HEAD: tuple[Any, ...] = (
    Dataset.slug,
    Example.kind,
    Example.rank,
    Example.activation,
    Example.y,
    Example.x,
    DatasetImage.path,
    DatasetImage.label,
    Example.left,
    Example.upper,
    Example.right,
    Example.lower,
    Example.heat.is_not(None),
)


def unit(
    source: Source, model: str, layer: str, index: int, parts: Collection[str] = ALL_PARTS
) -> UnitDetail:
    """A unit with its pictures, by technique, seed and member, and all that data sets say.

    Only the `parts` are read; the fields of others are empty.
    """
    with reading(source) as connection:
        key, title = find_unit(connection, model, layer, index)
        return _detail(connection, key, layer == LOGITS, index, title, parts)


def placed_unit(
    source: Source, model: str, layer: str, index: int, parts: Collection[str] = ALL_PARTS
) -> PlacedUnit:
    """A unit as `unit` reads it, with its model, its layer and its labels."""
    place = {"slug": model, "name": layer, "unit": index}
    with reading(source) as connection:
        row = connection.execute(_placed(), place).one_or_none() if index < 2**31 else None
        if row is None:
            require_model(connection, model)
            raise NotFound(_no_unit(connection, model, layer, index))
        key, title, *heads = row
        home, where = heads[: len(MODEL_COLUMNS)], heads[len(MODEL_COLUMNS) :]
        detail = _detail(connection, key, layer == LOGITS, index, title, parts)
        labels = unit_labels(connection, model, layer, index)
        return PlacedUnit(model_view(home), layer_view(where), detail, labels)


def _placed() -> Select[Any]:
    columns: tuple[Any, ...] = (Unit.id, Unit.title)
    units = select(*columns, *MODEL_COLUMNS, *LAYER_COLUMNS).select_from(Unit)
    return of_layer(units.join(Layer, Layer.id == Unit.layer_id)).where(
        Unit.index == bindparam("unit")
    )


def _detail(
    connection: Connection,
    key: int,
    is_class: bool,
    index: int,
    title: str | None,
    parts: Collection[str],
) -> UnitDetail:
    def read(part: str, query: Callable[[Connection, int], tuple[T, ...]]) -> tuple[T, ...]:
        return query(connection, key) if part in parts else ()

    return UnitDetail(
        index,
        title,
        _pictures(connection, unit=key) if PICTURES in parts else (),
        read(EXAMPLES, _examples) or read(PEAKS, _peaks),
        read(SCANS, _scans),
        read(STATISTICS, unit_evidence.statistics),
        read(NEIGHBOURS, unit_evidence.neighbours),
        read(EFFECTS, unit_evidence.effects),
        unit_evidence.effect_recipes(connection, key, is_class) if EFFECTS in parts else {},
        read(EFFECTS, arguers) if is_class else (),
        {each.name: evidence(connection, each, key) for each in OTHER_KINDS if each.name in parts},
    )


def heat(
    source: Source, model: str, layer: str, index: int, dataset: str, kind: str, rank: int
) -> HeatView | None:
    """The unit's map on one of its examples, if it is stored and the example is not hidden."""
    with reading(source) as connection:
        key, _ = find_unit(connection, model, layer, index)
        statement = (
            select(Example.heat)
            .join(Dataset, Dataset.id == Example.dataset_id)
            .join(DatasetImage, DatasetImage.id == Example.dataset_image_id)
            .where(Example.unit_id == key, Dataset.slug == dataset)
            .where(Example.kind == kind, Example.rank == rank)
            .where(~exists().where(Hidden.sha256 == DatasetImage.image_sha256))
        )
        found = connection.scalar(statement)
    return None if found is None else HeatView(kind, found)


def layer_pictures(source: Source, model: str, layer: str) -> tuple[VisualizationView, ...]:
    """The pictures of a layer as a whole, by technique, seed and member."""
    with reading(source) as connection:
        home, _ = find_layer(connection, model, layer)
        return _pictures(connection, layer=home)


def find_unit(connection: Connection, model: str, layer: str, index: int) -> tuple[int, str | None]:
    """The id of a unit, and its class's name."""
    # An index beyond what the column holds is an error to the drivers; here it is unknown.
    place = {"slug": model, "name": layer, "unit": index}
    row = connection.execute(_unit_at(), place).one_or_none() if index < 2**31 else None
    if row is None:
        raise NotFound(_no_unit(connection, model, layer, index))
    return row.id, row.title


def _no_unit(connection: Connection, model: str, layer: str, index: int) -> str:
    home, _ = find_layer(connection, model, layer)
    count = connection.scalar(select(Layer.channels).where(Layer.id == home)) or 0
    return f"The layer {layer!r} of {model!r} has no unit {index}: its units are 0 to {count - 1}."


def _unit_at() -> Select[Any]:
    columns: tuple[Any, ...] = (Unit.id, Unit.title)
    units = select(*columns).join(Layer, Layer.id == Unit.layer_id)
    return of_layer(units).where(Unit.index == bindparam("unit"))


def _pictures(
    connection: Connection, *, unit: int | None = None, layer: int | None = None
) -> tuple[VisualizationView, ...]:
    """The pictures of a unit, or those of a layer as a whole."""
    statement = _pictures_of(layer is not None)
    found = connection.execute(statement, {"home": unit if layer is None else layer})
    return tuple(_picture_view(row) for row in found)


def _pictures_of(is_layer: bool) -> Select[Any]:
    table = Visualization
    home: BindParameter[int] = bindparam("home")
    whole = (table.unit_id.is_(None), table.layer_id == home)
    measured = (getattr(table, name) for name in PICTURE_FIELDS)
    return (
        select(*measured, table.created, *IMAGE_HEAD, Recipe.sha256, Recipe.body)
        .join(Image, Image.sha256 == table.image_sha256)
        .join(Recipe, Recipe.id == table.recipe_id)
        .where(*(whole if is_layer else (table.unit_id == home,)))
        .order_by(_technique_order(), table.technique, table.seed, table.member)
    )


def _picture_view(row: Any) -> VisualizationView:
    fields = {name: getattr(row, name) for name in PICTURE_FIELDS}
    *head, sha256, body = row[-len(IMAGE_HEAD) - 2 :]
    image, recipe = head_view(head), RecipeView(sha256, body)
    return VisualizationView(**fields, created=utc(row.created), image=image, recipe=recipe)


def _examples(connection: Connection, unit: int) -> tuple[ExampleView, ...]:
    """Ordered by kind, then rank; of several data sets, the first stored comes first."""
    found = connection.execute(_examples_of(), {"unit": unit})
    return tuple(example_view(row) for row in found)


def _peaks(connection: Connection, unit: int) -> tuple[ExampleView, ...]:
    """The first top and the first minimum example of each data set."""
    first = _examples_of().where(Example.rank == 1, Example.kind.in_(("top", "minimum")))
    return tuple(example_view(row) for row in connection.execute(first, {"unit": unit}))


def _examples_of() -> Select[Any]:
    return (
        select(*EXAMPLE_HEAD, *IMAGE_HEAD)
        .join_from(Example, Dataset, Dataset.id == Example.dataset_id)
        .join(DatasetImage, DatasetImage.id == Example.dataset_image_id)
        .outerjoin(Image, Image.sha256 == DatasetImage.image_sha256)
        .where(Example.unit_id == bindparam("unit"))
        .order_by(Example.kind, Example.rank, Dataset.id)
    )


def example_view(row: Any) -> ExampleView:
    """A row of `EXAMPLE_HEAD` and `IMAGE_HEAD`."""
    dataset, kind, rank, activation, y, x, path, label, *box, has_heat = row[: -len(IMAGE_HEAD)]
    image = image_view(row[-len(IMAGE_HEAD) :])
    field = None if box[0] is None else (box[0], box[1], box[2], box[3])
    return ExampleView(dataset, kind, rank, activation, y, x, path, label, image, field, has_heat)


def _scans(connection: Connection, unit: int) -> tuple[ScanView, ...]:
    found = connection.execute(_scans_of(), {"unit": unit})
    return tuple(_scan_view(row) for row in found)


def _scans_of() -> Select[Any]:
    return (
        select(
            Dataset.slug,
            Dataset.title,
            Dataset.licence,
            Dataset.fingerprint,
            Dataset.private,
            Scan.top,
            Scan.images,
            Scan.created,
            Recipe.sha256,
            Recipe.body,
        )
        .join_from(Scan, Dataset, Dataset.id == Scan.dataset_id)
        .join(Recipe, Recipe.id == Scan.recipe_id)
        .where(Scan.unit_id == bindparam("unit"))
        .order_by(Dataset.id)
    )


def _scan_view(row: Any) -> ScanView:
    dataset, title, licence, fingerprint, private, top, images, created, *recipe = row
    made, how = utc(created), RecipeView(*recipe)
    return ScanView(dataset, title, licence, fingerprint, private, top, images, made, how)


def _technique_order() -> ColumnElement[int]:
    """The place of a technique among a unit's pictures."""
    ranks = {name: place for place, name in enumerate(OF_UNITS)}
    return case(ranks, value=Visualization.technique, else_=len(ranks))
