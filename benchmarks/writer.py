"""What the single writer takes a second: pictures, findings, and what a scan's batches say.

    python -m benchmarks.writer [--repeats 3] [--database URL]

Records are those of `benchmarks.database`: as many, as long and as large as real ones. They
are written as the pipeline writes them, into an empty SQLite file, and into PostgreSQL where it is
installed (Debian's programs, in a folder of its own, with its writes synchronised) or a URL is
given, whose database must be empty.
"""

from __future__ import annotations

import argparse
import contextlib
import pickle
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from app.db.engine import open_for_writing
from app.db.records import DatasetRecord, ExampleRecord, ImageRecord, VisualizationRecord
from app.db.writer.writer import Writer
from benchmarks.console import echo, timed
from benchmarks.database import DATASET, EXAMPLES, MODEL, Renderings, model
from benchmarks.synthetic import IMAGES, ImagePool, LayerScan, dataset_views
from precompute.images.decode import BATCH
from precompute.network import VARIANTS, Layer, Variant, map_sizes
from precompute.network.class_names import imagenet
from precompute.network.layers import layers
from precompute.scan.batch_stats import Sampling, batch_stats
from precompute.scan.first_pass import ScannedBatch
from precompute.scan.running_stats import RunningStats
from tests.postgres import programs, running_postgres

LAYERS = ("mixed4c", "mixed5b")
BATCHES = (8, 32)
"""Units rendered at a time: on a processor, on a GPU."""
CANDIDATES, TURNS = 48, 20


@dataclass(frozen=True)
class Material:
    """Records of one layer, made before the clock runs."""

    layer: Layer
    pictures: list[VisualizationRecord]
    scanned: LayerScan

    @classmethod
    def of(cls, variant: Variant, name: str, pool: ImagePool) -> Material:
        (layer,) = (each for each in layers(variant) if each.name == name)
        renderings = Renderings.of(variant, layer, "channel", pool)
        pictures = list(renderings.units(range(layer.channels)))
        return cls(layer, pictures, LayerScan(variant, layer, tuple(imagenet().values())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--database", default=None)
    asked = parser.parse_args()
    variant, pool = VARIANTS[MODEL], ImagePool()
    materials = [Material.of(variant, name, pool) for name in LAYERS]
    for turn in range(asked.repeats):
        echo(f"take {turn + 1}")
        with databases(asked.database) as places:
            for name, place in places:
                measure(name, place, variant, materials, pool)
        take_in(variant)


@contextlib.contextmanager
def databases(url: str | None) -> Iterator[list[tuple[str, str]]]:
    """Empty databases by the names of their engines."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir="."))
        found = [("SQLite", str(Path(folder) / "m.db"))]
        if url:
            found.append(("the database", url))
        elif programs():
            server = stack.enter_context(running_postgres())
            server.stop()
            server.start("fsync=on")
            found.append(("PostgreSQL", server.new_schema()))
        yield found


def measure(
    name: str, place: str, variant: Variant, materials: list[Material], pool: ImagePool
) -> None:
    """Writes everything once."""
    engine = open_for_writing(place)
    writer = Writer(engine)
    writer.put_model(model(variant))
    writer.put_dataset(DatasetRecord(DATASET, "1,000 drawn images", "", "0" * 64, IMAGES))
    for material, batch in zip(materials, BATCHES, strict=True):
        echo(f"  {name}, {pictures(writer, material, batch)}")
    views = dataset_views(pool)
    for material in materials:
        echo(f"  {name}, {findings(writer, material, views)}")
        views = {}  # the other layers refer to the same images
    engine.dispose()


def pictures(writer: Writer, material: Material, batch: int) -> str:
    """A layer's pictures, batch by batch."""
    found = material.pictures
    cuts = [found[start : start + batch] for start in range(0, len(found), batch)]

    def job() -> None:
        for cut in cuts:
            writer.put_visualizations(MODEL, cut)

    seconds = timed(job)
    size = sum(len(record.image.bytes) for record in found)
    return (
        f"batches of {batch}: {len(found) / seconds:,.0f} pictures a second, "
        f"{size / seconds / 1e6:.1f} MB a second, {seconds / len(cuts) * 1e3:.1f} ms a batch"
    )


def findings(writer: Writer, material: Material, views: Mapping[str, ImageRecord]) -> str:
    """What a scan says of a layer, in one transaction."""
    units, scanned = range(material.layer.channels), material.scanned
    examples: list[ExampleRecord] = list(scanned.examples(units))
    numbers, near = list(scanned.statistics(units)), list(scanned.neighbours(units))
    seconds = timed(
        lambda: writer.put_examples(
            MODEL,
            DATASET,
            EXAMPLES,
            examples,
            scanned.scans(units),
            views,
            numbers,
            near,
        )
    )
    rows = len(examples) + len(numbers) + len(near) + len(units)
    return (
        f"{material.layer.name} with {len(views):,} views: {len(units) / seconds:,.0f} units a "
        f"second, {rows / seconds:,.0f} rows a second, {seconds:.1f} s"
    )


def take_in(variant: Variant) -> None:
    """What the driver does with each batch of a scan that a worker sends it."""
    sizes = map_sizes(variant, variant.input_size)
    stats, totals = {}, {}
    for layer in layers(variant):
        side = sizes[layer.name]
        maps = torch.randn(BATCH, layer.channels, side, side) * 50 - 20
        maps = maps if side > 1 else maps[..., 0, 0]
        stats[layer.name] = batch_stats(maps, Sampling(layer.name, False))
        totals[layer.name] = RunningStats.empty(layer.channels, CANDIDATES, 1000)
    sent = pickle.dumps(ScannedBatch(tuple(range(BATCH)), (), stats), pickle.HIGHEST_PROTOCOL)
    numbers = torch.arange(BATCH)

    def job() -> None:
        batch: ScannedBatch = pickle.loads(sent)
        for name, each in batch.stats.items():
            totals[name].add(each, numbers, numbers)

    def jobs() -> None:
        for _ in range(TURNS):
            job()

    torch.set_num_threads(1)  # as the engines do
    job()
    seconds = timed(jobs) / TURNS
    echo(
        f"  a scan's batch of {BATCH} images, all layers: {len(sent) / 1e6:.2f} MB, "
        f"{seconds * 1e3:.0f} ms to take in: {BATCH / seconds:,.0f} images a second"
    )


if __name__ == "__main__":
    main()
