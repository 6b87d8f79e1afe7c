"""The database that `benchmarks.web` serves: the size and shape of a whole GoogLeNet, drawn.

    python -m benchmarks.database

All 6,808 units with the pictures of every technique, the examples, statistics, similar units and
effects that a scan of 1,000 images gives. It is written by the store's own `Writer`, kept below
`.bench/`, and made again where the schema or this code is another.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from app.db.engine import open_for_writing
from app.db.records import (
    BranchRecord,
    DatasetRecord,
    LayerRecord,
    ModelRecord,
    RecipeRecord,
    VisualizationRecord,
)
from app.db.tables import REVISION
from app.db.writer.writer import Writer
from benchmarks.synthetic import IMAGES, TOP, Scanned, views
from benchmarks.web_pictures import Gallery
from precompute.network import LOGITS, VARIANTS, Layer, Variant, map_sizes
from precompute.network.class_names import imagenet
from precompute.network.layers import layers
from precompute.render.technique import TECHNIQUES, Technique, recipe_for

MODEL, DATASET = "googlenet-bvlc", "drawn-1000"
FOLDER = Path(".bench")
EXAMPLES = RecipeRecord.from_body({"technique": "examples", "top": TOP})
EFFECTS = RecipeRecord.from_body({"technique": "effects", "images": 20})
AT_ONCE = 128
"""Units that are written in one transaction."""

# Of real renderings on BVLC's weights: the median bytes of a file of `channel`, `negative` and
# `diversity`, and how far they lie apart (the standard deviation of the logarithm).
MEDIANS = {
    "conv2d0": (10098, 6156, 10026, 0.15),
    "conv2d1": (4648, 4889, 4688, 0.25),
    "conv2d2": (11701, 10736, 5998, 0.20),
    "mixed3a": (19001, 17947, 6593, 0.08),
    "mixed3b": (18686, 18372, 6197, 0.08),
    "mixed4a": (19179, 18849, 6320, 0.07),
    "mixed4b": (19999, 19726, 6754, 0.06),
    "mixed4c": (19557, 20065, 6485, 0.06),
    "mixed4d": (19628, 19145, 6624, 0.06),
    "mixed4e": (19995, 18740, 6678, 0.06),
    "mixed5a": (21002, 20890, 7017, 0.03),
    "mixed5b": (20387, 20670, 6920, 0.03),
    LOGITS: (19484, 19065, 0, 0.04),
}
DREAM = 20500
# Bytes of a file of `neuron`, by the pixels along its side.
NEURON = {
    7: 244,
    11: 482,
    19: 1025,
    27: 1864,
    59: 7290,
    96: 18000,
    107: 4316,
    171: 8500,
    224: 15500,
}


def main() -> None:
    begun = time.perf_counter()
    path = database()
    size = path.stat().st_size / 1e6
    sys.stdout.write(f"{path}: {size:.0f} MB, {time.perf_counter() - begun:.0f} s\n")


def database(folder: Path = FOLDER) -> Path:
    """The database's path; it is made where there is none of this schema and this code."""
    path = folder / f"web-{REVISION}-{fingerprint()}.db"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        for old in folder.glob("web-*.db*"):
            old.unlink()
        partial = path.with_suffix(".db.partial")
        write(partial)
        partial.rename(path)
    return path


def fingerprint() -> str:
    """A digest of the code that makes the database."""
    own = Path(__file__)
    sources = (own, own.with_name("synthetic.py"), own.with_name("web_pictures.py"))
    return sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


def write(path: Path) -> None:
    """The model, its pictures, and what a data set says of it."""
    variant, gallery = VARIANTS[MODEL], Gallery()
    engine = open_for_writing(str(path))
    writer = Writer(engine)
    writer.put_model(model(variant))
    for layer in layers(variant):
        put_pictures(writer, variant, layer, gallery)
    put_findings(writer, variant, gallery)
    run = writer.start_run(MODEL, "python -m benchmarks.database", "0")
    writer.end_run(run, "finished")
    engine.dispose()


def model(variant: Variant) -> ModelRecord:
    """The network as precompute stores it; of its weights nothing is known here."""
    sizes = map_sizes(variant, variant.input_size)

    def record(layer: Layer) -> LayerRecord:
        branches = tuple(BranchRecord(b.name, b.start, b.stop) for b in layer.branches)
        titles = tuple(imagenet().values()) if layer.name == LOGITS else None
        place = layer.channels, sizes[layer.name], layer.stride, layer.receptive_field
        return LayerRecord(layer.name, *place, branches, titles)

    return ModelRecord(
        MODEL, "GoogLeNet, drawn", variant.slug, "0" * 64, "none", "Apache-2.0",
        variant.input_size, tuple(map(record, layers(variant))),
    )  # fmt: skip


