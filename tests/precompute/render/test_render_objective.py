"""The channel objective, by hand."""

from __future__ import annotations

import torch

from precompute.render.objective import Channel, unit_maps

MAPS = torch.tensor([[[1.0, -3.0], [2.0, 0.0]], [[-1.0, -2.0], [-4.0, -1.0]]])


def test_the_value_is_the_mean_of_the_map_after_the_relu() -> None:
    assert Channel("mixed4c").value(MAPS).tolist() == [0.75, 0.0]


def test_a_logit_has_no_relu() -> None:
    logits = torch.tensor([[[-2.5]], [[3.0]]])
    assert Channel("logits").value(logits).tolist() == [-2.5, 3.0]
    assert Channel("logits").ascent(logits).tolist() == [-2.5, 3.0]


def test_a_closed_unit_climbs_its_mean_before_the_relu() -> None:
    assert Channel("mixed4c").ascent(MAPS).tolist() == [0.75, -2.0]


def test_a_closed_unit_still_gets_a_gradient_and_an_open_one_its_own() -> None:
    maps = MAPS.clone().requires_grad_(True)
    torch.autograd.backward(Channel("mixed4c").ascent(maps).sum())
    assert maps.grad is not None
    assert maps.grad[0].tolist() == [[0.25, 0.0], [0.25, 0.0]]
    assert maps.grad[1].tolist() == [[0.25, 0.25], [0.25, 0.25]]


def test_each_picture_is_asked_for_its_own_unit() -> None:
    activations = torch.arange(2 * 3 * 2 * 2).float().view(2, 3, 2, 2)
    chosen = unit_maps(activations, torch.tensor([2, 0]))
    assert torch.equal(chosen[0], activations[0, 2])
    assert torch.equal(chosen[1], activations[1, 0])


def test_a_layer_without_a_map_has_a_map_of_one_cell() -> None:
    logits = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert unit_maps(logits, torch.tensor([1, 0])).tolist() == [[[2.0]], [[3.0]]]
