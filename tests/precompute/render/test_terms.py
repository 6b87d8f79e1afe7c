"""The objectives to begin with, by hand and against NumPy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from precompute.render.objective import Objective
from precompute.render.terms import (
    Channel,
    DeepDream,
    Direction,
    Diversity,
    Level,
    Negative,
    Neuron,
    gram,
    redirected,
    unit_maps,
)

Array = npt.NDArray[np.float64]

LAYER = "mixed4c"
# Two pictures of one unit: the first map is open at two of four cells, the second is closed.
MAPS = torch.tensor([[[1.0, -3.0], [2.0, 0.0]], [[-1.0, -2.0], [-4.0, -1.0]]])


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def values(objective: Objective, activations: Tensor, layer: str = LAYER) -> list[float]:
    found: list[float] = objective({layer: activations}).tolist()
    return found


def gradient(objective: Objective, activations: Tensor) -> Tensor:
    leaf = activations.clone().requires_grad_(True)
    (found,) = torch.autograd.grad(objective({LAYER: leaf}).sum(), leaf)
    return found


def test_a_channels_value_is_the_mean_of_its_map_after_the_relu() -> None:
    assert values(Channel(LAYER, 0), MAPS[:, None]) == [0.75, 0.0]


def test_a_logit_has_no_relu() -> None:
    logits = torch.tensor([[0.0, -2.5], [1.0, 3.0]])
    assert values(Channel("logits", 1), logits, "logits") == [-2.5, 3.0]


def test_the_gradient_is_redirected_only_where_the_whole_map_is_closed() -> None:
    found = gradient(Channel(LAYER, 0), MAPS[:, None])
    assert found[0, 0].tolist() == [[0.25, 0.0], [0.25, 0.0]]
    assert found[1, 0].tolist() == [[0.25, 0.25], [0.25, 0.25]]


def test_redirected_values_are_exactly_the_relus() -> None:
    maps = random(40, 2, 2)
    closed = (maps <= 0).flatten(1).all(1)
    assert closed.any()
    assert not closed.all()
    assert torch.equal(redirected(maps), maps.clamp(min=0))


def test_a_map_of_zeros_is_closed_and_gets_a_gradient() -> None:
    assert gradient(Channel(LAYER, 0), torch.zeros(1, 1, 2, 2)).tolist() == [[[[0.25] * 2] * 2]]


@pytest.mark.parametrize(
    ("height", "width", "cell"), [(1, 1, (0, 0)), (3, 3, (1, 1)), (4, 4, (2, 2)), (4, 5, (2, 2))]
)
def test_a_neuron_is_the_centre_and_of_an_even_map_the_later_of_the_two(
    height: int, width: int, cell: tuple[int, int]
) -> None:
    maps = random(2, 3, height, width)
    assert values(Neuron(LAYER, 1), maps) == [maps[n, 1, *cell].item() for n in (0, 1)]


@pytest.mark.parametrize("cell", [(0, 0), (0, 3), (2, 1)])
def test_a_neuron_is_the_cell_that_is_asked_for_before_the_relu(cell: tuple[int, int]) -> None:
    maps = -random(2, 3, 4, 4).abs()
    assert values(Neuron(LAYER, 2, cell), maps) == [maps[n, 2, *cell].item() for n in (0, 1)]
    moved = gradient(Neuron(LAYER, 2, cell), maps).nonzero().tolist()
    assert moved == [[0, 2, *cell], [1, 2, *cell]]


def test_negative_is_minus_the_mean_before_the_relu() -> None:
    assert values(Negative(LAYER, 0), MAPS[:, None]) == [0.0, 2.0]
    assert values(Negative("logits", 1), torch.tensor([[9.0, -2.5]]), "logits") == [2.5]


@pytest.mark.parametrize("kind", [Channel, Neuron, Negative])
def test_each_picture_is_asked_for_its_own_unit(kind: type[Channel | Neuron | Negative]) -> None:
    maps = random(3, 4, 5, 5)
    together = values(kind(LAYER, (2, 0, 2)), maps)
    alone = [values(kind(LAYER, unit), maps[n : n + 1])[0] for n, unit in enumerate((2, 0, 2))]
    assert together == alone


def test_a_layer_without_a_map_has_a_map_of_one_cell() -> None:
    logits = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert unit_maps(logits, (1, 0)).tolist() == [[[2.0]], [[3.0]]]
    assert unit_maps(logits, 1).tolist() == [[[2.0]], [[4.0]]]


def along(cells: Array, vector: Array, power: float) -> float:
    """One picture's `[c, h, w]` along `[c]`, position by position, as in the activation atlas."""
    found = []
    for y, x in np.ndindex(*cells.shape[1:]):
        here = cells[:, y, x]
        dot = sum(float(h * v) for h, v in zip(here, vector, strict=True))
        length = float(np.sqrt((here**2).sum()) * np.sqrt((vector**2).sum()))
        cosine = dot / length if length else 0.0
        found.append(dot * max(0.1, cosine) ** power)
    return float(np.mean(found))


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("own", [True, False], ids=["a vector a picture", "one vector"])
def test_a_direction_is_the_dot_product_weighted_by_the_cosine(power: float, own: bool) -> None:
    maps = random(3, 5, 4, 4)
    maps[0, :, 0, 0] = -1  # a position where nothing is active
    vector = random(3, 5, seed=1) if own else random(5, seed=1)
    ours = values(Direction(LAYER, vector, power), maps)
    vectors: Array = vector.expand(3, 5).numpy()
    active = np.maximum(maps.numpy(), 0)
    dots = np.einsum("nchw,nc->nhw", active, vectors)
    assert dots.min() < 0 < dots.max()
    wanted = [along(cells, each, power) for cells, each in zip(active, vectors, strict=True)]
    np.testing.assert_allclose(ours, wanted, rtol=1e-6)


