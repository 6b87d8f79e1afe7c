"""The tables of a Parquet export: their columns, what type each is, and what it means.

One table, from which the files, their README and the documentation are made. The reads of
`app.db.bulk.table_reader` answer values in this order.
"""

from __future__ import annotations

from dataclasses import dataclass

TEXT, INTEGER, NUMBER, TRUTH, MOMENT = "text", "integer", "number", "truth", "moment"
TEXTS, INTEGERS, NUMBERS = "texts", "integers", "numbers"

WORDS = {
    TEXT: "string",
    INTEGER: "int64",
    NUMBER: "double",
    TRUTH: "bool",
    MOMENT: "timestamp (UTC)",
    TEXTS: "list of string",
    INTEGERS: "list of int64",
    NUMBERS: "list of double",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    type: str
    help: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table, one file."""

    name: str
    help: str
    columns: tuple[Column, ...]


MODEL = Column("model", TEXT, "The model's slug.")
LAYER = Column("layer", TEXT, "The layer's name.")
UNIT = Column("unit", INTEGER, "The unit's index in its layer.")
DATASET = Column("dataset", TEXT, "The data set's slug.")
RECIPE = Column("recipe_sha256", TEXT, "How it was made: `sha256` of `recipes`.")
KEY = (MODEL, LAYER, UNIT)

SUMMARY = (
    Column("mean", NUMBER, "Mean of all positions, before the ReLU."),
    Column("deviation", NUMBER, "Standard deviation of the same."),
    Column("skew", NUMBER, "Skewness of the same."),
    Column("maximum", NUMBER, "The largest of all positions."),
    Column("minimum", NUMBER, "The smallest of all positions."),
    Column("density", NUMBER, "Share of positions above 0; a unit is dead where it is 0."),
    Column("image_density", NUMBER, "Share of images with a position above 0."),
    Column("place", INTEGER, "Place in its layer's order by similarity, from 0; null if unknown."),
)

TABLES = (
    Table(
        "models",
        "A network with its weights.",
        (
            MODEL,
            Column("title", TEXT, "Its name for people."),
            Column("variant", TEXT, "The variant of InceptionV1 that it is."),
            Column("weights_sha256", TEXT, "SHA-256 of the file of weights."),
            Column("weights_file", TEXT, "The name of that file."),
            Column("licence", TEXT, "The licence of the weights."),
            Column("input_size", INTEGER, "Pixels along a side of the network's input."),
            Column("created", MOMENT, "When it was stored."),
        ),
    ),
    Table(
        "layers",
        "A layer of a model.",
        (
            MODEL,
            LAYER,
            Column("ordinal", INTEGER, "Its place in the forward pass, from 0."),
            Column("channels", INTEGER, "How many units it has."),
            Column("map_size", INTEGER, "Cells along a side of its map."),
            Column("stride", INTEGER, "Pixels between neighbouring cells; null for classes."),
            Column("receptive_field", INTEGER, "Pixels along a side that a cell sees; or null."),
            Column("branch_names", TEXTS, "The branches, in the order of their units."),
            Column("branch_starts", INTEGERS, "The first unit of each branch."),
            Column("branch_stops", INTEGERS, "The unit after the last of each branch."),
        ),
    ),
    Table(
        "units",
        "A unit, with its statistics in the first data set that its layer has any in.",
        (
            *KEY,
            Column("title", TEXT, "The class's name, for units of `logits`; else null."),
            Column("branch", TEXT, "The branch that it belongs to; null where there is one."),
            DATASET,
            *SUMMARY,
        ),
    ),
    Table(
        "visualizations",
        "A rendered picture of a unit, or of a whole layer.",
        (
            MODEL,
            LAYER,
            Column("unit", INTEGER, "The unit's index; null for a picture of the whole layer."),
            Column("technique", TEXT, "How it was made, in a word: `channel`, `negative`, …"),
            Column("seed", INTEGER, "The seed of its noise."),
            Column("member", INTEGER, "Its place among pictures that belong together, from 0."),
            Column("image_sha256", TEXT, "SHA-256 of the picture."),
            Column("media_type", TEXT, "What the picture is: `image/webp`, …"),
            Column("width", INTEGER, "Pixels."),
            Column("height", INTEGER, "Pixels."),
            RECIPE,
            Column("activation", NUMBER, "The objective's value on the picture."),
            Column("maximum", NUMBER, "The largest cell of the unit's map on it, before the ReLU."),
            Column("minimum", NUMBER, "The smallest; null where it was not measured."),
            Column("note", TEXT, "Why it is not what one would expect; else null."),
            Column("seconds", NUMBER, "How long it took to make."),
            Column("created", MOMENT, "When it was made."),
        ),
    ),
    Table(
        "examples",
        "An image of a data set that excites a unit, or suppresses it.",
        (
            *KEY,
            DATASET,
            Column("kind", TEXT, "`top`, `minimum`, or `interval-0` to `interval-11`."),
            Column("rank", INTEGER, "Its place in the list of that kind, from 1."),
            Column("path", TEXT, "The image's path in the data set."),
            Column("label", TEXT, "The class that the data set says it is of; or null."),
            Column("image_sha256", TEXT, "SHA-256 of the view that is stored; or null."),
            Column("activation", NUMBER, "The cell at (`y`, `x`), before the ReLU."),
            Column("y", INTEGER, "The cell's row in the unit's map."),
            Column("x", INTEGER, "The cell's column."),
            Column("left", INTEGER, "What the cell sees of the view, in pixels; null for classes."),
            Column("upper", INTEGER, "The same."),
            Column("right", INTEGER, "The same, excluded."),
            Column("lower", INTEGER, "The same, excluded."),
        ),
    ),
    Table(
        "statistics",
        "What a unit does over all images of a data set.",
        (
            *KEY,
            DATASET,
            Column("images", INTEGER, "How many images were read."),
            Column("positions", INTEGER, "Cells of the map over all of them."),
            *SUMMARY,
            Column("quantile_shares", NUMBERS, "Shares, each of the quantile at the same place."),
            Column("quantile_values", NUMBERS, "The quantiles."),
            Column("histogram_low", NUMBER, "The lower end of the histogram's first bin."),
            Column("histogram_high", NUMBER, "The upper end of its last."),
            Column("histogram_counts", INTEGERS, "The counts of its bins, all equally wide."),
            Column("histogram_positions", INTEGER, "Positions of each map that it counts."),
            Column("interval_lows", NUMBERS, "The lower ends of the intervals of the range."),
            Column("interval_highs", NUMBERS, "Their upper ends."),
            Column("interval_images", INTEGERS, "How many images' maxima lie in each."),
            Column("class_mean_labels", TEXTS, "Classes with the highest means, highest first."),
            Column("class_mean_values", NUMBERS, "Their means, after the ReLU."),
            Column("class_share_labels", TEXTS, "Classes of the top 1 % of images, most first."),
            Column("class_share_values", NUMBERS, "Their shares of these images."),
            Column("top_images", INTEGER, "How many images these 1 % are."),
        ),
    ),
    Table(
        "neighbours",
        "A unit that is active on the same images as another.",
        (
            *KEY,
            DATASET,
            Column("within", TRUTH, "Whether the other is of the same layer."),
            Column("rank", INTEGER, "Its place in that list, from 1."),
            Column("other_layer", TEXT, "The other unit's layer, of the same model."),
            Column("other_unit", INTEGER, "The other unit's index."),
            Column("correlation", NUMBER, "Of the maxima of both over the images (Pearson's r)."),
        ),
    ),
    Table(
        "effects",
        "How much a unit argues for or against a class.",
        (
            *KEY,
            DATASET,
            Column("rank", INTEGER, "From 1 for classes argued for, from −1 down for against."),
            Column("output", INTEGER, "The class: a unit of `logits`."),
            Column("output_title", TEXT, "The class's name; or null."),
            Column("value", NUMBER, "The mean of gradient times activation."),
            Column("images", INTEGER, "How many images it is the mean of."),
            RECIPE,
        ),
    ),
    Table(
        "labels",
        "What a maintainer calls a unit, or a range of units.",
        (
            MODEL,
            LAYER,
            Column("start", INTEGER, "The first unit."),
            Column("stop", INTEGER, "The unit after the last."),
            Column("label", TEXT, "The name."),
            Column("family", TEXT, "The family that it belongs to; or null."),
            Column("note", TEXT, "What else is said of it; or null."),
            Column("source", TEXT, "Who says so, and where."),
        ),
    ),
    Table(
        "recipes",
        "Every number that a picture or a scan depends on.",
        (
            Column("sha256", TEXT, "SHA-256 of the recipe."),
            Column("body", TEXT, "The recipe, as JSON."),
        ),
    ),
    Table(
        "datasets",
        "A set of images that was scanned.",
        (
            DATASET,
            Column("title", TEXT, "Its name for people."),
            Column("licence", TEXT, "What is known of its licence."),
            Column("fingerprint", TEXT, "SHA-256 over the paths and sizes of its images."),
            Column("images", INTEGER, "How many images it has."),
            Column("created", MOMENT, "When it was stored."),
        ),
    ),
)


def columns_table() -> str:
    """All tables and columns in Markdown, for the README of an export and for docs/export.md."""
    return "\n".join(map(_told, TABLES))


def _told(table: Table) -> str:
    lines = [f"### {table.name}.parquet", "", table.help, ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{each.name}` | {WORDS[each.type]} | {each.help} |" for each in table.columns]
    return "\n".join(lines) + "\n"
