"""The database that the benchmarks of the web side serve: a whole GoogLeNet with random content.

    python -m benchmarks.database

It has all 6,808 units with the images of every technique, and the examples, statistics, similar
units and effects that a scan of 1,000 images gives. It is kept in `.bench/` (about 750 MB), and
made again when the schema or this code changes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from app.db.derived.refresh import refresh
from app.db.engine import REVISION, open_for_writing
from app.db.records import (
    BranchRecord,
    DatasetRecord,
    LayerRecord,
    ModelRecord,
    RecipeRecord,
    VisualizationRecord,
)
from app.db.writer.writer import Writer
from benchmarks.console import echo
from benchmarks.synthetic import IMAGES, TOP, ImagePool, LayerScan, dataset_views
from precompute.network import LOGITS, VARIANTS, Layer, Variant, map_sizes
from precompute.network.class_names import imagenet
from precompute.network.layers import layers
from precompute.render.technique import TECHNIQUES, RenderTechnique, recipe_for

MODEL, DATASET = "googlenet-bvlc", "drawn-1000"
FOLDER = Path(__file__).parent.parent / ".bench"
EXAMPLES = RecipeRecord.from_body({"technique": "examples", "top": TOP})
EFFECTS = RecipeRecord.from_body({"technique": "effects", "images": 20})
# Units that are written in one transaction.
BATCH = 128

# Measured on renderings of BVLC's weights: the median bytes of a file of `channel`, `negative` and
# `diversity`, and the standard deviation of the logarithm.
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
# Bytes of a file of `neuron`, by its side in pixels.
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
    start = time.perf_counter()
    path = database()
    size = path.stat().st_size / 1e6
    echo(f"{path}: {size:.0f} MB, {time.perf_counter() - start:.0f} s")


def database(folder: Path = FOLDER) -> Path:
    """The path of the database, which is made where there is none of this schema and code."""
    path = folder / f"web-{REVISION}-{fingerprint()}.db"
    if not path.exists():
        echo("Making the database (about a minute) …")
        folder.mkdir(exist_ok=True)
        for stale in folder.glob("web-*.db*"):
            stale.unlink()
        partial = path.with_suffix(".db.partial")
        write(partial)
        partial.rename(path)
    return path


def fingerprint() -> str:
    """A digest of the code that makes the database."""
    sources = (Path(__file__), Path(__file__).with_name("synthetic.py"))
    return sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


def write(path: Path) -> None:
    """The model, its images, the scan of a data set, and what is derived from them for lists."""
    variant, pool = VARIANTS[MODEL], ImagePool()
    engine = open_for_writing(str(path))
    writer = Writer(engine)
    writer.put_model(model(variant))
    for layer in layers(variant):
        put_visualizations(writer, variant, layer, pool)
    put_scan(writer, variant, pool)
    refresh(writer, MODEL)
    run = writer.start_run(MODEL, {"command": "python -m benchmarks.database"}, "0")
    writer.end_run(run, "finished")
    engine.dispose()


def model(variant: Variant) -> ModelRecord:
    """The network as precompute stores it, without weights."""
    sizes = map_sizes(variant, variant.input_size)

    def record(layer: Layer) -> LayerRecord:
        branches = tuple(BranchRecord(b.name, b.start, b.stop) for b in layer.branches)
        titles = tuple(imagenet().values()) if layer.name == LOGITS else None
        numbers = layer.channels, sizes[layer.name], layer.stride, layer.receptive_field
        return LayerRecord(layer.name, *numbers, branches, titles)

    return ModelRecord(
        MODEL, "GoogLeNet, drawn", variant.slug, "0" * 64, "none", "Apache-2.0",
        variant.input_size, tuple(map(record, layers(variant))),
    )  # fmt: skip


def batches(channels: int) -> Iterator[range]:
    """The units of a layer, `BATCH` at a time."""
    for start in range(0, channels, BATCH):
        yield range(start, min(start + BATCH, channels))


@dataclass(frozen=True)
class Renderings:
    """The images that one technique makes of one layer."""

    layer: Layer
    technique: RenderTechnique
    side: int
    recipe: RecipeRecord
    pool: ImagePool

    @classmethod
    def of(cls, variant: Variant, layer: Layer, name: str, pool: ImagePool) -> Renderings:
        """With the canvas and the recipe that precompute uses."""
        technique = TECHNIQUES[name]
        recipe = recipe_for(technique, variant, layer)
        record = RecipeRecord.from_body(recipe.body())
        return cls(layer, technique, recipe.parameterisation.size, record, pool)

    def units(self, units: range) -> Iterator[VisualizationRecord]:
        """One or several images of each unit."""
        for unit in units:
            for member in range(self.technique.members):
                yield self._unit(unit, member)

    def _unit(self, unit: int, member: int) -> VisualizationRecord:
        random = np.random.default_rng((unit, member, len(self.technique.name), self.side))
        is_cell = self.technique.sees_one_cell
        side = min(receptive_field(self.layer, unit), self.side) if is_cell else self.side
        deviation = MEDIANS[self.layer.name][-1] * random.standard_normal()
        median = median_size(self.layer.name, self.technique.name, side)
        value = float(random.uniform(50, 400))
        return VisualizationRecord(
            self.layer.name, unit, self.technique.name, 0,
            self.pool.image(side, median * float(np.exp(deviation))),
            self.recipe, value, value * 2.5, 1.2, member, -value / 3,
        )  # fmt: skip

    def whole_layer(self) -> VisualizationRecord:
        """The image of the layer as a whole."""
        image = self.pool.image(self.side, DREAM * (self.side / 224) ** 2)
        return VisualizationRecord(
            self.layer.name, None, self.technique.name, 0, image, self.recipe, 40.0, 900.0, 2.0
        )


def receptive_field(layer: Layer, unit: int) -> int:
    """The receptive field of one cell of a unit, in pixels along a side."""
    fields = [b.receptive_field for b in layer.branches if b.start <= unit < b.stop]
    return fields[0] if fields else layer.receptive_field or 224


def median_size(layer: str, technique: str, side: int) -> float:
    """The median bytes of a technique's file."""
    channel, negative, diversity, _ = MEDIANS[layer]
    if technique == "neuron":
        return float(np.interp(side, list(NEURON), list(NEURON.values())))
    return {"negative": negative, "diversity": diversity}.get(technique, channel)


