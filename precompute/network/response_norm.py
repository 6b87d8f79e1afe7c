"""Local response normalisation, with the ReLU before it, forwards and backwards by hand.

PyTorch's own takes more than half of the forward pass on a CPU. Here the window's sum is a few
shifted additions along the channels, which lie side by side in memory (channels last), in float32
and one picture at a time, so that all of it stays in the processor's cache; and the backward pass
uses what the forward pass knows already (docs/performance.md has the figures).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from precompute.network.architecture import ResponseNorm


def rectified_norm(x: Tensor, norm: ResponseNorm) -> Tensor:
    """`local_response_norm(relu(x))`, `[n, c, h, w]` both, differentiable once.

    Args:
        x: before the ReLU.
        norm: window, alpha (divided by the window), beta, k.
    """
    result: Tensor = _RectifiedNorm.apply(x, norm) if len(x) else x
    return result


class _RectifiedNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, norm: ResponseNorm) -> Tensor:
        denominator, factor, result = (torch.empty_like(x) for _ in range(3))
        active, square, total, power = (_space(x) for _ in range(4))
        below, above = norm.size // 2, (norm.size - 1) // 2
        for i in range(len(x)):
            active.copy_(x[i]).clamp_min_(0)
            _window_sum(torch.mul(active, active, out=square), below, above, total)
            total.mul_(norm.alpha / norm.size).add_(norm.k)
            _power(total, norm.beta, power)
            denominator[i].copy_(total)
            factor[i].copy_(power)
            result[i].copy_(active.mul_(power))
        ctx.save_for_backward(x, denominator, factor)
        ctx.norm = norm
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """The derivative of x · d^-β, where d = k + α/n · Σ x² over the window around x."""
        x, denominator, factor = ctx.saved_tensors
        norm: ResponseNorm = ctx.norm
        (gradient,) = gradients
        result = torch.empty_like(x)
        active, through, total, scaled = (_space(x) for _ in range(4))
        below, above = norm.size // 2, (norm.size - 1) // 2
        for i in range(len(x)):
            active.copy_(x[i]).clamp_min_(0)
            scaled.copy_(gradient[i]).mul_(factor[i])
            torch.mul(scaled, active, out=through).div_(denominator[i])
            # Who looks at x: the same window turned around (of an even one that is another).
            _window_sum(through, above, below, total)
            scaled.addcmul_(active, total, value=-2 * norm.beta * norm.alpha / norm.size)
            result[i].copy_(scaled.mul_(active > 0))
        return result, None


def _space(x: Tensor) -> Tensor:
    """Room for one picture, in float32 at least: in less, the sums are inexact, and slow too."""
    return torch.empty_like(x[0], dtype=torch.promote_types(x.dtype, torch.float32))


def _window_sum(values: Tensor, below: int, above: int, out: Tensor) -> None:
    """The sum over the channels from `below` under each to `above` over it, `[c, h, w]`."""
    out.copy_(values)
    for k in range(1, above + 1):
        out[:-k] += values[k:]
    for k in range(1, below + 1):
        out[k:] += values[:-k]


def _power(denominator: Tensor, beta: float, out: Tensor) -> None:
    """`denominator ** -beta`; the published trainings' powers need only square roots."""
    if beta == 0.5:
        torch.rsqrt(denominator, out=out)
    elif beta == 0.75:
        torch.rsqrt(denominator, out=out)
        out.mul_(out.sqrt())
    else:
        torch.pow(denominator, -beta, out=out)