def parts(channels: int) -> Iterator[range]:
    """A layer's units, as many at once as are written together."""
    for start in range(0, channels, AT_ONCE):
        yield range(start, min(start + AT_ONCE, channels))


@dataclass(frozen=True)
class Drawing:
    """What one technique makes of one layer."""

    layer: Layer
    technique: Technique
    side: int
    recipe: RecipeRecord
    gallery: Gallery

    @classmethod
    def of(cls, variant: Variant, layer: Layer, name: str, gallery: Gallery) -> Drawing:
        """With the canvas and the recipe that precompute would take."""
        technique = TECHNIQUES[name]
        recipe = recipe_for(technique, variant, layer)
        record = RecipeRecord.from_body(recipe.body())
        return cls(layer, technique, recipe.parameterisation.size, record, gallery)

    def pictures(self, units: range) -> Iterator[VisualizationRecord]:
        """Of each unit a picture, or a few."""
        for unit in units:
            for member in range(self.technique.members):
                yield self._picture(unit, member)

    def _picture(self, unit: int, member: int) -> VisualizationRecord:
        """Of the size in pixels and in bytes that its like have."""
        random = np.random.default_rng((unit, member, len(self.technique.name), self.side))
        side = min(seen(self.layer, unit), self.side) if self.technique.sees_one_cell else self.side
        apart = MEDIANS[self.layer.name][-1] * random.standard_normal()
        wanted = size(self.layer.name, self.technique.name, side) * float(np.exp(apart))
        height = float(random.uniform(50, 400))
        return VisualizationRecord(
            self.layer.name, unit, self.technique.name, 0, self.gallery.picture(side, wanted),
            self.recipe, height, height * 2.5, 1.2, member, -height / 3,
        )  # fmt: skip

    def dream(self) -> VisualizationRecord:
        """The picture of the layer as a whole."""
        drawn = self.gallery.picture(self.side, DREAM * (self.side / 224) ** 2)
        return VisualizationRecord(
            self.layer.name, None, self.technique.name, 0, drawn, self.recipe, 40.0, 900.0, 2.0
        )


def seen(layer: Layer, unit: int) -> int:
    """Pixels along a side that one cell of the unit sees."""
    fields = [b.receptive_field for b in layer.branches if b.start <= unit < b.stop]
    return fields[0] if fields else layer.receptive_field or 224


def size(layer: str, technique: str, side: int) -> float:
    """The median bytes of such a picture's file."""
    channel, negative, diversity, _ = MEDIANS[layer]
    if technique == "neuron":
        return float(np.interp(side, list(NEURON), list(NEURON.values())))
    return {"negative": negative, "diversity": diversity}.get(technique, channel)


def put_pictures(writer: Writer, variant: Variant, layer: Layer, gallery: Gallery) -> None:
    """All pictures of a layer and of its units; of photographs there are none to dream of."""
    for technique in TECHNIQUES.values():
        if technique.suits(layer) and not technique.from_photograph:
            drawing = Drawing.of(variant, layer, technique.name, gallery)
            if technique.whole_layer:
                writer.put_visualizations(MODEL, [drawing.dream()])
                continue
            for units in parts(layer.channels):
                writer.put_visualizations(MODEL, drawing.pictures(units))


def put_findings(writer: Writer, variant: Variant, gallery: Gallery) -> None:
    """What a scan says of every unit, and the views of its images."""
    record = DatasetRecord(DATASET, "1,000 drawn images", "Apache-2.0", "0" * 64, IMAGES)
    writer.put_dataset(record)
    shown, names = views(gallery), tuple(imagenet().values())
    scanned = [Scanned(variant, layer, names) for layer in layers(variant)]
    for told in scanned:
        for units in parts(told.layer.channels):
            writer.put_examples(
                MODEL, DATASET, EXAMPLES, told.examples(units), told.scans(units), shown,
                told.statistics(units), told.neighbours(units),
            )  # fmt: skip
    for told in scanned[:-1]:
        writer.put_effects(MODEL, DATASET, EFFECTS, told.effects(range(told.layer.channels)))


if __name__ == "__main__":
    main()
