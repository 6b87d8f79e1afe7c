"""What is published computes what was trained."""

import pytest
import torch
from torch import nn

from precompute.network import LOGITS, Inception
from precompute.stimuli import CLASSES
from precompute.toy.batch_norm import VARIANT, build, folded, plain


@pytest.fixture(scope="module")
def unsettled() -> Inception:
    """A network whose batch norms are far from the identity, as after training."""
    rng = torch.Generator().manual_seed(1)
    network = build(rng).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            _unsettle(module, rng)
    return network


def _unsettle(norm: nn.BatchNorm2d, rng: torch.Generator) -> None:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    with torch.no_grad():
        norm.weight.uniform_(0.5, 1.5, generator=rng)
        norm.bias.uniform_(-0.5, 0.5, generator=rng)
    norm.running_mean.uniform_(-0.5, 0.5, generator=rng)
    norm.running_var.uniform_(0.5, 2.0, generator=rng)


@torch.inference_mode()
def test_folding_the_batch_norms_changes_no_activation(unsettled: Inception) -> None:
    images = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(2))
    names = [layer.name for layer in unsettled.layers]
    before = unsettled(images, layers=names, pre_relu=True)
    after = plain(folded(unsettled))(images, layers=names, pre_relu=True)
    for name in names:
        scale = float(before[name].abs().max())
        assert float((before[name] - after[name]).abs().max()) <= 1e-4 * scale, name


def test_the_folded_tensors_carry_the_inference_modules_names_and_shapes(
    unsettled: Inception,
) -> None:
    expected = Inception(VARIANT, len(CLASSES)).state_dict()
    tensors = folded(unsettled)
    assert {name: t.shape for name, t in tensors.items()} == {
        name: t.shape for name, t in expected.items()
    }
    assert all(t.dtype == torch.float32 and t.is_contiguous() for t in tensors.values())


def test_the_same_generator_builds_the_same_network() -> None:
    one, other = (build(torch.Generator().manual_seed(4)).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_new_network_favours_no_class() -> None:
    network = build(torch.Generator().manual_seed(5)).eval()
    logits = network(torch.full((1, 3, 64, 64), 0.5))[LOGITS]
    assert logits.shape == (1, len(CLASSES))
    assert float(logits.detach().abs().max()) < 1.0
