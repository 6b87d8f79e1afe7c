"""Gradient ascent with what a researcher composes by hand."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor

from app.errors import InputError
from precompute.network import Inception
from precompute.network.precision import in_dtype
from precompute.render.objective import Constant, Objective
from precompute.render.optimize import visualize
from precompute.render.parameterize import Fourier
from precompute.render.recipe import Nadam
from precompute.render.seeding import generator
from precompute.render.terms import Channel, DeepDream, Direction, Negative, Neuron
from precompute.render.transform import JITTER, Jitter, Transformation

SMALL, FEW = Fourier(48), Nadam(6)


def noises(count: int = 2) -> list[torch.Generator]:
    return [generator("noise", n) for n in range(count)]


def before(count: int = 2) -> Tensor:
    return SMALL.picture(SMALL.start(noises(count), torch.device("cpu")))


@torch.no_grad()
def value(network: Inception, objective: Objective, pictures: Tensor) -> list[float]:
    found: list[float] = objective(
        network(pictures, layers=sorted(objective.layers), pre_relu=True)
    ).tolist()
    return found


def test_the_same_arguments_give_the_same_bits(toy: Inception) -> None:
    first, again = (
        visualize(toy, Channel("mixed3b", 5), SMALL, optimiser=FEW, noise=noises()) for _ in "12"
    )
    assert torch.equal(first, again)
    assert first.shape == (2, 3, 48, 48)
    assert not first.requires_grad
    assert 0 <= first.min() < first.max() <= 1


def test_another_noise_or_another_seed_of_transformations_gives_another_picture(
    toy: Inception,
) -> None:
    def made(noise: str, seed: int) -> Tensor:
        return visualize(
            toy, Channel("mixed3b", 5), SMALL, optimiser=FEW, noise=[generator(noise)],
            transformation_seed=seed,
        )  # fmt: skip

    assert not torch.equal(made("a", 0), made("b", 0))
    assert not torch.equal(made("a", 0), made("a", 1))


COMPOSED: dict[str, Objective] = {
    "a sum": Channel("mixed3a", 3) + Channel("mixed3a", 40) - 0.5 * Channel("mixed3a", 20),
    "two layers": Channel("mixed3a", 3) + 2 * Neuron("mixed4b", 17),
    "a product": Channel("mixed3b", 3) * Channel("mixed3b", 50),
    "one of the other's absence": Channel("mixed4c", 9) + Negative("mixed4c", 10),
    "a direction": Direction("mixed4a", torch.arange(128.0) % 7 - 3, cosine=1.0),
    "a dream without a class": DeepDream("mixed4a") - 0.1 * Channel("logits", 0),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_what_is_composed_is_climbed_by_every_picture(toy: Inception, name: str) -> None:
    objective = COMPOSED[name]
    after = visualize(toy, objective, SMALL, JITTER, Nadam(12), noise=noises())
    for start, end in zip(
        value(toy, objective, before()), value(toy, objective, after), strict=True
    ):
        assert end > start + 0.2


class Recorded(Transformation):
    """Draws a jitter and notes what it drew."""

    def __init__(self) -> None:
        self.drawn: list[tuple[float, ...]] = []

    def draw(self, generator: torch.Generator) -> Tensor:
        matrix = Jitter(64).draw(generator)
        self.drawn.append(tuple(matrix.flatten().tolist()))
        return matrix


def test_every_step_draws_its_transformations_anew_and_every_run_the_same(toy: Inception) -> None:
    first, again = Recorded(), Recorded()
    for recorded in (first, again):
        visualize(toy, Channel("conv2d0", 0), SMALL, [recorded, Jitter(4)], FEW)
    assert len(set(first.drawn)) == 6
    assert again.drawn == first.drawn


def test_without_transformations_the_network_sees_the_picture_as_it_is(toy: Inception) -> None:
    objective = Neuron("conv2d0", 3)
    after = visualize(toy, objective, SMALL, (), Nadam(12), noise=noises(1))
    assert value(toy, objective, after)[0] > 10 * abs(value(toy, objective, before(1))[0])


def test_one_step_is_one_step_of_the_optimiser_up_the_gradient(toy: Inception) -> None:
    """By hand, with an epsilon that makes the step as long as the gradient, not as its sign."""
    ours = visualize(
        toy, Negative("mixed3a", 3), SMALL, (), Nadam(1, 200.0, epsilon=1.0, settle=0.0),
        noise=noises(),
    )  # fmt: skip
    spectrum = SMALL.start(noises(), torch.device("cpu")).requires_grad_(True)
    found = toy(SMALL.picture(spectrum), layers=["mixed3a"], pre_relu=True)["mixed3a"][:, 3]
    (spectrum.grad,) = torch.autograd.grad(found.mean((1, 2)).sum(), spectrum)
    torch.optim.NAdam([spectrum], lr=200.0, betas=(0.8, 0.99), eps=1.0).step()
    torch.testing.assert_close(ours, SMALL.picture(spectrum.detach()), atol=1e-3, rtol=0)
    assert (ours - before()).abs().max() > 0.02


def test_the_pictures_of_a_batch_do_not_pull_at_each_other(toy: Inception) -> None:
    together = visualize(toy, Channel("mixed3a", (3, 9)), SMALL, optimiser=FEW, noise=noises())
    alone = visualize(toy, Channel("mixed3a", 9), SMALL, optimiser=FEW, noise=noises()[1:])
    torch.testing.assert_close(together[1:], alone, atol=0.02, rtol=0)


def test_without_noise_or_start_there_is_one_picture(toy: Inception) -> None:
    assert visualize(toy, Channel("conv2d0", 0), SMALL, optimiser=Nadam(1)).shape == (1, 3, 48, 48)


def test_pictures_that_are_started_from_are_where_it_begins(toy: Inception) -> None:
    start = torch.rand(2, 3, 48, 48, generator=generator("start"))
    still = Nadam(1, learning_rate=0.0)
    after = visualize(toy, Channel("mixed3a", 3), SMALL, optimiser=still, start=start)
    torch.testing.assert_close(after, start, atol=1 / 512 + 1e-4, rtol=0)


def test_what_is_started_from_is_left_as_it_was(toy: Inception) -> None:
    start = torch.rand(1, 3, 48, 48, generator=generator("start"))
    kept = start.clone()
    visualize(toy, Channel("mixed3a", 3), SMALL, optimiser=FEW, start=start)
    assert torch.equal(start, kept)


@pytest.mark.parametrize(
    "shape", [(1, 3, 64, 64), (1, 3, 48, 64), (1, 1, 48, 48), (3, 48, 48), (1, 48, 48, 3)]
)
def test_a_start_of_another_size_is_refused(toy: Inception, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"48, 48") as refused:
        visualize(toy, Channel("mixed3a", 3), SMALL, optimiser=FEW, start=torch.rand(shape))
    assert str(list(shape)) in str(refused.value)


def test_an_unknown_layer_is_refused_with_those_there_are(toy: Inception) -> None:
    with pytest.raises(InputError, match=r"mixed9.*mixed4c"):
        visualize(toy, Channel("conv2d0", 0) + Channel("mixed9", 0), SMALL, optimiser=FEW)


def test_an_objective_that_reads_no_layer_is_refused(toy: Inception) -> None:
    with pytest.raises(InputError, match="reads no layer"):
        visualize(toy, Constant(1.0) + 2.0)


def test_every_step_is_told(toy: Inception) -> None:
    ticks: list[None] = []
    visualize(toy, Channel("conv2d0", 0), SMALL, optimiser=FEW, tick=lambda: ticks.append(None))
    assert len(ticks) == 6


def test_global_random_state_is_neither_read_nor_changed(toy: Inception) -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = visualize(toy, Channel("conv2d2", 3), SMALL, optimiser=FEW)
    assert torch.equal(state, torch.get_rng_state())
    torch.manual_seed(2)
    assert torch.equal(visualize(toy, Channel("conv2d2", 3), SMALL, optimiser=FEW), first)


def test_the_network_is_left_as_it_was(toy: Inception) -> None:
    kept = copy.deepcopy(toy.state_dict())
    visualize(toy, Channel("mixed3a", 3), SMALL, optimiser=FEW)
    assert all(torch.equal(kept[name], tensor) for name, tensor in toy.state_dict().items())
    assert all(parameter.grad is None for parameter in toy.parameters())


def test_a_network_in_bfloat16_climbs_too_and_the_network_that_was_given_stays(
    toy: Inception,
) -> None:
    coarse = in_dtype(toy, "bfloat16")
    assert {parameter.dtype for parameter in coarse.parameters()} == {torch.bfloat16}
    assert {parameter.dtype for parameter in toy.parameters()} == {torch.float32}
    assert coarse.mean.dtype == torch.float32
    after = visualize(coarse, Channel("mixed3a", 3), SMALL, JITTER, Nadam(12), noise=noises())
    assert after.dtype == torch.float32
    assert min(value(toy, Channel("mixed3a", 3), after)) > 0.5


def test_a_network_that_computes_so_already_is_itself(toy: Inception) -> None:
    assert in_dtype(toy, "float32") is toy
