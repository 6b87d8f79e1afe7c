"""A database in which every string that a person or a file supplies would do harm if it could.

Each field has text of its own, `«field»` and then everything that is tried, so that a test finds
it again wherever it is shown. There are two models: in one of them each text is long as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select, update

from app import tables
from app.db.engine import open_for_writing
from app.db.records import (
    BranchRecord,
    ClassRecord,
    DatasetRecord,
    LayerRecord,
    ModelRecord,
    RecipeRecord,
    ScanRecord,
    VisualizationRecord,
)
from app.db.transactions import writing
from app.db.writer.writer import Writer
from app.evidence.labels import Label
from tests.app.conftest import draw_picture, visualization
from tests.app.findings import effects, interval_examples, neighbours, seen, statistics_of
from tests.app.pages_of import Place

# One string of everything: what it plants, if it is ever taken for HTML, bears the class `planted`
# or sets `window.hurt`.
HARM = (
    "<script class=planted>window.hurt=1</script>"
    "\"'><img class=planted src=/planted onerror=window.hurt=1 onload='window.hurt=1'>"
    "</title></textarea></svg><b class=planted>&lt;&amp;&#0;</b><!-- --> ]]> {{7*7}} {% raw %} "
    "${7*7} javascript:window.hurt=1 \u202egnihtyna\u2066 👩\u200d👩\u200d👧 \n\t `x` %00%2F"
)
LINK = "javascript:window.hurt=1"
LONG = 10_000
SLUG = "<b class=planted>\"'&%?#;\u202e{{7*7}}"


@dataclass(frozen=True, slots=True)
class Harm:
    """One model's texts: by the field that they stand in."""

    slug: str
    dataset: str
    is_long: bool

    def of(self, field: str) -> str:
        """The text of a field."""
        return f"«{field}»{HARM}" + ("W" * LONG if self.is_long else "")

    @property
    def layer(self) -> str:
        return f"layer{SLUG}"

    @property
    def place(self) -> Place:
        return Place(self.slug, self.layer, 2)


SHORT_HARM = Harm(f"short{SLUG}", f"set{SLUG}", False)
LONG_HARM = Harm(f"long{SLUG}", f"long-set{SLUG}", True)
BOTH = (SHORT_HARM, LONG_HARM)


def model_of(harm: Harm) -> ModelRecord:
    titles = tuple(f"{number} {harm.of('unit.title')}" for number in range(4))
    layers = (
        LayerRecord("first", 4, 28, 8, 139),
        LayerRecord(harm.layer, 24, 28, 8, 139, (BranchRecord("1x1", 0, 24),)),
        LayerRecord("logits", 4, 1, unit_titles=titles),
    )
    names = [harm.of(f"model.{field}") for field in ("title", "variant", "weights_file", "licence")]
    title, variant, file, licence = names
    return ModelRecord(harm.slug, title, variant, "ab" * 32, file, licence, 224, layers)


def pictures(harm: Harm) -> list[VisualizationRecord]:
    """Of every unit, and of the layer; recipes have hostile keys and values."""
    recipe = RecipeRecord.from_body(
        {harm.of("recipe.name"): [harm.of("recipe.value"), {harm.of("recipe.inner"): LINK}]}
    )
    places = [(harm.layer, unit) for unit in range(6)] + [("logits", unit) for unit in range(4)]
    own = [
        visualization(layer, unit, recipe=recipe, note=harm.of("picture.note"))
        for layer, unit in places
    ]
    start = {"kind": "photograph", "name": harm.of("recipe.start")}
    dream = RecipeRecord.from_body({"technique": "deepdream", "start": start})
    negative = visualization(harm.layer, 2, 0, "negative", minimum=-3.0, note=harm.of("other.note"))
    return [*own, negative, visualization(harm.layer, None, 0, "deepdream", recipe=dream)]


def put_findings(writer: Writer, harm: Harm) -> None:
    """What a scan says of one unit, with hostile paths and labels."""
    unit = (harm.layer, 2)
    found = [
        replace(
            seen(replace(record, layer="mixed3b")),
            layer=harm.layer,
            path=f"{record.path}/{harm.of('image.path')}\0",
            label=harm.of("image.label"),
        )
        for record in [
            *interval_examples(*unit),
            *(replace(each, kind="top") for each in interval_examples(*unit)[:2]),
        ]
    ]
    rows = tuple(ClassRecord(harm.of("class.label"), 1.0 / rank) for rank in range(1, 4))
    told = replace(statistics_of(*unit), class_means=rows, class_shares=rows)
    near = [each for each in neighbours(*unit) if each.other_layer != "conv2d0"]
    views = {record.path: draw_picture(3, 224) for record in found}
    recipe = RecipeRecord.from_body({harm.of("scan.name"): harm.of("scan.value")})
    writer.put_dataset(
        DatasetRecord(
            harm.dataset, harm.of("set.title"), harm.of("set.licence"), harm.slug[:4] * 16, 500
        )
    )
    scan = [ScanRecord(*unit, 3, 500)]
    writer.put_examples(harm.slug, harm.dataset, recipe, found, scan, views, [told], near)
    writer.put_effects(harm.slug, harm.dataset, recipe, effects(*unit))


def put_names(engine: Engine, harm: Harm) -> None:
    """What a maintainer calls units, and a stop of the tour."""
    model, layer, unit = tables.Model, tables.Layer, tables.Unit
    with writing(engine) as connection:
        home = select(layer.id).join(model).where(model.slug == harm.slug, layer.name == harm.layer)
        place = connection.execute(home).scalar_one()
        stop = select(unit.id).where(unit.layer_id == place, unit.index == 2)
        names = {name: harm.of(f"label.{name}") for name in ("label", "family", "note", "source")}
        for source in (names["source"], LINK):
            row = {**names, "source": source, "layer_id": place, "start": 0, "stop": 4}
            connection.execute(insert(Label).values(row))
        highlight = {
            "model_id": select(model.id).where(model.slug == harm.slug).scalar_subquery(),
            "rank": 1,
            "kind": "class",
            "unit_id": connection.execute(stop).scalar_one(),
            "value": 1.0,
            "detail": harm.of("stop.detail"),
        }
        connection.execute(insert(tables.Highlight).values(**highlight))


def fill_hostile(database: str) -> None:
    """Both models, with all that can be stored of them; the run of the short one goes on."""
    engine = open_for_writing(database)
    writer = Writer(engine)
    for harm in BOTH:
        writer.put_model(model_of(harm))
        writer.put_visualizations(harm.slug, pictures(harm))
        put_findings(writer, harm)
        put_names(engine, harm)
        run = writer.start_run(
            harm.slug, {"command": harm.of("run.command")}, harm.of("run.version")
        )
        said = (harm.of("run.message"), [harm.of("run.skipped")])
        writer.end_run(run, "failed", *said) if harm.is_long else writer.beat(
            run, harm.of("run.stage"), 1, 4
        )
    # However long the tests take, the run is alive.
    with writing(engine) as connection:
        connection.execute(update(tables.Run).values(heartbeat=datetime(2100, 1, 1, tzinfo=UTC)))
    engine.dispose()
