"""A scan: one pass over a data set for all units asked for, and a second look at what is shown.

It writes nothing but its own checkpoint: what it found comes back.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from torch import Tensor

from precompute.executors.task import Engine
from precompute.images.dataset import Dataset
from precompute.images.decode import BATCH
from precompute.images.view import quiet
from precompute.network import Inception
from precompute.scan.batch_stats import CELLS, POSITIONS
from precompute.scan.checkpoint import Checkpoint
from precompute.scan.class_selectivity import Labels, Weighted, shares
from precompute.scan.entries import candidates
from precompute.scan.first_pass import Pass, first_pass
from precompute.scan.histogram import BINS
from precompute.scan.interface import SILENT, Asked, Found, LayerFound, Scanner, Watch
from precompute.scan.intervals import Range, by_hash, ranges
from precompute.scan.maxima_table import Maxima
from precompute.scan.second_pass import measure
from precompute.scan.similar_units import correlations, neighbours, places


def scan(
    network: Inception,
    dataset: Dataset,
    asked: Asked,
    scratch: Path,
    watch: Watch = SILENT,
    engine: Engine | None = None,
) -> tuple[Found, Checkpoint]:
    """Finds what the data set says about every unit asked for.

    Args:
        network: frozen, in float32.
        dataset: what to read; a bad image is skipped and named.
        asked: for which units, and how much.
        scratch: a folder where an interrupted scan leaves what it has.
        watch: is told of stages, and after each batch.
        engine: where images are seen; default here.

    Returns:
        What was found, for more units where an interrupted scan was for more, and the checkpoint,
        to be removed when that is stored.
    """
    # With them the numbers that another version may have other: its scan is not gone on with.
    identity = [asdict(replace(asked, units={})), BATCH, CELLS, POSITIONS, BINS]
    checkpoint = Checkpoint(scratch, [*identity, dataset.slug, dataset.fingerprint])
    asked = replace(asked, units=checkpoint.units(asked.units))
    scanner = Scanner(network, dataset, asked, checkpoint, watch, engine)
    with quiet():
        maxima, labels = scanner.maxima(), Labels.of(dataset)
        state = first_pass(scanner, maxima, labels)
        layers = _layers(scanner, maxima, labels, state) if state.readable.any() else {}
    images = int(state.readable.sum())
    return Found(layers, labels, images, tuple(state.skipped)), checkpoint


def _layers(scanner: Scanner, maxima: Maxima, labels: Labels, state: Pass) -> dict[str, LayerFound]:
    """What follows from the first pass, and the second look at the examples."""
    accounts = state.accounts
    scanner.watch.begin("drawing examples", len(accounts))
    drawn = {}
    for done, layer in enumerate(accounts, start=1):
        drawn[layer] = _drawn(scanner, maxima, labels, state, layer)
        scanner.watch.reach(done)
    entries = {
        layer: candidates(account.top, account.low, drawn[layer][0])
        for layer, account in accounts.items()
    }
    scanner.watch.begin("measuring examples", int(state.readable.sum()))
    state.skipped += measure(scanner, entries)
    correlation = correlations(maxima, state.readable)
    order = {
        layer: _places(scanner, maxima, correlation, layer, account.largest > 0)
        for layer, account in accounts.items()
    }
    near = neighbours(correlation, maxima)
    return {
        layer: LayerFound(
            tuple(scanner.asked.units[layer]), account, drawn[layer][0], entries[layer],
            drawn[layer][1], near[layer], order[layer],
        )
        for layer, account in accounts.items()
    }  # fmt: skip


def _places(
    scanner: Scanner, maxima: Maxima, correlation: Tensor, layer: str, is_alive: Tensor
) -> list[int] | None:
    """A layer's units' places by similarity, where all of them were scanned."""
    units = scanner.asked.units[layer]
    if len(units) < scanner.network.layer(layer).channels:
        return None
    own = maxima.columns[layer]
    return places(correlation[own, own], is_alive)


def _drawn(
    scanner: Scanner, maxima: Maxima, labels: Labels, state: Pass, layer: str
) -> tuple[list[Range], list[Weighted]]:
    """A layer's ranges and class shares, some units at a time."""
    order = by_hash([item.path for item in scanner.dataset.items], scanner.asked.seed)
    order = order[state.readable.numpy()[order]]
    own: Tensor = labels.of_image[state.readable]
    spread: list[Range] = []
    mixed: list[Weighted] = []
    for _, values in maxima.of_units(layer):
        spread += ranges(values, order)
        mixed += shares(values[state.readable], own, labels.names)
    return spread, mixed
