"""The scan against brute force, on the toy network: lists, range, statistics, classes, places."""

from __future__ import annotations

import gc
import os
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from precompute.examples import checkpoint, first_pass
from precompute.examples.checkpoint import Checkpoint
from precompute.examples.classes import Labels
from precompute.examples.dataset import Drawn, Folder, Sample
from precompute.examples.entries import KINDS
from precompute.examples.intervals import EACH
from precompute.examples.scan import scan
from precompute.examples.scanner import Asked, Found, LayerFound, Scanner, Watch
from precompute.examples.statistics import Account
from precompute.examples.tally import bins
from precompute.network import Inception
from precompute.stimuli import CLASSES, DrawnCollection
from tests.precompute.examples.brute_force import Everything, everything

LAYERS = ("conv2d0", "mixed3a", "mixed4c", "mixed5b", "logits")
TOP = 6
MEMORY = Path("/proc/self/statm")


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return Drawn(DrawnCollection(per_class=4))


@pytest.fixture(scope="module")
def whole(toy: Inception, drawn: Drawn) -> dict[str, Everything]:
    return everything(toy, drawn, LAYERS)


def asked(toy: Inception, **changed: object) -> Asked:
    units = {layer: tuple(range(toy.layer(layer).channels)) for layer in LAYERS}
    return replace(Asked(units, TOP), **changed)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found(toy: Inception, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Found:
    return scan(toy, drawn, asked(toy), tmp_path_factory.mktemp("scan"))[0]


@pytest.fixture(scope="module")
def fast(toy: Inception, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Found:
    quick = asked(toy, dtype="bfloat16")
    return scan(toy, drawn, quick, tmp_path_factory.mktemp("fast"))[0]


def lists(layer: LayerFound) -> dict[tuple[int, str], list[int]]:
    """The images of each unit's lists, by rank."""
    return {
        (layer.units[row], KINDS[kind]): layer.entries.image[places].tolist()
        for row, kind, places in layer.entries.in_order(TOP)
    }


def values(layer: LayerFound, kind: str) -> dict[int, list[float]]:
    """The activations of each unit's list of a kind, by rank."""
    return {
        layer.units[row]: layer.entries.value[places].tolist()
        for row, number, places in layer.entries.in_order(TOP)
        if KINDS[number] == kind
    }


def same_order(images: list[int], wanted: list[int], extreme: np.ndarray) -> bool:
    """The same list, but for neighbours whose values differ by less than rounding does."""
    return np.allclose(extreme[images], extreme[wanted], rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("mode", ["float32", "fast"])
def test_the_lists_are_those_of_keeping_everything_and_sorting(
    found: Found, fast: Found, whole: dict[str, Everything], layer: str, mode: str
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
    found: Found, fast: Found, whole: dict[str, Everything], mode: str
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
    found: Found, whole: dict[str, Everything], layer: str
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
    found: Found, whole: dict[str, Everything], layer: str
) -> None:
    cells = whole[layer].maps.swapaxes(0, 1).reshape(whole[layer].maps.shape[1], -1)
    account = found.layers[layer].account
    moments = account.moments()
    mean, deviation = cells.mean(1), cells.std(1)
    np.testing.assert_allclose(moments.mean, mean, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(moments.deviation, deviation, rtol=1e-4, atol=1e-4)
    skew = ((cells - mean[:, None]) ** 3).mean(1) / deviation**3
    np.testing.assert_allclose(moments.skew, skew, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(moments.density, (cells > 0).mean(1), atol=1e-6)
    np.testing.assert_allclose(account.largest, cells.max(1), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(account.smallest, cells.min(1), rtol=1e-4, atol=1e-4)
    fired = (whole[layer].maxima > 0).sum(0)
    assert np.abs(account.fired.numpy() - fired).max() <= 1
    assert account.cells == cells.shape[1]


@pytest.mark.parametrize("layer", LAYERS)
def test_in_the_fast_mode_means_and_deviations_are_within_one_percent(
    fast: Found, whole: dict[str, Everything], layer: str
) -> None:
    """Of a mean near zero, one percent of the deviation."""
    cells = whole[layer].maps.swapaxes(0, 1).reshape(whole[layer].maps.shape[1], -1)
    moments = fast.layers[layer].account.moments()
    deviation = cells.std(1)
    assert (np.abs(moments.mean.numpy() - cells.mean(1)) <= 0.01 * deviation + 1e-6).all()
    assert (np.abs(moments.deviation.numpy() / deviation - 1) <= 0.01).all()


def test_the_tally_counts_sampled_cells_in_the_bins_where_they_lie(
    found: Found, whole: dict[str, Everything]
) -> None:
    """A layer with one cell is counted whole; a larger one by a fair sample."""
    account = found.layers["logits"].account
    for unit in range(5):
        own = torch.from_numpy(whole["logits"].maps[:, unit, 0]).float()
        wanted = np.bincount(bins(own).numpy(), minlength=account.tally.shape[1])
        assert np.abs(account.tally[unit].numpy() - wanted).sum() <= 2
    sampled = found.layers["mixed4c"].account.tally.sum(1)
    assert set(sampled.tolist()) == {16 * len(whole["logits"].paths)}
    zero = account.tally.shape[1] // 2
    above = found.layers["mixed4c"].account.tally[:, zero + 1 :].sum(1) / sampled
    exact = (whole["mixed4c"].maps > 2**-8).mean((0, 2))
    assert np.abs(above.numpy() - exact).mean() < 0.02


@pytest.mark.parametrize("layer", ["mixed4c", "logits"])
def test_class_means_are_those_of_the_classs_images(
    found: Found, whole: dict[str, Everything], layer: str
) -> None:
    """After the ReLU; of logits, which have none, as they are."""
    maps = whole[layer].maps if layer == "logits" else np.maximum(whole[layer].maps, 0)
    per_image = maps.mean(2)
    account = found.layers[layer].account
    for number, name in enumerate(found.labels.names):
        own = [i for i, label in enumerate(whole[layer].labels) if label == name]
        assert account.members[number] == len(own)
        mean = account.classes[number] / len(own)
        np.testing.assert_allclose(mean, per_image[own].mean(0), rtol=1e-3, atol=1e-4)


def test_shares_are_of_the_strongest_hundredth(found: Found, whole: dict[str, Everything]) -> None:
    for unit in range(8):
        images = whole["mixed5b"].strongest(unit, len(whole["mixed5b"].paths) // 100)
        wanted = {whole["mixed5b"].labels[i] for i in images}
        shares = found.layers["mixed5b"].shares[unit]
        assert {name for name, _ in shares} == wanted
        assert sum(share for _, share in shares) == pytest.approx(1)


def test_a_heat_map_is_the_units_map_after_the_relu(
    found: Found, whole: dict[str, Everything]
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


def test_neighbours_are_those_of_numpys_correlation(
    found: Found, whole: dict[str, Everything]
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
            near = found.layers[layer].neighbours[row]
            assert near.within[0].correlation == pytest.approx(best, abs=1e-3)
            assert near.beyond[0].correlation == pytest.approx(outside, abs=1e-3)
            for each in (*near.within, *near.beyond):
                there = starts[each.layer] + each.row
                assert each.correlation == pytest.approx(own[there], abs=1e-3)


def test_the_top_examples_of_a_classs_logit_are_of_that_class(found: Found, drawn: Drawn) -> None:
    images = lists(found.layers["logits"])
    of_the_class = [
        sum(drawn.items[i].folder == entry.slug for i in images[unit, "top"][:4])
        for unit, entry in enumerate(CLASSES)
    ]
    assert sum(of_the_class) >= 0.95 * 4 * len(CLASSES)
    assert min(of_the_class) >= 1


def same(one: Found, other: Found) -> bool:
    """Bit for bit."""
    if (one.skipped, one.images) != (other.skipped, other.images):
        return False
    return all(
        torch.equal(a, b)
        for layer, mine in one.layers.items()
        for a, b in zip(tensors(mine), tensors(other.layers[layer]), strict=True)
    )


def tensors(found: LayerFound) -> list[Tensor]:
    """All numbers of a layer."""
    entries = found.entries
    kept: list[object] = [entries.row, entries.kind, entries.image, entries.value, entries.cell]
    for each in found.account.state().values():
        kept += each if isinstance(each, tuple) else [each]
    return [torch.as_tensor(each) for each in kept]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_scan_that_is_interrupted_goes_on_and_ends_the_same(
    toy: Inception, drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: str,
    found: Found, fast: Found,
) -> None:  # fmt: skip
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    done: list[float] = []

    def stop(reached: float) -> None:
        done.append(reached)
        if reached >= 0.6 * len(drawn.items):
            raise KeyboardInterrupt

    question = asked(toy, dtype=dtype)
    with pytest.raises(KeyboardInterrupt):
        scan(toy, drawn, question, tmp_path, Watch(reach=stop))
    seen, look = list[int](), first_pass.seen_of

    def noted(*given: Any) -> Any:
        seen.append(given[2][0])
        return look(*given)

    monkeypatch.setattr(first_pass, "seen_of", noted)
    again, kept = scan(toy, drawn, question, tmp_path)
    assert min(seen) >= 0.4 * len(drawn.items)  # it did not begin again
    assert same(again, found if dtype == "float32" else fast)
    kept.remove()
    assert not list(tmp_path.iterdir())


def test_what_an_interrupted_scan_left_serves_no_other_question(
    toy: Inception, tmp_path: Path
) -> None:
    few = Sample(Drawn(DrawnCollection(1)), 40, "few")
    first, _ = scan(toy, few, Asked({"mixed4c": (0, 1)}, 3), tmp_path)
    other, _ = scan(toy, few, Asked({"mixed4c": (5, 9)}, 3), tmp_path)
    fresh, _ = scan(toy, few, Asked({"mixed4c": (5, 9)}, 3), tmp_path / "fresh")
    assert same(other, fresh)
    assert not same(other, first)


def test_accounts_of_parts_merge_to_the_account_of_the_whole(
    toy: Inception, drawn: Drawn, found: Found, tmp_path: Path
) -> None:
    """Parts of a set that other processes have scanned, in whatever order they come back."""
    cuts = ((64, 160), (160, len(drawn.items)), (0, 64))
    parts = [accounts_of(toy, drawn, tmp_path, first, last) for first, last in cuts]
    for layer in LAYERS:
        merged = parts[0][layer]
        for part in parts[1:]:
            merged.merge(part[layer])
        wanted = found.layers[layer].account
        for name in ("top", "low"):
            mine, whole_list = getattr(merged, name), getattr(wanted, name)
            assert torch.equal(mine.image, whole_list.image)
            assert torch.equal(mine.value, whole_list.value)
        assert torch.equal(merged.tally, wanted.tally)
        assert torch.equal(merged.positive, wanted.positive)
        assert torch.equal(merged.fired, wanted.fired)
        torch.testing.assert_close(merged.sums, wanted.sums, rtol=1e-12, atol=1e-9)


def accounts_of(
    toy: Inception, drawn: Drawn, scratch: Path, first: int, last: int
) -> dict[str, Account]:
    """The accounts of the images from `first` to `last`."""
    scanner = Scanner(toy, drawn, asked(toy), Checkpoint(scratch, "part"))
    labels = Labels.of(drawn)
    accounts = first_pass.empty_accounts(scanner, labels)
    for batch in scanner.reader.batches(range(first, last)):
        read = scanner.reader.read(batch)
        numbers = torch.tensor(read.numbers)
        for layer, seen in first_pass.seen_of(scanner, toy, batch, read).items():
            accounts[layer].add(seen, numbers, labels.of_image[numbers])
    return accounts


def test_an_image_counts_once_and_never_more_than_there_are(toy: Inception, tmp_path: Path) -> None:
    few = Sample(Drawn(DrawnCollection(1)), 20, "few")
    found, _ = scan(toy, few, Asked({"conv2d0": (1,)}, 10_000), tmp_path)
    ordered = found.layers["conv2d0"].entries.in_order(10_000)
    kinds = {KINDS[kind]: places for _, kind, places in ordered}
    images = found.layers["conv2d0"].entries.image[kinds["top"]].tolist()
    assert sorted(images) == list(range(20))


def test_bad_images_are_skipped_and_named_and_change_nothing_else(
    toy: Inception, tmp_path: Path
) -> None:
    folder, scratch = tmp_path / "set", tmp_path / "scratch"
    folder.mkdir()
    for number in range(5):
        DrawnCollection(1).image(number * 3).save(folder / f"{number}.png")
    question = Asked({"mixed4c": (0, 5), "logits": (3,)}, 3)
    clean, _ = scan(toy, Folder(folder, "set"), question, scratch)
    (folder / "0a.jpg").write_text("a text file")
    (folder / "2a.png").write_bytes((folder / "2.png").read_bytes()[:99])
    Image.new("RGB", (1, 30_000)).save(folder / "9.png")
    mixed, _ = scan(toy, Folder(folder, "set"), question, scratch)
    assert [name.split(":")[0] for name in mixed.skipped] == ["0a.jpg", "2a.png", "9.png"]
    assert (clean.images, mixed.images) == (5, 5)
    for layer in question.units:
        one, other = clean.layers[layer], mixed.layers[layer]
        assert torch.equal(one.account.top.value, other.account.top.value)
        assert torch.equal(one.account.sums, other.account.sums)
        assert values(one, "top") == values(other, "top")


def test_where_nothing_can_be_read_there_is_nothing_to_tell(toy: Inception, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").write_text("a text file")
    question = Asked({"mixed4c": (0,)}, 3)
    found, _ = scan(toy, Folder(tmp_path / "set", "set"), question, tmp_path)
    assert (found.layers, found.images, len(found.skipped)) == ({}, 0, 1)


def test_progress_is_told_in_stages_that_end_at_their_end(toy: Inception, tmp_path: Path) -> None:
    few = Sample(Drawn(DrawnCollection(1)), 40, "few")
    told: list[tuple[str, float]] = []
    watch = Watch(lambda stage, total: told.append((stage, total)),
                  lambda done: told.append(("", done)))  # fmt: skip
    scan(toy, few, Asked({"conv2d0": (0,)}, 1), tmp_path, watch)
    assert told[0] == ("examples", 40)
    assert told[told.index(("drawing examples", 1)) - 1] == ("", 40)
    assert told[told.index(("measuring examples", 40)) - 1] == ("", 1)


@pytest.mark.skipif(not MEMORY.exists(), reason="tells its memory elsewhere than in /proc")
def test_memory_does_not_grow_with_the_number_of_images(toy: Inception, tmp_path: Path) -> None:
    """Eight times as many images; the table of maxima is on disk, and 3 KB an image of it here."""

    def resident_after(images: int) -> float:
        many = Drawn(DrawnCollection(1))
        many.__dict__["items"] = [
            replace(many.items[n % len(many.items)], path=f"{n:05d}") for n in range(images)
        ]
        many.__dict__["_order"] = [many._order[n % len(many._order)] for n in range(images)]
        question = asked(toy, dtype="bfloat16")
        scan(toy, many, question, tmp_path / str(images))[1].remove()
        gc.collect()
        return int(MEMORY.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    resident_after(96)
    few = resident_after(96)
    assert resident_after(768) < few + 60
