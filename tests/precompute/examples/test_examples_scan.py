"""The scan against brute force, on the toy network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from precompute.examples.dataset import Drawn, Folder
from precompute.examples.scan import BATCH, scan
from precompute.examples.view import View
from precompute.network import Inception
from precompute.render.picture import from_uint8
from precompute.stimuli import CLASSES, DrawnCollection

LAYERS = {"conv2d0": (0, 3), "mixed4c": (0, 5, 127), "logits": tuple(range(len(CLASSES)))}


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return Drawn(DrawnCollection(per_class=2))


def all_activations(toy: Inception, dataset: Drawn) -> dict[str, np.ndarray]:
    """Every image's map of every unit, one image at a time: `{layer: [images, units, cells]}`."""
    kept: dict[str, list[np.ndarray]] = {layer: [] for layer in LAYERS}
    for index in range(len(dataset.items)):
        picture = from_uint8([View().of(dataset.open(index))])
        with torch.no_grad():
            found = toy(picture, layers=list(LAYERS), pre_relu=True)
        for layer, units in LAYERS.items():
            kept[layer].append(found[layer][0, list(units)].reshape(len(units), -1).numpy())
    return {layer: np.stack(maps) for layer, maps in kept.items()}


def test_the_lists_are_those_of_keeping_everything_and_sorting(
    toy: Inception, drawn: Drawn
) -> None:
    found = scan(toy, drawn, LAYERS, top=7)
    assert (found.images, found.skipped) == (len(drawn.items), ())
    for layer, maps in all_activations(toy, drawn).items():
        maxima = maps.max(2)
        for row in range(maxima.shape[1]):
            order = np.argsort(-maxima[:, row], kind="stable")[:7]
            values = found.top[layer].value[row].numpy()
            np.testing.assert_allclose(values, maxima[order, row], rtol=1e-4, atol=1e-5)
            chosen = found.top[layer].image[row].numpy()
            np.testing.assert_allclose(maxima[chosen, row], values, rtol=1e-4, atol=1e-5)
            cells = found.top[layer].cell[row].numpy()
            there = maps[chosen, row, cells]
            np.testing.assert_allclose(there, values, rtol=1e-4, atol=1e-5)


def test_the_top_examples_of_a_classs_logit_are_of_that_class(toy: Inception, drawn: Drawn) -> None:
    found = scan(toy, drawn, {"logits": LAYERS["logits"]}, top=2)
    of_the_class = [
        sum(drawn.items[i].folder == entry.slug for i in found.top["logits"].image[unit].tolist())
        for unit, entry in enumerate(CLASSES)
    ]
    assert sum(of_the_class) >= 0.95 * 2 * len(CLASSES)
    assert min(of_the_class) >= 1


def test_an_image_counts_once_and_never_more_than_there_are(toy: Inception, drawn: Drawn) -> None:
    found = scan(toy, drawn, {"conv2d0": (1,)}, top=10_000)
    images = found.top["conv2d0"].image[0].tolist()
    assert sorted(images) == list(range(len(drawn.items)))


def test_bad_images_are_skipped_and_named_and_change_nothing_else(
    toy: Inception, tmp_path: Path
) -> None:
    for number in range(5):
        picture = DrawnCollection(1).image(number * 3)
        picture.save(tmp_path / f"{number}.png")
    clean = scan(toy, Folder(tmp_path, "set"), LAYERS, top=3)
    (tmp_path / "0a.jpg").write_text("a text file")
    (tmp_path / "2a.png").write_bytes((tmp_path / "2.png").read_bytes()[:99])
    Image.new("RGB", (1, 30_000)).save(tmp_path / "9.png")
    mixed = scan(toy, Folder(tmp_path, "set"), LAYERS, top=3)
    assert [name.split(":")[0] for name in mixed.skipped] == ["0a.jpg", "2a.png", "9.png"]
    assert (clean.images, mixed.images) == (5, 5)
    assert torch.equal(clean.top["mixed4c"].value, mixed.top["mixed4c"].value)


def test_a_short_batch_is_seen_as_a_full_one(toy: Inception) -> None:
    """The last batch is padded: an image's numbers do not depend on how many come with it."""
    many, few = Drawn(DrawnCollection(1)), Drawn(DrawnCollection(1))
    few.__dict__["items"] = few.items[: BATCH + 1]
    last = BATCH
    value = {}
    for name, dataset in (("many", many), ("few", few)):
        found = scan(toy, dataset, {"mixed4c": (9,)}, top=10_000)
        place = found.top["mixed4c"].image[0].tolist().index(last)
        value[name] = found.top["mixed4c"].value[0, place].item()
    assert value["many"] == value["few"]


def test_progress_ends_at_the_end(toy: Inception, drawn: Drawn) -> None:
    told: list[tuple[int, int]] = []
    scan(toy, drawn, {"conv2d0": (0,)}, 1, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (len(drawn.items), len(drawn.items))
