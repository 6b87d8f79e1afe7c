"""The range: who lies in which interval, and who is drawn."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.render.seeding import generator
from precompute.scan.intervals import EACH, INTERVALS, by_hash, edges, ranges


def test_ten_intervals_lie_above_zero_and_two_below() -> None:
    assert edges(-4.0, 20.0).tolist() == [-4, -2, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]


def test_of_a_unit_that_always_fires_the_intervals_below_zero_have_no_width() -> None:
    (spread,) = ranges(torch.tensor([[1.0], [5.0], [10.0]]), np.arange(3))
    assert spread.edges[:3].tolist() == [0, 0, 0]
    assert spread.images.tolist() == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def test_of_a_dead_unit_all_lies_below_zero() -> None:
    (spread,) = ranges(torch.tensor([[-4.0], [-1.0], [-3.0]]), np.arange(3))
    assert spread.images.tolist() == [2, 1, *[0] * 10]
    assert set(spread.drawn[0]) == {0, 2}


def test_a_unit_that_is_always_zero_has_all_images_somewhere() -> None:
    (spread,) = ranges(torch.zeros(5, 1), np.arange(5))
    assert int(spread.images.sum()) == 5


@given(st.integers(1, 200), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_every_image_lies_in_the_interval_it_is_counted_in(images: int, seed: int) -> None:
    values = torch.randn((images, 2), generator=generator(seed, images))
    values[0] = -1.0  # something lies below zero
    order = torch.randperm(images, generator=generator("order", images)).numpy()
    for unit, spread in enumerate(ranges(values, order)):
        assert int(spread.images.sum()) == images
        for place in range(INTERVALS):
            low, high = spread.edges[place].item(), spread.edges[place + 1].item()
            drawn = list(spread.drawn[place])
            assert len(drawn) == min(EACH, int(spread.images[place]))
            assert all(low <= values[image, unit].item() <= high for image in drawn)
            # Those drawn come before all others of the interval.
            position = {int(image): at for at, image in enumerate(order.tolist())}
            column, lowest = values[:, unit].tolist(), place == 0 and low < high
            inside = [i for i, v in enumerate(column) if low < v <= high or (lowest and v == low)]
            assert sorted(drawn) == sorted(sorted(inside, key=position.__getitem__)[:EACH])


def test_the_draw_depends_on_paths_and_seed_and_on_nothing_else() -> None:
    paths = [f"{number}.jpg" for number in range(50)]
    order = [paths[place] for place in by_hash(paths, 0).tolist()]
    turned = paths[::-1]
    assert [turned[place] for place in by_hash(turned, 0).tolist()] == order
    assert [paths[place] for place in by_hash(paths, 1).tolist()] != order
    fewer = paths[:30]
    kept = [path for path in order if path in fewer]
    assert [fewer[place] for place in by_hash(fewer, 0).tolist()] == kept