@pytest.mark.parametrize("power", [0.0, 2.0])
def test_a_direction_in_the_logits_has_one_position_and_no_relu(power: float) -> None:
    logits, vector = random(6, 7), random(7, seed=1)
    assert (logits < 0).any()
    wanted = [along(row[:, None, None], vector.numpy(), power) for row in logits.numpy()]
    np.testing.assert_allclose(
        values(Direction("logits", vector, power), logits, "logits"), wanted, rtol=1e-6
    )


def test_a_direction_of_one_channel_is_that_channel() -> None:
    maps, one_hot = random(2, 5, 4, 4), torch.eye(5)[3]
    np.testing.assert_allclose(
        values(Direction(LAYER, one_hot), maps), values(Channel(LAYER, 3), maps)
    )


def test_a_dream_is_the_mean_square_of_what_is_active() -> None:
    assert values(DeepDream(LAYER), MAPS[:, None]) == [1.25, 0.0]
    assert values(DeepDream("logits"), torch.tensor([[1.0, -3.0]]), "logits") == [5.0]


def alike(cells: Array) -> Array:
    """`[n, c, h, w]` → `[n, n]`: cosines between Gram matrices, in NumPy."""
    grams = np.einsum("nahw,nbhw->nab", cells, cells).reshape(len(cells), -1)
    lengths = np.sqrt((grams**2).sum(1))
    cosines: Array = grams @ grams.T / np.outer(lengths, lengths)
    return cosines


def test_a_gram_matrix_counts_which_channels_are_active_together() -> None:
    maps = random(2, 3, 4, 5)
    wanted = np.einsum("nahw,nbhw->nab", maps.numpy(), maps.numpy())
    np.testing.assert_allclose(gram(maps).numpy(), wanted, rtol=1e-9)


@pytest.mark.parametrize("group", [2, 3, 6])
def test_diversity_is_the_sum_of_cosines_to_the_others_of_the_group(group: int) -> None:
    maps = random(6, 5, 3, 3)
    cosines = alike(np.maximum(maps.numpy(), 0))
    wanted = [
        sum(cosines[n, m] for m in range(6) if m != n and m // group == n // group)
        for n in range(6)
    ]
    np.testing.assert_allclose(values(Diversity(LAYER, group), maps), wanted, rtol=1e-9)


def test_the_same_picture_four_times_is_as_alike_as_can_be_and_a_dead_one_like_none() -> None:
    same = random(1, 5, 3, 3).expand(4, -1, -1, -1)
    assert values(Diversity(LAYER), same) == pytest.approx([3.0] * 4)
    dead = torch.cat([same[:3], -same[:1].abs()])
    assert values(Diversity(LAYER), dead) == pytest.approx([2.0, 2.0, 2.0, 0.0])


def test_a_level_is_a_factor_that_is_not_climbed() -> None:
    maps = random(2, 3, 4, 4)
    channel, other = Channel(LAYER, 0), Negative(LAYER, 1)
    assert values(Level(channel), maps) == values(channel, maps)
    levels = channel({LAYER: maps})[:, None, None, None]
    ours = gradient(channel - 0.5 * Level(channel) * other, maps)
    wanted = gradient(channel, maps) - 0.5 * levels * gradient(other, maps)
    torch.testing.assert_close(ours, wanted)


@pytest.mark.parametrize(
    ("objective", "text"),
    [
        (Channel(LAYER, 7), "channel(mixed4c:7)"),
        (Channel(LAYER, (7, 9)), "channel(mixed4c:7,9)"),
        (Neuron(LAYER, 7), "neuron(mixed4c:7)"),
        (Negative(LAYER, 7), "negative(mixed4c:7)"),
        (Direction(LAYER, torch.ones(3)), "direction(mixed4c)"),
        (Direction(LAYER, torch.ones(3), 2.0), "direction(mixed4c, cosine^2)"),
        (DeepDream(LAYER), "deepdream(mixed4c)"),
        (Channel("a", 1) - 0.5 * Level(Channel("a", 1)) * Diversity("b"),
         "channel(a:1) + -1 · 0.5 · level(channel(a:1)) · diversity(b)"),
    ],
)  # fmt: skip
def test_terms_print_what_they_ask_for(objective: Objective, text: str) -> None:
    assert str(objective) == text


def test_terms_read_their_layer_only() -> None:
    terms = (Channel("a", 1), Neuron("a", 1), Negative("a", 1), Direction("a", torch.ones(3)))
    more = (DeepDream("a"), Diversity("a"), Level(Channel("a", 1)))
    assert {term.layers for term in (*terms, *more)} == {frozenset(("a",))}
