"""The table of layers against the facts paper, and the sizes of maps against real passes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.network import LOGITS, VARIANTS, Inception, Layer, Variant, map_sizes
from tests.precompute.network.reference_facts import (
    CELLS_AT_224,
    CLASSES,
    LAYERS,
    MIXED,
    channels,
    shapes,
    widths,
)
from tests.precompute.network.reference_facts import VARIANTS as NAMES
from tests.precompute.network.reference_tensors import generator

PADDINGS = {"symmetric": False, "SAME": True}
SUMS = {
    "inceptionv1": 5804,
    "googlenet-bvlc": 5808,
    "googlenet-torchvision": 5808,
    "toy": 5808 // 4,
}


@pytest.fixture(scope="module", params=NAMES)
def described(request: pytest.FixtureRequest) -> tuple[str, dict[str, Layer]]:
    """A variant's name and the layers that its network tells of."""
    network = Inception(VARIANTS[request.param], classes=CLASSES.get(request.param, 40))
    return request.param, {layer.name: layer for layer in network.layers}


def test_there_are_the_four_variants_under_their_public_names() -> None:
    assert tuple(VARIANTS) == NAMES
    assert all(variant.slug == name for name, variant in VARIANTS.items())


def test_the_twelve_layers_come_in_order_and_the_logits_last(
    described: tuple[str, dict[str, Layer]],
) -> None:
    assert tuple(described[1]) == (*LAYERS, LOGITS)


def test_layers_have_the_channels_of_the_published_training(
    described: tuple[str, dict[str, Layer]],
) -> None:
    name, layers = described
    counted = {layer: layers[layer].channels for layer in LAYERS}
    assert counted == channels(name)
    assert sum(counted.values()) == SUMS[name]


def test_the_logits_are_as_many_as_the_classes(described: tuple[str, dict[str, Layer]]) -> None:
    name, layers = described
    assert layers[LOGITS].channels == CLASSES.get(name, 40)
    assert (layers[LOGITS].stride, layers[LOGITS].receptive_field) == (None, None)


@pytest.mark.parametrize(("name", "classes"), CLASSES.items())
def test_a_published_variant_knows_its_number_of_classes(name: str, classes: int) -> None:
    assert VARIANTS[name].classes == classes


def test_branches_are_contiguous_and_in_the_order_of_the_concatenation(
    described: tuple[str, dict[str, Layer]],
) -> None:
    for name in MIXED:
        branches = described[1][name].branches
        assert [branch.name for branch in branches] == ["1x1", "3x3", "5x5", "pool"]
        assert branches[0].start == 0
        assert branches[-1].stop == described[1][name].channels
        assert all(before.stop == after.start for before, after in pairwise(branches))


def test_branches_are_as_wide_as_the_paper_says(described: tuple[str, dict[str, Layer]]) -> None:
    name, layers = described
    for layer, (one, _, three, _, five, pool) in widths(name).items():
        found = [branch.stop - branch.start for branch in layers[layer].branches]
        assert found == [one, three, five, pool]


def test_a_single_convolution_has_no_branches(described: tuple[str, dict[str, Layer]]) -> None:
    assert all(not described[1][name].branches for name in (*LAYERS[:3], LOGITS))


@pytest.mark.parametrize("name", NAMES)
def test_kernels_have_the_published_shapes_in_the_order_of_the_network(name: str) -> None:
    convolutions = VARIANTS[name].convolutions()
    found = {c.name: (c.channels, c.inputs, c.kernel, c.kernel) for c in convolutions}
    assert list(found.items()) == list(shapes(name).items())


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_have_their_canonical_names(name: str) -> None:
    parameters = dict(Inception(VARIANTS[name], classes=7).named_parameters())
    wanted = {f"{conv}.{kind}" for conv in (*shapes(name), LOGITS) for kind in ("weight", "bias")}
    assert set(parameters) == wanted


@pytest.mark.parametrize("name", NAMES)
def test_maps_at_224_are_as_large_as_the_paper_says(name: str) -> None:
    assert map_sizes(VARIANTS[name], 224) == {**CELLS_AT_224, LOGITS: 1}


@pytest.mark.parametrize("name", NAMES)
def test_a_map_at_224_has_one_cell_per_stride(name: str) -> None:
    layers = Inception(VARIANTS[name], classes=7).layers[:-1]
    assert {layer.name: 224 // (layer.stride or 0) for layer in layers} == CELLS_AT_224


def sizes_of_a_pass(network: Inception, height: int, width: int) -> dict[str, tuple[int, ...]]:
    picture = torch.rand((1, 3, height, width), generator=generator(height))
    with torch.no_grad():
        return {name: tuple(x.shape[1:]) for name, x in network(picture, layers=LAYERS).items()}


def foretold(variant: Variant, height: int, width: int) -> dict[str, tuple[int, ...]]:
    high, wide = map_sizes(variant, height), map_sizes(variant, width)
    counts = channels(variant.slug)
    return {name: (counts[name], high[name], wide[name]) for name in LAYERS}


@pytest.fixture(scope="module", params=PADDINGS)
def toy_of_a_padding(request: pytest.FixtureRequest) -> Inception:
    padded = replace(VARIANTS["toy"], same_padding=PADDINGS[request.param])
    return Inception(padded, classes=3).eval()


@settings(deadline=None, max_examples=40, derandomize=True)
@given(height=st.integers(32, 160), width=st.integers(32, 96))
def test_maps_of_a_real_pass_have_the_sizes_foretold(
    toy_of_a_padding: Inception, height: int, width: int
) -> None:
    wanted = foretold(toy_of_a_padding.variant, height, width)
    assert sizes_of_a_pass(toy_of_a_padding, height, width) == wanted


@pytest.fixture(scope="module", params=CLASSES)
def published(request: pytest.FixtureRequest) -> Inception:
    return Inception(VARIANTS[request.param]).eval()


@pytest.mark.parametrize(("height", "width"), [(32, 33), (65, 47), (95, 64), (97, 34)])
def test_maps_of_the_published_networks_have_the_sizes_foretold(
    published: Inception, height: int, width: int
) -> None:
    wanted = foretold(published.variant, height, width)
    assert sizes_of_a_pass(published, height, width) == wanted