def put_visualizations(writer: Writer, variant: Variant, layer: Layer, pool: ImagePool) -> None:
    """The images of a layer and of its units, but for those that start from a photograph."""
    for technique in TECHNIQUES.values():
        if technique.suits(layer) and not technique.from_photograph:
            renderings = Renderings.of(variant, layer, technique.name, pool)
            if technique.whole_layer:
                writer.put_visualizations(MODEL, [renderings.whole_layer()])
                continue
            for units in batches(layer.channels):
                writer.put_visualizations(MODEL, renderings.units(units))


def put_scan(writer: Writer, variant: Variant, pool: ImagePool) -> None:
    """Everything that a scan stores about every unit, and the views of its images."""
    record = DatasetRecord(DATASET, "1,000 drawn images", "Apache-2.0", "0" * 64, IMAGES)
    writer.put_dataset(record)
    views, names = dataset_views(pool), tuple(imagenet().values())
    scans = [LayerScan(variant, layer, names) for layer in layers(variant)]
    for scan in scans:
        for units in batches(scan.layer.channels):
            writer.put_examples(
                MODEL, DATASET, EXAMPLES, scan.examples(units), scan.scans(units), views,
                scan.statistics(units), scan.neighbours(units),
            )  # fmt: skip
    for scan in scans[:-1]:
        writer.put_effects(MODEL, DATASET, EFFECTS, scan.effects(range(scan.layer.channels)))


if __name__ == "__main__":
    main()
