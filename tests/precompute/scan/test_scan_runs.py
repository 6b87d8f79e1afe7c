"""How a scan runs: interrupted, split and merged, past bad images, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from app.errors import MicroscopeError
from precompute.executors.devices import fix_threads
from precompute.executors.task import Workplace
from precompute.images.dataset import DrawnDataset, ImageFolder, Sample
from precompute.images.decode import batches
from precompute.images.view import view_for
from precompute.network import Inception, load
from precompute.scan import checkpoint, first_pass
from precompute.scan.class_selectivity import Labels
from precompute.scan.context import ScanRequest, Silent
from precompute.scan.entries import KINDS
from precompute.scan.first_pass import FirstPassTask
from precompute.scan.running_stats import RunningStats
from precompute.scan.scan import ScanResult, scan
from precompute.stimuli import DrawnCollection
from tests.memory import MEMORY, alone, resident
from tests.precompute.scan.scanning import LAYERS, same, scan_request, values


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_scan_that_is_interrupted_goes_on_and_ends_the_same(
    toy: Inception, drawn: DrawnDataset, found: ScanResult, fast: ScanResult, dtype: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)

    class Interrupt(Silent):
        def update(self, done: float) -> None:
            if done >= 0.6 * len(drawn.items):
                raise KeyboardInterrupt

    question = scan_request(toy, dtype=dtype)
    with pytest.raises(KeyboardInterrupt):
        scan(toy, drawn, question, tmp_path, Interrupt())
    first_images, layer_stats = list[int](), first_pass.layer_stats

    def noted(*given: Any) -> Any:
        first_images.append(given[2].numbers[0])
        return layer_stats(*given)

    monkeypatch.setattr(first_pass, "layer_stats", noted)
    again, kept = scan(toy, drawn, question, tmp_path)
    assert min(first_images) >= 0.4 * len(drawn.items)  # it did not begin again
    assert same(again, found if dtype == "float32" else fast)
    kept.remove()
    assert not tmp_path.exists()


def test_a_pass_whose_table_is_gone_is_begun_again(toy: Inception, tmp_path: Path) -> None:
    few = Sample(DrawnDataset(DrawnCollection(1)), 40, "few")
    question = ScanRequest({"mixed4c": (0, 1)}, 3)
    first, kept = scan(toy, few, question, tmp_path)
    (kept.folder / "maxima").unlink()
    again, _ = scan(toy, few, question, tmp_path)
    assert same(again, first)
    ranges = zip(again.layers["mixed4c"].ranges, first.layers["mixed4c"].ranges, strict=True)
    assert all((one.images == other.images).all() for one, other in ranges)


def test_a_scan_that_has_no_place_to_keep_anything_says_so(toy: Inception, tmp_path: Path) -> None:
    (tmp_path / "scratch").write_text("a file")
    few = Sample(DrawnDataset(DrawnCollection(1)), 2, "few")
    with pytest.raises(MicroscopeError, match=r"cannot keep what it needs .*scratch.*make room"):
        scan(toy, few, ScanRequest({"mixed4c": (0,)}, 3), tmp_path / "scratch")


def test_what_an_interrupted_scan_left_serves_no_other_question(
    toy: Inception, tmp_path: Path
) -> None:
    few = Sample(DrawnDataset(DrawnCollection(1)), 40, "few")
    first, _ = scan(toy, few, ScanRequest({"mixed4c": (0, 1)}, 3), tmp_path)
    other, _ = scan(toy, few, ScanRequest({"mixed4c": (5, 9)}, 3), tmp_path)
    fresh, _ = scan(toy, few, ScanRequest({"mixed4c": (5, 9)}, 3), tmp_path / "fresh")
    assert same(other, fresh)
    assert not same(other, first)


def test_statistics_of_parts_merge_to_those_of_the_whole(
    toy: Inception, drawn: DrawnDataset, found: ScanResult
) -> None:
    """Parts of a set that other processes have scanned, in whatever order they come back."""
    cuts = ((64, 160), (160, len(drawn.items)), (0, 64))
    parts = [stats_of(toy, drawn, first, last) for first, last in cuts]
    for layer in LAYERS:
        merged = parts[0][layer]
        for part in parts[1:]:
            merged.merge(part[layer])
        wanted = found.layers[layer].stats
        for name in ("top", "low"):
            mine, whole_list = getattr(merged, name), getattr(wanted, name)
            assert torch.equal(mine.image, whole_list.image)
            assert torch.equal(mine.value, whole_list.value)
        assert torch.equal(merged.tally, wanted.tally)
        assert torch.equal(merged.positive, wanted.positive)
        assert torch.equal(merged.fired, wanted.fired)
        torch.testing.assert_close(merged.sums, wanted.sums, rtol=1e-12, atol=1e-9)


def stats_of(toy: Inception, drawn: DrawnDataset, first: int, last: int) -> dict[str, RunningStats]:
    """The statistics of the images from `first` to `last`."""
    labels, request = Labels.of(drawn), scan_request(toy)
    total = first_pass.empty_stats(request, labels)
    task = FirstPassTask(request, view_for(toy.variant))
    for images in batches(drawn, range(first, last)):
        batch = task(Workplace(toy), images)
        numbers = torch.tensor(batch.numbers)
        for layer, stats in batch.stats.items():
            total[layer].add(stats, numbers, labels.of_image[numbers])
    return total


def test_an_image_counts_once_and_never_more_than_there_are(toy: Inception, tmp_path: Path) -> None:
    few = Sample(DrawnDataset(DrawnCollection(1)), 20, "few")
    found, _ = scan(toy, few, ScanRequest({"conv2d0": (1,)}, 10_000), tmp_path)
    lists = found.layers["conv2d0"].entries.ranked(10_000)
    kinds = {KINDS[kind]: ranked for _, kind, ranked in lists}
    images = found.layers["conv2d0"].entries.image[kinds["top"]].tolist()
    assert sorted(images) == list(range(20))


def test_bad_images_are_skipped_and_named_and_change_nothing_else(
    toy: Inception, tmp_path: Path
) -> None:
    folder, scratch = tmp_path / "set", tmp_path / "scratch"
    folder.mkdir()
    for number in range(5):
        DrawnCollection(1).image(number * 3).save(folder / f"{number}.png")
    question = ScanRequest({"mixed4c": (0, 5), "logits": (3,)}, 3)
    clean, _ = scan(toy, ImageFolder(folder, "set"), question, scratch)
    (folder / "0a.jpg").write_text("a text file")
    (folder / "2a.png").write_bytes((folder / "2.png").read_bytes()[:99])
    Image.new("RGB", (1, 30_000)).save(folder / "9.png")
    mixed, _ = scan(toy, ImageFolder(folder, "set"), question, scratch)
    assert [name.split(":")[0] for name in mixed.skipped] == ["0a.jpg", "2a.png", "9.png"]
    assert (clean.images, mixed.images) == (5, 5)
    for layer in question.units:
        one, other = clean.layers[layer], mixed.layers[layer]
        assert torch.equal(one.stats.top.value, other.stats.top.value)
        assert torch.equal(one.stats.sums, other.stats.sums)
        assert values(one, "top") == values(other, "top")


def test_where_nothing_can_be_read_there_is_nothing_to_tell(toy: Inception, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").write_text("a text file")
    question = ScanRequest({"mixed4c": (0,)}, 3)
    found, _ = scan(toy, ImageFolder(tmp_path / "set", "set"), question, tmp_path)
    assert (found.layers, found.images, len(found.skipped)) == ({}, 0, 1)


def test_progress_is_told_in_stages_that_end_at_their_end(toy: Inception, tmp_path: Path) -> None:
    few = Sample(DrawnDataset(DrawnCollection(1)), 40, "few")
    told: list[tuple[str, float]] = []

    class Recorder:
        def begin(self, stage: str, total: int) -> None:
            told.append((stage, total))

        def update(self, done: float) -> None:
            told.append(("", done))

    scan(toy, few, ScanRequest({"conv2d0": (0,)}, 1), tmp_path, Recorder())
    assert told[0] == ("examples", 40)
    assert told[told.index(("drawing examples", 1)) - 1] == ("", 40)
    assert told[told.index(("measuring examples", 40)) - 1] == ("", 1)


def resident_after(sizes: Sequence[int], folder: Path) -> list[float]:
    """Megabytes that this process has after scans of so many images."""
    fix_threads()
    toy, found = load("toy"), list[float]()
    for images in sizes:
        many = DrawnDataset(DrawnCollection(1))
        many.__dict__["items"] = [
            replace(many.items[n % len(many.items)], path=f"{n:05d}") for n in range(images)
        ]
        many.__dict__["_order"] = [many._order[n % len(many._order)] for n in range(images)]
        scan(toy, many, scan_request(toy, dtype="bfloat16"), folder / str(images))[1].remove()
        del many
        found.append(resident())
    return found


@pytest.mark.skipif(not MEMORY.exists(), reason="tells its memory elsewhere than in /proc")
def test_memory_does_not_grow_with_the_number_of_images(tmp_path: Path) -> None:
    """Eight times as many images, which would be 100 MB as bytes; their maxima are on disk."""
    _, few, many = alone(resident_after, (96, 96, 768), tmp_path)
    assert many < few + 80
