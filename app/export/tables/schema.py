"""The tables of a Parquet export: their columns, what type each is, and what it means.

One table, from which the files, their README and the documentation are made. The reads of
`app.db.bulk.table_reader` answer values in this order.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.statistics import STATISTICS

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
class TableColumn:
    """A column of a table."""

    name: str
    type: str
    help: str


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table, one file."""

    name: str
    help: str
    columns: tuple[TableColumn, ...]


MODEL = TableColumn("model", TEXT, "The model's slug.")
LAYER = TableColumn("layer", TEXT, "The layer's name.")
UNIT = TableColumn("unit", INTEGER, "The unit's index in its layer.")
DATASET = TableColumn("dataset", TEXT, "The data set's slug.")
RECIPE = TableColumn("recipe_sha256", TEXT, "How it was made: `sha256` of `recipes`.")
KEY = (MODEL, LAYER, UNIT)

SUMMARY = (
    *(TableColumn(each.name, NUMBER, each.help) for each in STATISTICS.values()),
    TableColumn(
        "place", INTEGER, "Place in its layer's order by similarity, from 0; null if unknown."
    ),
)

TABLES = (
    TableSchema(
        "models",
        "A network with its weights.",
        (
            MODEL,
            TableColumn("title", TEXT, "Its name for people."),
            TableColumn("variant", TEXT, "The variant of InceptionV1 that it is."),
            TableColumn("weights_sha256", TEXT, "SHA-256 of the file of weights."),
            TableColumn("weights_file", TEXT, "The name of that file."),
            TableColumn("licence", TEXT, "The licence of the weights."),
            TableColumn("input_size", INTEGER, "Pixels along a side of the network's input."),
            TableColumn("created", MOMENT, "When it was stored."),
        ),
    ),
    TableSchema(
        "layers",
        "A layer of a model.",
        (
            MODEL,
            LAYER,
            TableColumn("ordinal", INTEGER, "Its place in the forward pass, from 0."),
            TableColumn("channels", INTEGER, "How many units it has."),
            TableColumn("map_size", INTEGER, "Cells along a side of its map."),
            TableColumn("stride", INTEGER, "Pixels between neighbouring cells; null for classes."),
            TableColumn(
                "receptive_field", INTEGER, "Pixels along a side that a cell sees; or null."
            ),
            TableColumn("branch_names", TEXTS, "The branches, in the order of their units."),
            TableColumn("branch_starts", INTEGERS, "The first unit of each branch."),
            TableColumn("branch_stops", INTEGERS, "The unit after the last of each branch."),
        ),
    ),
    TableSchema(
        "units",
        "A unit, with its statistics in the first data set that its layer has any in.",
        (
            *KEY,
            TableColumn("title", TEXT, "The class's name, for units of `logits`; else null."),
            TableColumn("branch", TEXT, "The branch that it belongs to; null where there is one."),
            DATASET,
            *SUMMARY,
        ),
    ),
    TableSchema(
        "visualizations",
        "A rendered picture of a unit, or of a whole layer.",
        (
            MODEL,
            LAYER,
            TableColumn(
                "unit", INTEGER, "The unit's index; null for a picture of the whole layer."
            ),
            TableColumn("technique", TEXT, "How it was made, in a word: `channel`, `negative`, …"),
            TableColumn("seed", INTEGER, "The seed of its noise."),
            TableColumn(
                "member", INTEGER, "Its place among pictures that belong together, from 0."
            ),
            TableColumn("image_sha256", TEXT, "SHA-256 of the picture."),
            TableColumn("media_type", TEXT, "What the picture is: `image/webp`, …"),
            TableColumn("width", INTEGER, "Pixels."),
            TableColumn("height", INTEGER, "Pixels."),
            RECIPE,
            TableColumn("activation", NUMBER, "The objective's value on the picture."),
            TableColumn(
                "maximum", NUMBER, "The largest cell of the unit's map on it, before the ReLU."
            ),
            TableColumn("minimum", NUMBER, "The smallest; null where it was not measured."),
            TableColumn("note", TEXT, "Why it is not what one would expect; else null."),
            TableColumn("seconds", NUMBER, "How long it took to make."),
            TableColumn("created", MOMENT, "When it was made."),
        ),
    ),
    TableSchema(
        "examples",
        "An image of a data set that excites a unit, or suppresses it.",
        (
            *KEY,
            DATASET,
            TableColumn("kind", TEXT, "`top`, `minimum`, or `interval-0` to `interval-11`."),
            TableColumn("rank", INTEGER, "Its place in the list of that kind, from 1."),
            TableColumn("path", TEXT, "The image's path in the data set."),
            TableColumn("label", TEXT, "The class that the data set says it is of; or null."),
            TableColumn("image_sha256", TEXT, "SHA-256 of the view that is stored; or null."),
            TableColumn("activation", NUMBER, "The cell at (`y`, `x`), before the ReLU."),
            TableColumn("y", INTEGER, "The cell's row in the unit's map."),
            TableColumn("x", INTEGER, "The cell's column."),
            TableColumn(
                "left", INTEGER, "What the cell sees of the view, in pixels; null for classes."
            ),
            TableColumn("upper", INTEGER, "The same."),
            TableColumn("right", INTEGER, "The same, excluded."),
            TableColumn("lower", INTEGER, "The same, excluded."),
        ),
    ),
    TableSchema(
        "statistics",
        "What a unit does over all images of a data set; values are before the ReLU.",
        (
            *KEY,
            DATASET,
            TableColumn("images", INTEGER, "How many images were read."),
            TableColumn("positions", INTEGER, "Cells of the map over all of them."),
            *SUMMARY,
            TableColumn(
                "quantile_shares", NUMBERS, "Shares, each of the quantile at the same place."
            ),
            TableColumn("quantile_values", NUMBERS, "The quantiles."),
            TableColumn("histogram_low", NUMBER, "The lower end of the histogram's first bin."),
            TableColumn("histogram_high", NUMBER, "The upper end of its last."),
            TableColumn("histogram_counts", INTEGERS, "The counts of its bins, all equally wide."),
            TableColumn("histogram_positions", INTEGER, "Positions of each map that it counts."),
            TableColumn("interval_lows", NUMBERS, "The lower ends of the intervals of the range."),
            TableColumn("interval_highs", NUMBERS, "Their upper ends."),
            TableColumn("interval_images", INTEGERS, "How many images' maxima lie in each."),
            TableColumn(
                "class_mean_labels", TEXTS, "Classes with the highest means, highest first."
            ),
            TableColumn("class_mean_values", NUMBERS, "Their means, after the ReLU."),
            TableColumn(
                "class_share_labels", TEXTS, "Classes of the top 1 % of images, most first."
            ),
            TableColumn("class_share_values", NUMBERS, "Their shares of these images."),
            TableColumn("top_images", INTEGER, "How many images these 1 % are."),
        ),
    ),
    TableSchema(
        "neighbours",
        "A unit that is active on the same images as another.",
        (
            *KEY,
            DATASET,
            TableColumn("within", TRUTH, "Whether the other is of the same layer."),
            TableColumn("rank", INTEGER, "Its place in that list, from 1."),
            TableColumn("other_layer", TEXT, "The other unit's layer, of the same model."),
            TableColumn("other_unit", INTEGER, "The other unit's index."),
            TableColumn(
                "correlation", NUMBER, "Of the maxima of both over the images (Pearson's r)."
            ),
        ),
    ),
    TableSchema(
        "effects",
        "How much a unit argues for or against a class.",
        (
            *KEY,
            DATASET,
            TableColumn(
                "rank", INTEGER, "From 1 for classes argued for, from −1 down for against."
            ),
            TableColumn("output", INTEGER, "The class: a unit of `logits`."),
            TableColumn("output_title", TEXT, "The class's name; or null."),
            TableColumn("value", NUMBER, "The mean of gradient times activation."),
            TableColumn("images", INTEGER, "How many images it is the mean of."),
            RECIPE,
        ),
    ),
    TableSchema(
        "labels",
        "What a maintainer calls a unit, or a range of units.",
        (
            MODEL,
            LAYER,
            TableColumn("start", INTEGER, "The first unit."),
            TableColumn("stop", INTEGER, "The unit after the last."),
            TableColumn("label", TEXT, "The name."),
            TableColumn("family", TEXT, "The family that it belongs to; or null."),
            TableColumn("note", TEXT, "What else is said of it; or null."),
            TableColumn("source", TEXT, "Who says so, and where."),
        ),
    ),
    TableSchema(
        "recipes",
        "Every number that a picture or a scan depends on.",
        (
            TableColumn("sha256", TEXT, "SHA-256 of the recipe."),
            TableColumn("body", TEXT, "The recipe, as JSON."),
        ),
    ),
    TableSchema(
        "datasets",
        "A set of images that was scanned.",
        (
            DATASET,
            TableColumn("title", TEXT, "Its name for people."),
            TableColumn("licence", TEXT, "What is known of its licence."),
            TableColumn("fingerprint", TEXT, "SHA-256 over the paths and sizes of its images."),
            TableColumn("images", INTEGER, "How many images it has."),
            TableColumn("created", MOMENT, "When it was stored."),
        ),
    ),
)


def columns_table() -> str:
    """All tables and columns in Markdown, for the README of an export and for docs/export.md."""
    return "\n".join(map(_told, TABLES))


def _told(table: TableSchema) -> str:
    lines = [f"### {table.name}.parquet", "", table.help, ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{each.name}` | {WORDS[each.type]} | {each.help} |" for each in table.columns]
    return "\n".join(lines) + "\n"
