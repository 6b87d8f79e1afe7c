"""The scan against brute force, on the toy network: lists, range, statistics, classes, places."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
import torch

from precompute.images.dataset import DrawnDataset
from precompute.scan.entries import KINDS
from precompute.scan.histogram import bins
from precompute.scan.intervals import EACH
from precompute.scan.scan import ScanResult
from precompute.stimuli import CLASSES
from tests.precompute.scan.brute_force import Everything
from tests.precompute.scan.scanning import LAYERS, TOP, lists


def same_order(images: list[int], wanted: list[int], extreme: np.ndarray) -> bool:
    """The same list, but for neighbours whose values differ by less than rounding does."""
    return np.allclose(extreme[images], extreme[wanted], rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("mode", ["float32", "fast"])
def test_the_lists_are_those_of_keeping_everything_and_sorting(
    found: ScanResult, fast: ScanResult, whole: dict[str, Everything], layer: str, mode: str
) -> None:
    answer, images = whole[layer], lists((found if mode == "float32" else fast).layers[layer])
    for unit in range(answer.maps.shape[1]):
        for kind, sign in (("top", 1), ("minimum", -1)):
            extreme = (sign * answer.maps[:, unit]).max(1)
            mine, wanted = images[unit, kind], answer.strongest(unit, TOP, sign)
            assert len(set(mine)) == TOP
            assert same_order(mine, wanted, extreme), (unit, kind)


@pytest.mark.parametrize("mode", ["float32", "fast"])
def test_activations_and_places_are_those_of_float32(
    found: ScanResult, fast: ScanResult, whole: dict[str, Everything], mode: str
) -> None:
    for layer, answer in whole.items():
        entries = (found if mode == "float32" else fast).layers[layer].entries
        rows, images, cells = (each.tolist() for each in (entries.row, entries.image, entries.cell))
        at_cell = answer.maps[images, rows, cells]
        np.testing.assert_allclose(entries.value.numpy(), at_cell, rtol=1e-4, atol=1e-4)
        maps = answer.maps[images, rows]
        is_low = entries.kind.numpy() == KINDS.index("minimum")
        extreme = np.where(is_low, maps.min(1), maps.max(1))
        np.testing.assert_allclose(at_cell, extreme, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("layer", LAYERS)
def test_the_range_holds_who_lies_in_each_interval_and_draws_by_hash(
    found: ScanResult, whole: dict[str, Everything], layer: str
) -> None:
    answer, mine = whole[layer], found.layers[layer]
    for unit in range(0, answer.maps.shape[1], 5):
        places = answer.interval_of(unit)
        counts = np.bincount(places, minlength=12)
        spread = mine.ranges[unit]
        # An image within rounding of a border may lie on its other side.
        assert np.abs(spread.images - counts).sum() <= 2, unit
        assert spread.images.sum() == len(answer.paths)
        for interval in range(12):
            wanted = answer.drawn(unit, interval, EACH)
            assert len(set(spread.drawn[interval].tolist()) ^ wanted) <= 2, (unit, interval)


@pytest.mark.parametrize("layer", LAYERS)
def test_statistics_are_those_of_all_cells(
    found: ScanResult, whole: dict[str, Everything], layer: str
) -> None:
    cells = whole[layer].maps.swapaxes(0, 1).reshape(whole[layer].maps.shape[1], -1)
    stats = found.layers[layer].stats
    moments = stats.moments()
    mean, deviation = cells.mean(1), cells.std(1)
    np.testing.assert_allclose(moments.mean, mean, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(moments.deviation, deviation, rtol=1e-4, atol=1e-4)
    skew = ((cells - mean[:, None]) ** 3).mean(1) / deviation**3
    np.testing.assert_allclose(moments.skew, skew, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(moments.density, (cells > 0).mean(1), atol=1e-6)
    np.testing.assert_allclose(stats.largest, cells.max(1), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(stats.smallest, cells.min(1), rtol=1e-4, atol=1e-4)
    fired = (whole[layer].maxima > 0).sum(0)
    assert np.abs(stats.fired.numpy() - fired).max() <= 1
    assert stats.cells == cells.shape[1]


@pytest.mark.parametrize("layer", LAYERS)
def test_in_the_fast_mode_means_and_deviations_are_within_one_percent(
    fast: ScanResult, whole: dict[str, Everything], layer: str
) -> None:
    """Of a mean near zero, one percent of the deviation."""
    cells = whole[layer].maps.swapaxes(0, 1).reshape(whole[layer].maps.shape[1], -1)
    moments = fast.layers[layer].stats.moments()
    deviation = cells.std(1)
    assert (np.abs(moments.mean.numpy() - cells.mean(1)) <= 0.01 * deviation + 1e-6).all()
    assert (np.abs(moments.deviation.numpy() / deviation - 1) <= 0.01).all()


def test_the_tally_counts_sampled_cells_in_the_bins_where_they_lie(
    found: ScanResult, whole: dict[str, Everything]
) -> None:
    """A layer with one cell is counted whole; a larger one by a fair sample."""
    stats = found.layers["logits"].stats
    for unit in range(5):
        own = torch.from_numpy(whole["logits"].maps[:, unit, 0]).float()
        wanted = np.bincount(bins(own).numpy(), minlength=stats.tally.shape[1])
        assert np.abs(stats.tally[unit].numpy() - wanted).sum() <= 2
    sampled = found.layers["mixed4c"].stats.tally.sum(1)
    assert set(sampled.tolist()) == {16 * len(whole["logits"].paths)}
    zero = stats.tally.shape[1] // 2
    above = found.layers["mixed4c"].stats.tally[:, zero + 1 :].sum(1) / sampled
    exact = (whole["mixed4c"].maps > 2**-8).mean((0, 2))
    assert np.abs(above.numpy() - exact).mean() < 0.02


@pytest.mark.parametrize("layer", ["mixed4c", "logits"])
def test_class_means_are_those_of_the_classs_images(
    found: ScanResult, whole: dict[str, Everything], layer: str
) -> None:
    """After the ReLU; of logits, which have none, as they are."""
    maps = whole[layer].maps if layer == "logits" else np.maximum(whole[layer].maps, 0)
    per_image = maps.mean(2)
    stats = found.layers[layer].stats
    for number, name in enumerate(found.labels.names):
        own = [i for i, label in enumerate(whole[layer].labels) if label == name]
        assert stats.members[number] == len(own)
        mean = stats.classes[number] / len(own)
        np.testing.assert_allclose(mean, per_image[own].mean(0), rtol=1e-3, atol=1e-4)


def test_shares_are_of_the_strongest_hundredth(
    found: ScanResult, whole: dict[str, Everything]
) -> None:
    for unit in range(8):
        images = whole["mixed5b"].strongest(unit, len(whole["mixed5b"].paths) // 100)
        wanted = {whole["mixed5b"].labels[i] for i in images}
        shares = found.layers["mixed5b"].shares[unit]
        assert {name for name, _ in shares} == wanted
        assert sum(share for _, share in shares) == pytest.approx(1)


def test_a_heat_map_is_the_units_map_after_the_relu(
    found: ScanResult, whole: dict[str, Everything]
) -> None:
    entries = found.layers["mixed4c"].entries
    for place in range(0, len(entries.image), 211):
        own = whole["mixed4c"].maps[int(entries.image[place]), int(entries.row[place])]
        active = np.maximum(-own if KINDS[int(entries.kind[place])] == "minimum" else own, 0)
        heat = entries.heat[place]
        assert heat is not None
        drawn = np.frombuffer(zlib.decompress(heat), np.uint8).astype(float)
        wanted = active * (255 / active.max()) if active.max() > 0 else active
        assert np.abs(drawn - wanted).max() <= 1


def test_similar_units_are_those_of_numpys_correlation(
    found: ScanResult, whole: dict[str, Everything]
) -> None:
    maxima = np.concatenate([whole[layer].maxima for layer in LAYERS], axis=1)
    correlation = np.corrcoef(maxima.T)
    offset = 0
    starts = {}
    for layer in LAYERS:
        starts[layer] = offset
        offset += whole[layer].maps.shape[1]
    for layer in ("mixed3a", "logits"):
        size = whole[layer].maps.shape[1]
        for row in range(0, size, 7):
            own = correlation[starts[layer] + row]
            inside = np.arange(starts[layer], starts[layer] + size)
            best = max(own[i] for i in inside if i != starts[layer] + row)
            outside = np.delete(own, inside).max()
            similar = found.layers[layer].similar[row]
            assert similar.same_layer[0].correlation == pytest.approx(best, abs=1e-3)
            assert similar.other_layers[0].correlation == pytest.approx(outside, abs=1e-3)
            for each in (*similar.same_layer, *similar.other_layers):
                there = starts[each.layer] + each.row
                assert each.correlation == pytest.approx(own[there], abs=1e-3)


def test_the_top_examples_of_a_classs_logit_are_of_that_class(
    found: ScanResult, drawn: DrawnDataset
) -> None:
    images = lists(found.layers["logits"])
    of_the_class = [
        sum(drawn.items[i].folder == entry.slug for i in images[unit, "top"][:4])
        for unit, entry in enumerate(CLASSES)
    ]
    assert sum(of_the_class) >= 0.95 * 4 * len(CLASSES)
    assert min(of_the_class) >= 1
