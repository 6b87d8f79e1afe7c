"""Each variant against its published network, layer by layer, on random weights.

torchvision's own `googlenet` for its variant; for the other two, references written from the
facts paper. Weights are scaled so that deep layers stay alive: a dead layer would agree with all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import googlenet

from precompute.network import LOGITS, VARIANTS, Inception, load
from precompute.network.naming import canonical
from tests.precompute.network.reference_bvlc import bvlc
from tests.precompute.network.reference_facts import CLASSES, LAYERS
from tests.precompute.network.reference_inception5h import inception5h
from tests.precompute.network.reference_tensors import Tensors, generator, he, random_tensors

ALL = (*LAYERS, LOGITS)
SIZES = [(224, 224), (32, 32), (65, 65), (97, 97), (129, 129), (192, 160), (63, 226)]
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Reference = Callable[[Tensor], Tensors]


def picture(height: int, width: int, count: int = 1) -> Tensor:
    """Noise, `[count, 3, h, w]`, 0..1: every pixel differs, so that a shift by one shows."""
    return torch.rand((count, 3, height, width), generator=generator(height * 1000 + width))


def relu(name: str, activation: Tensor) -> Tensor:
    return activation if name == LOGITS else activation.relu()


def assert_alive(name: str, activation: Tensor) -> None:
    open_cells = (activation > 0).double().mean()
    assert 0.02 < open_cells < 0.98, f"{name}: {open_cells:.1%} of the cells are open"


def assert_close(name: str, ours: Tensor, wanted: Tensor) -> None:
    """Within 1e-4 of the layer's root mean square: stricter than of its maximum."""
    assert ours.dtype == torch.float32
    assert ours.shape == wanted.shape, name
    scale = wanted.double().square().mean().sqrt()
    assert (ours - wanted.double()).abs().max() <= 1e-4 * scale, name


def assert_computes_the_same(network: Inception, images: Tensor, reference: Reference) -> None:
    """Every layer and the logits, before and after the ReLU."""
    wanted = reference(images)
    with torch.no_grad():
        before, after = (network(images, layers=ALL, pre_relu=pre) for pre in (True, False))
    for name in ALL:
        assert_alive(name, wanted[name])
        assert_close(name, before[name], wanted[name])
        assert_close(name, after[name], relu(name, wanted[name]))


def network_of(variant: str, tensors: Tensors) -> Inception:
    network = Inception(VARIANTS[variant])
    network.load_state_dict(tensors)
    return network.eval()


@pytest.fixture(scope="module", params=[True, False], ids=["with auxiliary heads", "without"])
def torchvisions(request: pytest.FixtureRequest) -> nn.Module:
    """torchvision's network with random kernels, statistics and affine maps."""
    chance = generator(1)
    model: nn.Module = googlenet(
        weights=None, init_weights=False, transform_input=True, aux_logits=request.param
    )
    for tensor in model.parameters():
        tensor.data = he(tuple(tensor.shape), chance) if tensor.ndim > 1 else tensor.data
    for norm in (module for module in model.modules() if isinstance(module, nn.BatchNorm2d)):
        randomise(norm, chance)
    return model.eval().requires_grad_(False)


def randomise(norm: nn.BatchNorm2d, chance: torch.Generator) -> None:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    for tensor in (norm.weight.data, norm.running_var):
        tensor.uniform_(0.5, 1.5, generator=chance)
    for tensor in (norm.bias.data, norm.running_mean):
        tensor.normal_(0, 0.3, generator=chance)


def torchvisions_layers(model: nn.Module, images: Tensor) -> Tensors:
    """Its twelve layers before their ReLU, out of its batch norms, and its logits."""
    with norms_of(model) as found:
        mean, deviation = (torch.tensor(x).view(3, 1, 1) for x in (MEAN, DEVIATION))
        logits = model((images - mean) / deviation)
    layers = {name: torch.cat(found[name], dim=1) for name in LAYERS}
    return layers | {LOGITS: logits}


ENDS = ("branch1", "branch2.1", "branch3.1", "branch4.1")


