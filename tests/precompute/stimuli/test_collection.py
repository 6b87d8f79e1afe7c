"""The drawn images as a data set: labelled, counted, and drawn only when asked for."""

import subprocess
import sys

import numpy as np
import pytest

from precompute.stimuli import CLASSES, HELD_OUT_SEED, DrawnCollection, draw


def test_items_run_class_by_class_from_the_held_out_seeds() -> None:
    items = list(DrawnCollection(3))
    assert len(items) == len(DrawnCollection(3)) == 3 * len(CLASSES)
    assert [item.label for item in items] == [i for i in range(len(CLASSES)) for _ in range(3)]
    assert {item.seed for item in items} == {HELD_OUT_SEED + n for n in range(3)}


def test_an_item_is_named_by_its_class() -> None:
    item = DrawnCollection(20).item(2 * 20 + 17)
    assert (item.path, item.title) == ("grating-045/00017.png", "grating at 45°")
    assert (item.label, item.seed) == (2, HELD_OUT_SEED + 17)


def test_paths_are_all_different() -> None:
    assert len({item.path for item in DrawnCollection(2)}) == 2 * len(CLASSES)


def test_an_image_is_the_drawing_of_its_item() -> None:
    collection = DrawnCollection(2)
    image = collection.image(5)
    assert (image.mode, image.size) == ("RGB", (256, 256))
    item = collection.item(5)
    np.testing.assert_array_equal(np.asarray(image), draw(item.slug, item.seed))


@pytest.mark.parametrize("index", [-1, 2 * len(CLASSES)])
def test_an_index_beyond_the_collection_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match="numbered 0 to"):
        DrawnCollection(2).item(index)


def test_drawing_needs_no_torch() -> None:
    code = "import sys, precompute.stimuli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
