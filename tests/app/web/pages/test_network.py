"""The drawing of a network: true to the stored layers, whatever they are."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.views import BranchView, LayerView
from app.web.pages.model.diagram import WIDTH, DiagramBox, DiagramPart, network
from app.web.pages.model.layer_notes import kernel


def layer(
    name: str,
    channels: int,
    map_size: int,
    stride: int | None,
    field: int | None,
    *sizes: tuple[str, int],
) -> LayerView:
    starts = [sum(size for _, size in sizes[:place]) for place in range(len(sizes))]
    branches = tuple(
        BranchView(branch, start, start + size)
        for (branch, size), start in zip(sizes, starts, strict=True)
    )
    return LayerView(name, 0, channels, map_size, stride, field, branches, 0, 0)


STEM = (
    layer("conv2d0", 64, 112, 2, 7),
    layer("conv2d1", 64, 56, 4, 11),
    layer("conv2d2", 192, 56, 4, 19),
)
MIXED = layer("mixed3a", 256, 28, 8, 59, ("1x1", 64), ("3x3", 128), ("5x5", 32), ("pool", 32))
LAST = layer("logits", 1000, 1, None, None)
WHOLE = (*STEM, MIXED, LAST)

branch_sizes = st.lists(st.integers(1, 400), min_size=2, max_size=6)
networks = st.lists(
    st.one_of(
        st.integers(1, 2000).map(lambda channels: layer("plain", channels, 14, 16, 100)),
        branch_sizes.map(
            lambda sizes: layer(
                "module",
                sum(sizes),
                14,
                16,
                100,
                *((f"{place}x{place}", size) for place, size in enumerate(sizes, 1)),
            )
        ),
    ),
    min_size=1,
    max_size=6,
)


def boxes(piece: DiagramPart) -> list[DiagramBox]:
    own = [piece.box] if piece.box else []
    return own + [each for branch in piece.branches for each in (branch.box, branch.part)]


@given(networks)
def test_one_scale_holds_for_the_whole_network(layers: list[LayerView]) -> None:
    ratios = []
    for view, piece in zip(layers, network(layers, 224), strict=True):
        if piece.box:
            ratios.append((piece.box.width, view.channels))
        for branch in piece.branches:
            size = branch.view.stop - branch.view.start
            ratios += [(branch.box.width, size), (branch.part.width, size)]
    drawn = [(width, channels) for width, channels in ratios if width > 1]
    widest, most = max(ratios, key=lambda each: each[1])
    for width, channels in drawn:
        assert width == pytest.approx(channels * widest / most, abs=0.06 * (1 + channels / most))


@given(networks)
def test_nothing_is_drawn_outside(layers: list[LayerView]) -> None:
    for piece in network(layers, 224):
        for box in boxes(piece):
            assert box.x >= -0.1
            assert box.x + box.width <= WIDTH + 0.2
        for branch in piece.branches:
            assert branch.box.x >= branch.area.x - 0.6
            right = branch.area.x + branch.area.width
            assert branch.box.x + branch.box.width <= right + 0.6


@given(networks)
def test_the_parts_of_a_module_lie_side_by_side(layers: list[LayerView]) -> None:
    for piece in network(layers, 224):
        parts = [branch.part for branch in piece.branches if branch.part.width > 1]
        for before, after in pairwise(parts):
            assert after.x >= before.x + before.width - 0.3


def test_convolutions_of_the_stem_are_those_of_the_paper() -> None:
    assert kernel(None, STEM[0]) == 7
    assert kernel(STEM[0], STEM[1]) == 1
    assert kernel(STEM[1], STEM[2]) == 3


def test_a_convolution_that_fits_no_number_has_none() -> None:
    assert kernel(STEM[0], MIXED) is None
    assert kernel(LAST, STEM[0]) is None
    assert kernel(None, LAST) is None
    far = replace(STEM[2], receptive_field=20)
    assert kernel(STEM[1], far) is None


def test_what_happens_before_a_layer_is_told() -> None:
    pieces = network(WHOLE, 224)
    assert [piece.above.label if piece.above else None for piece in pieces] == [
        "image, 224 × 224 px",
        "pooling, 112 × 112 → 56 × 56",
        None,
        "pooling, 56 × 56 → 28 × 28",
        "pooling, 28 × 28 → 1 × 1",
    ]


def test_single_steps_are_named() -> None:
    labels = [piece.label for piece in network(WHOLE, 224) if piece.box]
    assert labels == [
        "7×7 convolution · 64",
        "1×1 convolution · 64",
        "3×3 convolution · 192",
        "linear · 1,000",
    ]


def test_branches_are_named_with_their_steps() -> None:
    piece = network(WHOLE, 224)[3]
    assert [branch.name for branch in piece.branches] == [
        "mixed3a, 1×1 branch, units 0–63",
        "mixed3a, 3×3 branch, units 64–191",
        "mixed3a, 5×5 branch, units 192–223",
        "mixed3a, pool branch, units 224–255",
    ]
    assert [branch.first_label for branch in piece.branches] == ["", "1×1", "1×1", "pool"]
    assert [branch.label for branch in piece.branches] == [
        "1×1 · 64",
        "3×3 · 128",
        "5×5 · 32",
        "1×1 · 32",
    ]


def test_every_line_of_a_branch_begins_above_and_ends_at_its_part() -> None:
    for branch in network(WHOLE, 224)[3].branches:
        assert branch.line.startswith(f"M{WIDTH / 2:g} 0C")
        ends = re.findall(r"[-\d.]+", branch.line)[-2:]
        assert float(ends[0]) == pytest.approx(branch.part.centre, abs=0.01)
        assert float(ends[1]) == branch.part.y


def test_a_network_of_one_layer_and_of_none_is_drawn() -> None:
    assert network((), 224) == ()
    (piece,) = network((MIXED,), 224)
    assert piece.above
    assert piece.above.label == "image, 224 × 224 px"
    assert piece.line == "", "nothing follows"