@contextmanager
def norms_of(model: nn.Module) -> Iterator[dict[str, list[Tensor]]]:
    """What the last batch norms of each layer give, kept before the ReLU overwrites it."""
    found: dict[str, list[Tensor]] = {name: [] for name in LAYERS}
    handles = []
    for number, name in enumerate(LAYERS):
        block = name.replace("mixed", "inception")
        ends = [f"conv{number + 1}"] if number < 3 else [f"{block}.{end}" for end in ENDS]
        for end in ends:
            norm = model.get_submodule(f"{end}.bn")
            handles.append(norm.register_forward_hook(keep(found[name])))
    yield found
    for handle in handles:
        handle.remove()


def keep(found: list[Tensor]) -> Callable[[nn.Module, Any, Tensor], None]:
    return lambda module, inputs, output: found.append(output.clone())


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_torchvision_variant_computes_what_torchvision_does(
    torchvisions: nn.Module, height: int, width: int
) -> None:
    tensors = canonical(torchvisions.state_dict(), VARIANTS["googlenet-torchvision"], "its own")
    network = network_of("googlenet-torchvision", tensors)
    assert_computes_the_same(
        network, picture(height, width, 2), lambda images: torchvisions_layers(torchvisions, images)
    )


def test_torchvisions_own_file_gives_the_same_logits(
    torchvisions: nn.Module, tmp_path: Path
) -> None:
    torch.save(torchvisions.state_dict(), tmp_path / "googlenet.pth")
    network = load("googlenet-torchvision", tmp_path / "googlenet.pth")
    images = picture(80, 64)
    wanted = torchvisions_layers(torchvisions, images)
    assert_close(LOGITS, network(images)[LOGITS], wanted[LOGITS])


@pytest.fixture(scope="module")
def inception5h_tensors() -> Tensors:
    return random_tensors("inceptionv1", CLASSES["inceptionv1"], seed=2)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_inceptionv1_computes_what_inception5h_does(
    inception5h_tensors: Tensors, height: int, width: int
) -> None:
    def reference(images: Tensor) -> Tensors:
        found = inception5h(inception5h_tensors, images.double().numpy())
        return {name: torch.from_numpy(activation) for name, activation in found.items()}

    network = network_of("inceptionv1", inception5h_tensors)
    assert_computes_the_same(network, picture(height, width), reference)
    assert network(picture(32, 32))[LOGITS].shape == (1, 1008)


@pytest.fixture(scope="module")
def bvlc_tensors() -> Tensors:
    return random_tensors("googlenet-bvlc", CLASSES["googlenet-bvlc"], seed=3)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_bvlc_variant_computes_what_caffe_does(
    bvlc_tensors: Tensors, height: int, width: int
) -> None:
    network = network_of("googlenet-bvlc", bvlc_tensors)
    assert_computes_the_same(
        network, picture(height, width), lambda images: bvlc(bvlc_tensors, images)
    )


def waves(side: int) -> Tensor:
    """A picture with coarse and fine structure in every colour, `[1, 3, side, side]`, 0..1."""
    y, x = torch.meshgrid(*[torch.linspace(0, 1, side, dtype=torch.float64)] * 2, indexing="ij")
    colours = [torch.sin(40 * x * y + k) + torch.cos(25 * (x - y) * k) for k in (1, 2, 3)]
    return ((torch.stack(colours)[None] + 2) / 4).float()


@pytest.mark.real
@pytest.mark.parametrize("side", [224, 161])
def test_the_published_bvlc_weights_compute_what_caffe_does(real_home: Path, side: int) -> None:
    network = load("googlenet-bvlc", real_home / "weights/bvlc_googlenet.safetensors")
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    assert_computes_the_same(network, waves(side), lambda images: bvlc(tensors, images))


@pytest.mark.real
def test_the_published_bvlc_weights_give_finite_layers(real_home: Path) -> None:
    network = load("googlenet-bvlc", real_home / "weights/bvlc_googlenet.safetensors")
    found = network(torch.cat([waves(224), torch.zeros(1, 3, 224, 224)]), layers=ALL)
    assert all(activation.isfinite().all() for activation in found.values())
    assert found[LOGITS].shape == (2, 1000)
