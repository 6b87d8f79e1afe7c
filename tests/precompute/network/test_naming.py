"""From the publishers' names to the canonical ones, and what is said of a tensor that is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from app.errors import InputError
from precompute.network import VARIANTS
from precompute.network.naming import canonical, fold
from tests.precompute.network import reference_tensors as names
from tests.precompute.network.reference_facts import shapes
from tests.precompute.network.reference_tensors import Tensors, generator, renamed

Rename = Callable[[str, str], str]
BIASED: dict[str, Rename] = {
    "canonical": lambda name, kind: f"{name}.{kind}",
    "Lucent": names.lucent,
    "Captum": names.captum,
    "Caffe": names.caffe,
    "ONNX": names.onnx_zoo,
}
TOY = VARIANTS["toy"]


def full_size(variant: str, rename: Rename) -> Tensors:
    """A published file without its memory: every tensor is one repeated zero."""
    zero, found = torch.zeros(()), {}
    for name, shape in shapes(variant).items():
        found[rename(name, "weight")] = zero.expand(shape)
        found[rename(name, "bias")] = zero.expand(shape[:1])
    found[rename("logits", "weight")] = zero.expand(1000, 1024)
    return found | {rename("logits", "bias"): zero.expand(1000)}


def torchvisions_full_size() -> Tensors:
    zero, found = torch.zeros(()), {"fc.weight": torch.zeros(9, 1024), "fc.bias": torch.zeros(9)}
    for name, shape in shapes("googlenet-torchvision").items():
        prefix = names.torchvision_prefix(name)
        found[f"{prefix}.conv.weight"] = zero.expand(shape)
        for kind in ("weight", "bias", "running_mean", "running_var"):
            found[f"{prefix}.bn.{kind}"] = zero.expand(shape[:1])
    return found


def refusal(tensors: Tensors, variant: str = "toy") -> str:
    with pytest.raises(InputError) as refused:
        canonical(tensors, VARIANTS[variant], "some.file")
    assert "some.file" in str(refused.value)
    assert variant in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("naming", BIASED)
def test_every_naming_leads_to_the_same_canonical_tensors(
    toy_tensors: Tensors, naming: str
) -> None:
    found = canonical(renamed(toy_tensors, BIASED[naming]), TOY, "a file")
    assert set(found) == set(toy_tensors)
    assert all(torch.equal(found[name], toy_tensors[name]) for name in toy_tensors)


def test_torchvisions_naming_leads_there_with_its_batch_norm_folded(toy_tensors: Tensors) -> None:
    found = canonical(names.with_batch_norm(toy_tensors), TOY, "a file")
    assert set(found) == set(toy_tensors)
    for name, tensor in toy_tensors.items():
        torch.testing.assert_close(found[name], tensor, rtol=1e-5, atol=1e-6)


AUXILIARY = (
    "loss1/conv.weight",
    "loss2/classifier_w_0",
    "aux1.conv.conv.weight",
    "aux1.fc2.bias",
    "nn0_pre_relu_matmul.weight",
    "softmax0_pre_activation_matmul.bias",
)


@pytest.mark.parametrize("naming", BIASED)
def test_auxiliary_heads_and_counters_are_passed_over(toy_tensors: Tensors, naming: str) -> None:
    extra = {name: torch.full((2, 3), torch.nan) for name in AUXILIARY}
    extra["conv1.bn.num_batches_tracked"] = torch.tensor(7)
    found = canonical(extra | renamed(toy_tensors, BIASED[naming]), TOY, "a file")
    assert set(found) == set(toy_tensors)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_tensors_of_other_precision_become_float32(
    toy_tensors: Tensors, dtype: torch.dtype
) -> None:
    found = canonical({name: x.to(dtype) for name, x in toy_tensors.items()}, TOY, "a file")
    assert {tensor.dtype for tensor in found.values()} == {torch.float32}


WRONG_VARIANTS = [
    ("inceptionv1", "googlenet-bvlc", "Lucent", "mixed4a_3x3_pre_relu_conv.weight"),
    ("inceptionv1", "googlenet-bvlc", "Captum", "mixed4a.conv_3x3.weight"),
    ("googlenet-bvlc", "inceptionv1", "Caffe", "inception_4a/3x3.weight"),
    ("googlenet-bvlc", "inceptionv1", "ONNX", "inception_4a/3x3_w_0"),
    ("googlenet-bvlc", "googlenet-torchvision", "Caffe", "inception_3a/5x5.weight"),
    ("googlenet-bvlc", "toy", "ONNX", "conv1/7x7_s2_w_0"),
    ("toy", "inceptionv1", "canonical", "conv2d0.weight"),
]


@pytest.mark.parametrize(("holds", "taken_for", "naming", "first"), WRONG_VARIANTS)
def test_the_first_tensor_of_another_variant_is_named_as_in_the_file(
    holds: str, taken_for: str, naming: str, first: str
) -> None:
    backwards = dict(reversed(full_size(holds, BIASED[naming]).items()))
    assert f" {first} " in refusal(backwards, taken_for)


def test_torchvisions_five_that_is_three_is_the_first_that_does_not_fit_bvlc() -> None:
    said = refusal(torchvisions_full_size(), "googlenet-bvlc")
    assert " inception3a.branch3.1.conv.weight " in said
    assert "[32, 16, 3, 3]" in said
    assert "[32, 16, 5, 5]" in said


@pytest.mark.parametrize("naming", BIASED)
@pytest.mark.parametrize(
    ("name", "kind"), [("conv2d1", "bias"), ("mixed4d_5x5", "weight"), ("logits", "weight")]
)
def test_a_missing_tensor_is_named(toy_tensors: Tensors, naming: str, name: str, kind: str) -> None:
    tensors = renamed(toy_tensors, BIASED[naming])
    missing = BIASED[naming](name, kind)
    del tensors[missing]
    assert f" {missing} is missing" in refusal(tensors)


def test_of_two_wrong_tensors_the_first_in_the_network_is_named(toy_tensors: Tensors) -> None:
    wrong = {"mixed5a_1x1.bias": torch.zeros(1), "mixed3b_3x3.weight": torch.zeros(1)}
    assert " mixed3b_3x3.weight " in refusal(toy_tensors | wrong)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
@pytest.mark.parametrize("name", ["conv2d0.weight", "mixed5b_pool_reduce.bias", "logits.weight"])
def test_a_tensor_that_is_not_finite_is_named(
    toy_tensors: Tensors, name: str, value: float
) -> None:
    broken = toy_tensors[name].clone()
    broken.flatten()[-1] = value
    said = refusal(toy_tensors | {name: broken})
    assert f" {name} " in said
    assert "finite" in said


@pytest.mark.parametrize("kind", ["weight", "bias", "running_mean", "running_var"])
def test_a_missing_part_of_a_batch_norm_is_named(toy_tensors: Tensors, kind: str) -> None:
    tensors = names.with_batch_norm(toy_tensors)
    del tensors[f"inception4b.branch2.0.bn.{kind}"]
    assert f" inception4b.branch2.0.bn.{kind} is missing" in refusal(tensors)


def test_a_batch_norm_whose_variance_has_no_root_is_refused(toy_tensors: Tensors) -> None:
    tensors = names.with_batch_norm(toy_tensors)
    tensors["inception3a.branch1.bn.running_var"] = torch.full((16,), -1.0)
    assert "inception3a.branch1.bn.running_var" in refusal(tensors)


def test_a_classifier_whose_bias_is_a_single_number_is_refused(toy_tensors: Tensors) -> None:
    assert " logits.bias " in refusal(toy_tensors | {"logits.bias": torch.tensor(1.0)})


@pytest.mark.parametrize("tensors", [{}, {"features.0.weight": torch.zeros(2)}])
def test_another_network_is_refused_with_the_namings_that_are_known(tensors: Tensors) -> None:
    with pytest.raises(InputError, match="torchvision") as refused:
        canonical(tensors, TOY, "vgg.pth")
    assert "vgg.pth" in str(refused.value)
    assert all(name in str(refused.value) for name in tensors)


def random_norm(channels: int, chance: torch.Generator) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels, eps=0.001)
    norm.weight.data = torch.randn(channels, generator=chance)
    norm.bias.data = torch.randn(channels, generator=chance)
    norm.running_mean = torch.randn(channels, generator=chance)
    norm.running_var = torch.rand(channels, generator=chance) * 2
    return norm.eval().requires_grad_(False)


def test_folding_gives_the_convolution_and_the_batch_norm_in_one() -> None:
    chance = generator(6)
    weight, norm = torch.randn((5, 4, 3, 3), generator=chance), random_norm(5, chance)
    images = torch.randn((2, 4, 9, 8), generator=chance)
    parts: list[Tensor | None] = [norm.weight, norm.bias, norm.running_mean, norm.running_var]
    folded, bias = fold(weight, *(part for part in parts if part is not None))
    wanted = norm(torch.conv2d(images, weight))
    assert (folded.dtype, bias.dtype) == (torch.float32, torch.float32)
    torch.testing.assert_close(torch.conv2d(images, folded, bias), wanted, rtol=1e-4, atol=1e-4)


def test_folding_stays_exact_where_the_variance_is_almost_nothing() -> None:
    one = torch.ones(1)
    folded, bias = fold(torch.ones(1, 1, 1, 1), one, one * 0, one, one * 0)
    torch.testing.assert_close(folded.item(), 0.001**-0.5, rtol=1e-6, atol=0)
    torch.testing.assert_close(bias.item(), -(0.001**-0.5), rtol=1e-6, atol=0)
