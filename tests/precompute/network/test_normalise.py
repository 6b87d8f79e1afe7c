"""The normalisation by hand, and its gradient, against PyTorch's own in float64."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from precompute.network.architecture import ResponseNorm
from precompute.network.response_norm import rectified_norm
from tests.precompute.network.reference_tensors import generator

BETAS = (0.5, 0.75, 0.6)
# Odd and even windows; the last is wider than there are channels.
WINDOWS = (1, 2, 3, 4, 5, 8, 11, 40)
CHANNELS = 13
FORMATS = (torch.contiguous_format, torch.channels_last)


def norm(size: int, beta: float, alpha: float = 0.7, k: float = 1.5) -> ResponseNorm:
    """An alpha so large that the neighbours count."""
    return ResponseNorm(size, alpha, beta, k)


def activations(dtype: torch.dtype = torch.float64, seed: int = 0) -> Tensor:
    return 2 * torch.randn((3, CHANNELS, 4, 5), generator=generator(seed), dtype=dtype)


def by_torch(x: Tensor, norm: ResponseNorm) -> Tensor:
    return F.local_response_norm(F.relu(x), norm.size, norm.alpha, norm.beta, norm.k)


def with_gradient(result: Tensor, x: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    (gradient,) = torch.autograd.grad((result * weights).sum(), x)
    return result.detach(), gradient


@pytest.mark.parametrize("memory", FORMATS, ids=str)
@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("size", WINDOWS)
def test_value_and_gradient_are_those_of_pytorch(
    size: int, beta: float, memory: torch.memory_format
) -> None:
    x = activations().contiguous(memory_format=memory).requires_grad_(True)
    weights = activations(seed=1)
    ours = with_gradient(rectified_norm(x, norm(size, beta)), x, weights)
    wanted = with_gradient(by_torch(x, norm(size, beta)), x, weights)
    for mine, theirs in zip(ours, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("size", [2, 5, 11])
def test_the_gradient_is_the_slope_of_the_value(size: int, beta: float) -> None:
    x = activations()[:1, :, :2, :2]
    away_from_zero = (x + 0.1 * x.sign()).clone().requires_grad_(True)
    assert torch.autograd.gradcheck(lambda v: rectified_norm(v, norm(size, beta)), away_from_zero)


def in_numpy(x: npt.NDArray[np.float64], norm: ResponseNorm) -> npt.NDArray[np.float64]:
    """x / (k + α/n · Σ x²)^β, channel by channel; of an even window the wider half lies before."""
    active, result = np.maximum(x, 0), np.empty_like(x)
    for channel in range(x.shape[1]):
        near = slice(max(channel - norm.size // 2, 0), channel + (norm.size - 1) // 2 + 1)
        total = (active[:, near] ** 2).sum(axis=1)
        denominator = norm.k + norm.alpha / norm.size * total
        result[:, channel] = active[:, channel] / denominator**norm.beta
    return result


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    st.integers(1, 12), st.sampled_from(BETAS), st.floats(1e-5, 2), st.floats(0.5, 3),
    st.integers(0, 99),
)  # fmt: skip
def test_any_window_is_what_numpy_computes(
    size: int, beta: float, alpha: float, k: float, seed: int
) -> None:
    x, asked = activations(seed=seed), norm(size, beta, alpha, k)
    ours = rectified_norm(x, asked).numpy()
    np.testing.assert_allclose(ours, in_numpy(x.numpy(), asked), rtol=1e-10)


@pytest.mark.parametrize("memory", FORMATS, ids=str)
def test_the_layout_in_memory_is_kept(memory: torch.memory_format) -> None:
    x = activations().contiguous(memory_format=memory).requires_grad_(True)
    result = rectified_norm(x, norm(5, 0.75))
    (gradient,) = torch.autograd.grad(result.sum(), x)
    assert result.is_contiguous(memory_format=memory)
    assert gradient.is_contiguous(memory_format=memory)


@pytest.mark.parametrize("layout", ["every second column", "turned", "expanded"])
def test_a_view_is_normalised_as_its_copy(layout: str) -> None:
    x = activations()
    views = {
        "every second column": x[..., ::2],
        "turned": x.transpose(2, 3),
        "expanded": x[:1].expand(4, -1, -1, -1),
    }
    view = views[layout].requires_grad_(True)
    copy = view.detach().clone(memory_format=torch.contiguous_format).requires_grad_(True)
    weights = torch.randn(copy.shape, generator=generator(3), dtype=torch.float64)
    ours = with_gradient(rectified_norm(view, norm(5, 0.75)), view, weights)
    wanted = with_gradient(by_torch(copy, norm(5, 0.75)), copy, weights)
    for mine, theirs in zip(ours, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-11)


def test_what_is_given_is_left_as_it_was() -> None:
    x, kept = activations(), activations()
    rectified_norm(x, norm(5, 0.5))
    assert torch.equal(x, kept)


def test_where_the_relu_is_closed_there_is_neither_value_nor_gradient() -> None:
    x = activations()
    x[:, 3] = 0.0
    x.requires_grad_(True)
    value, gradient = with_gradient(rectified_norm(x, norm(5, 0.5)), x, activations(seed=1))
    closed = x <= 0
    assert closed.any()
    assert value[closed].count_nonzero() == gradient[closed].count_nonzero() == 0
    assert (value[~closed] > 0).all()


@pytest.mark.parametrize(("dtype", "off"), [(torch.float32, 1e-5), (torch.bfloat16, 0.05)])
def test_less_precision_is_near(dtype: torch.dtype, off: float) -> None:
    x = activations()
    ours = rectified_norm(x.to(dtype), norm(5, 0.75))
    assert ours.dtype == dtype
    torch.testing.assert_close(ours.double(), by_torch(x, norm(5, 0.75)), rtol=off, atol=off)


def test_of_no_picture_there_is_nothing() -> None:
    assert rectified_norm(activations()[:0], norm(5, 0.75)).shape == (0, CHANNELS, 4, 5)
