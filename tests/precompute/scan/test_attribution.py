"""Effects on the outputs against finite differences, and against what a last layer must say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from precompute.images.dataset import DrawnDataset, ImageFolder, Sample
from precompute.images.decode import batches, read
from precompute.images.view import view_for
from precompute.network import LOGITS, Inception
from precompute.scan.attribution import HIGHEST, SHOWN, effects
from precompute.stimuli import DrawnCollection


@pytest.fixture(scope="module")
def few() -> Sample:
    return Sample(DrawnDataset(DrawnCollection(1)), 12, "few")


def test_of_the_last_layer_they_are_weight_times_mean_activation(
    toy: Inception, few: Sample
) -> None:
    """The logits are linear in mixed5b's means: there the first order is all there is."""
    units = tuple(range(0, 256, 5))
    sums, skipped = effects(toy, few, {"mixed5b": units})
    pictures = pictures_of(toy, few)
    with torch.no_grad():
        found = toy(pictures, ["mixed5b", LOGITS])
    means = found["mixed5b"].mean((2, 3)).double().numpy()
    logits, weight = found[LOGITS].numpy(), toy.get_parameter("logits.weight").double().numpy()
    wanted: dict[int, list[np.ndarray]] = {}
    for image in range(12):
        for output in np.argsort(-logits[image])[:HIGHEST]:
            wanted.setdefault(int(output), []).append(weight[output] * means[image])
    assert skipped == ()
    mine = sums.means("mixed5b")
    for output, products in wanted.items():
        assert int(sums.images[output]) == len(products)
        own = np.mean(products, axis=0)[list(units)]
        np.testing.assert_allclose(mine[output], own, rtol=1e-3, atol=1e-5)
    assert int(sums.images.sum()) == 12 * HIGHEST


def test_they_are_the_first_order_of_what_a_logit_loses_when_the_unit_fades(
    toy: Inception, few: Sample
) -> None:
    """Finite differences: a unit of mixed5a is turned down by a hundredth."""
    unit, share = 40, 0.01
    sums, _ = effects(toy, few, {"mixed5a": (unit,)})
    pictures = pictures_of(toy, few)
    with torch.no_grad():
        active = toy(pictures, ["mixed5a"])["mixed5a"].double()
        whole = from_mixed5a(toy, active)
        faded = active.clone()
        faded[:, unit] *= 1 - share
        lost = (whole - from_mixed5a(toy, faded)) / share
    highest = whole.topk(HIGHEST, dim=1).indices
    for output in torch.unique(highest).tolist():
        images = (highest == output).any(1)
        wanted = lost[images, output].mean().item()
        found = sums.means("mixed5a")[output, 0].item()
        assert found == pytest.approx(wanted, rel=0.05, abs=2e-3)


def pictures_of(toy: Inception, few: Sample) -> torch.Tensor:
    """The sample's twelve, as the network sees them."""
    (batch,) = batches(few, range(12))
    return read(batch, view_for(toy.variant)).pictures[:12]


def from_mixed5a(toy: Inception, active: torch.Tensor) -> torch.Tensor:
    """The rest of the network, by its own weights: `[n, outputs]`, float64."""

    def conv(name: str, x: torch.Tensor) -> torch.Tensor:
        module = toy.get_submodule(name)
        weight, bias = (module.get_parameter(each).double() for each in ("weight", "bias"))
        return F.relu(F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2))

    name = "mixed5b"
    parts = [
        conv(f"{name}_1x1", active),
        conv(f"{name}_3x3", conv(f"{name}_3x3_bottleneck", active)),
        conv(f"{name}_5x5", conv(f"{name}_5x5_bottleneck", active)),
        conv(f"{name}_pool_reduce", F.max_pool2d(active, 3, 1, 1)),
    ]
    means = torch.cat(parts, 1).mean((2, 3))
    weight, bias = (toy.logits.get_parameter(each).double() for each in ("weight", "bias"))
    return means @ weight.T + bias


def test_each_side_is_ordered_and_has_its_sign(toy: Inception, few: Sample) -> None:
    sums, _ = effects(toy, few, {"mixed4c": (0, 5, 9)})
    for found in sums.of_units("mixed4c"):
        sides = (found.raised, found.lowered)
        raised, lowered = ([each.value for each in side] for side in sides)
        assert raised == sorted(raised, reverse=True)
        assert lowered == sorted(lowered)
        assert all(value > 0 for value in raised)
        assert all(value < 0 for value in lowered)
        assert max(len(raised), len(lowered)) <= SHOWN
        assert all(each.images > 0 for each in (*found.raised, *found.lowered))


def test_bad_images_are_left_out_and_named(toy: Inception, tmp_path: Path) -> None:
    for number in range(3):
        DrawnCollection(1).image(number).save(tmp_path / f"{number}.png")
    clean, _ = effects(toy, ImageFolder(tmp_path, "set"), {"mixed5b": (1,)})
    (tmp_path / "1a.png").write_text("a text file")
    mixed, skipped = effects(toy, ImageFolder(tmp_path, "set"), {"mixed5b": (1,)})
    assert [name.split(":")[0] for name in skipped] == ["1a.png"]
    assert torch.equal(clean.layers["mixed5b"], mixed.layers["mixed5b"])
