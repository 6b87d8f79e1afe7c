"""Calling the network: which layers come back, how far it goes, and what it refuses."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from app.errors import InputError
from precompute.network import LOGITS, VARIANTS, Inception
from tests.precompute.network.reference_facts import LAYERS, channels, shapes
from tests.precompute.network.reference_tensors import Tensors, generator

ALL = (*LAYERS, LOGITS)


@pytest.fixture(scope="module")
def network(toy_tensors: Tensors) -> Inception:
    network = Inception(VARIANTS["toy"], classes=6)
    network.load_state_dict(toy_tensors)
    return network.eval().requires_grad_(False)


def pictures(count: int, height: int = 64, width: int = 64) -> Tensor:
    return torch.rand((count, 3, height, width), generator=generator(5))


def calls_for(network: Inception, wanted: list[str]) -> list[str]:
    """The convolutions and the classifier that ran for these layers, in their order."""
    called: list[str] = []

    def note(name: str) -> torch.utils.hooks.RemovableHandle:
        module = network.get_submodule(name)
        return module.register_forward_hook(lambda *_: called.append(name))

    kinds = (nn.Conv2d, nn.Linear)
    handles = [note(name) for name, module in network.named_modules() if isinstance(module, kinds)]
    network(pictures(1), layers=wanted)
    for handle in handles:
        handle.remove()
    return called


def up_to(layer: str) -> set[str]:
    """The convolutions that this layer needs."""
    return {name for name in shapes("toy") if LAYERS.index(name[:7]) <= LAYERS.index(layer)}


@pytest.mark.parametrize("layer", LAYERS)
def test_the_pass_stops_at_the_layer_asked_for(network: Inception, layer: str) -> None:
    called = calls_for(network, [layer])
    assert set(called) == up_to(layer)
    assert len(called) == len(up_to(layer))


def test_the_pass_stops_at_the_last_of_several_layers(network: Inception) -> None:
    assert set(calls_for(network, ["mixed4a", "conv2d0", "mixed3b"])) == up_to("mixed4a")


def test_the_logits_take_the_whole_network(network: Inception) -> None:
    assert set(calls_for(network, [LOGITS])) == {*shapes("toy"), LOGITS}


def test_layers_come_back_in_the_order_asked(network: Inception) -> None:
    wanted = [LOGITS, "mixed4c", "conv2d0", "mixed3b"]
    assert list(network(pictures(1), layers=wanted)) == wanted


def test_without_layers_the_logits_come_back(network: Inception) -> None:
    assert list(network(pictures(1))) == [LOGITS]


@pytest.mark.parametrize("pre_relu", [True, False])
def test_a_layer_alone_is_the_same_as_among_all(network: Inception, pre_relu: bool) -> None:
    images = pictures(2)
    together = network(images, layers=ALL, pre_relu=pre_relu)
    for name in ALL:
        alone = network(images, layers=[name], pre_relu=pre_relu)
        assert torch.equal(alone[name], together[name]), name


def test_the_relu_of_what_comes_before_it_is_what_comes_after(network: Inception) -> None:
    before = network(pictures(2), layers=LAYERS, pre_relu=True)
    after = network(pictures(2), layers=LAYERS)
    for name in LAYERS:
        assert (before[name] < 0).any(), name
        assert torch.equal(before[name].relu(), after[name]), name


def test_the_logits_have_no_relu(network: Inception) -> None:
    before = network(pictures(4), pre_relu=True)[LOGITS]
    assert (before < 0).any()
    assert torch.equal(before, network(pictures(4))[LOGITS])


@pytest.mark.parametrize("count", [1, 3])
def test_activations_are_maps_and_logits_are_rows(network: Inception, count: int) -> None:
    found = network(pictures(count, 70, 50), layers=ALL)
    assert found.pop(LOGITS).shape == (count, 6)
    assert {name: x.shape[1] for name, x in found.items()} == channels("toy")
    assert all(x.ndim == 4 and len(x) == count for x in found.values())


def test_a_picture_does_not_depend_on_the_others_in_its_batch(network: Inception) -> None:
    images = pictures(3, 96, 64)
    together = network(images, layers=ALL)
    alone = network(images[1:2], layers=ALL)
    for name in ALL:
        torch.testing.assert_close(alone[name][0], together[name][1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", [(32, 32), (32, 300), (33, 41), (299, 37)])
def test_any_size_from_32_pixels_works(network: Inception, size: tuple[int, int]) -> None:
    found = network(pictures(1, *size), layers=ALL)
    assert all(x.isfinite().all() and x.numel() for x in found.values())


@pytest.mark.parametrize("size", [(31, 64), (64, 31), (1, 1)])
def test_a_picture_below_32_pixels_is_refused(network: Inception, size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="32"):
        network(pictures(1, *size))


@pytest.mark.parametrize("shape", [(3, 64, 64), (1, 1, 64, 64), (1, 64, 64, 3)])
def test_what_is_not_a_batch_of_colour_pictures_is_refused(
    network: Inception, shape: tuple[int, ...]
) -> None:
    with pytest.raises(InputError, match=r"\[n, 3, h, w\]"):
        network(torch.zeros(shape))


@pytest.mark.parametrize("name", ["mixed9z", "mixed3a_1x1", ""])
def test_an_unknown_layer_is_refused_with_those_there_are(network: Inception, name: str) -> None:
    with pytest.raises(InputError) as refused:
        network(pictures(1), layers=["mixed3a", name])
    assert repr(name) in str(refused.value)
    assert all(layer in str(refused.value) for layer in ALL)


def test_pictures_are_left_as_they_were(network: Inception) -> None:
    images = pictures(2)
    kept = images.clone()
    network(images, layers=ALL)
    assert torch.equal(images, kept)


def test_the_gradient_reaches_the_picture_though_the_weights_are_frozen(
    network: Inception,
) -> None:
    images = pictures(1).requires_grad_()
    torch.autograd.backward(network(images, layers=["mixed5b"])["mixed5b"].mean())
    assert images.grad is not None
    assert images.grad.isfinite().all()
    assert (images.grad != 0).any()
