"""A scan: one pass over a data set for all requested units, then a second over the candidates.

It writes nothing but its checkpoint; the results are returned.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from torch import Tensor

from precompute.executors.task import Engine
from precompute.images.dataset import Dataset
from precompute.images.decode import BATCH
from precompute.images.view import quiet
from precompute.network import Inception
from precompute.scan.batch_stats import CELLS, POSITIONS
from precompute.scan.checkpoint import Checkpoint
from precompute.scan.class_selectivity import ClassValues, Labels, shares
from precompute.scan.context import ScanContext, ScanRequest, Silent, StageProgress
from precompute.scan.entries import Entries, candidates
from precompute.scan.first_pass import FirstPass, first_pass
from precompute.scan.histogram import BINS
from precompute.scan.intervals import Range, by_hash, ranges
from precompute.scan.maxima_table import Maxima
from precompute.scan.running_stats import RunningStats
from precompute.scan.second_pass import measure
from precompute.scan.similar_units import (
    SimilarUnitLists,
    correlations,
    similar_units,
    similarity_order,
)


@dataclass(frozen=True)
class LayerResult:
    """The result for a layer; lists are in the order of `units`."""

    units: tuple[int, ...]
    stats: RunningStats
    ranges: list[Range]
    entries: Entries
    shares: list[ClassValues]
    """The classes among the strongest 1 % of images."""
    similar: list[SimilarUnitLists]
    positions: list[int] | None
    """In the order of similarity; None unless all of the layer's units were scanned."""


@dataclass(frozen=True)
class ScanResult:
    """The result of a scan."""

    layers: dict[str, LayerResult]
    labels: Labels
    images: int
    """How many were read."""
    skipped: tuple[str, ...]
    """Images that could not be read, as `path: reason`."""


def scan(
    network: Inception,
    dataset: Dataset,
    request: ScanRequest,
    scratch: Path,
    progress: StageProgress | None = None,
    executor: Engine | None = None,
) -> tuple[ScanResult, Checkpoint]:
    """Scan a data set for the requested units.

    Args:
        network: frozen, in float32.
        dataset: bad images are skipped and named.
        request: the units, and the options.
        scratch: the folder of the checkpoint.
        progress: receives the stages, and an update after each batch.
        executor: default this process.

    Returns:
        The result, for more units if an interrupted scan was for more, and the checkpoint, to be
        removed once the result is stored.
    """
    # The constants are part of the identity: a version with other ones does not resume the scan.
    identity = [asdict(replace(request, units={})), BATCH, CELLS, POSITIONS, BINS]
    checkpoint = Checkpoint(scratch, [*identity, dataset.slug, dataset.fingerprint])
    request = replace(request, units=checkpoint.units(request.units))
    context = ScanContext(network, dataset, request, checkpoint, progress or Silent(), executor)
    with quiet():
        maxima, labels = context.maxima(), Labels.of(dataset)
        state = first_pass(context, maxima, labels)
        layers = _layers(context, maxima, labels, state) if state.readable.any() else {}
    images = int(state.readable.sum())
    return ScanResult(layers, labels, images, tuple(state.skipped)), checkpoint


def _layers(
    context: ScanContext, maxima: Maxima, labels: Labels, state: FirstPass
) -> dict[str, LayerResult]:
    """Everything after the first pass: intervals, class shares, second pass, similar units."""
    context.progress.begin("drawing examples", len(state.stats))
    drawn = {}
    for done, layer in enumerate(state.stats, start=1):
        drawn[layer] = _ranges_and_shares(context, maxima, labels, state, layer)
        context.progress.update(done)
    entries = {
        layer: candidates(stats.top, stats.low, drawn[layer][0])
        for layer, stats in state.stats.items()
    }
    context.progress.begin("measuring examples", int(state.readable.sum()))
    state.skipped += measure(context, entries)
    correlation = correlations(maxima, state.readable)
    positions = {
        layer: _positions(context, maxima, correlation, layer, stats.largest > 0)
        for layer, stats in state.stats.items()
    }
    similar = similar_units(correlation, maxima)
    return {
        layer: LayerResult(
            tuple(context.request.units[layer]), stats, drawn[layer][0], entries[layer],
            drawn[layer][1], similar[layer], positions[layer],
        )
        for layer, stats in state.stats.items()
    }  # fmt: skip


def _positions(
    context: ScanContext, maxima: Maxima, correlation: Tensor, layer: str, is_alive: Tensor
) -> list[int] | None:
    """The positions of a layer's units by similarity, if all of them were scanned."""
    if len(context.request.units[layer]) < context.network.layer(layer).channels:
        return None
    columns = maxima.columns[layer]
    return similarity_order(correlation[columns, columns], is_alive)


def _ranges_and_shares(
    context: ScanContext, maxima: Maxima, labels: Labels, state: FirstPass, layer: str
) -> tuple[list[Range], list[ClassValues]]:
    """A layer's intervals and class shares, computed for some units at a time."""
    order = by_hash([item.path for item in context.dataset.items], context.request.seed)
    order = order[state.readable.numpy()[order]]
    classes: Tensor = labels.of_image[state.readable]
    layer_ranges: list[Range] = []
    layer_shares: list[ClassValues] = []
    for _, values in maxima.of_units(layer):
        layer_ranges += ranges(values, order)
        layer_shares += shares(values[state.readable], classes, labels.names)
    return layer_ranges, layer_shares
