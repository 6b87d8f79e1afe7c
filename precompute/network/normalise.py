"""Local response normalisation, with the ReLU before it, forwards and backwards by hand.

PyTorch's own takes more than half of the forward pass on a CPU. Here the window's sum is a few
shifted additions along the channels, which lie side by side in memory (channels last), one
picture at a time, so that all of it stays in the processor's cache; and the backward pass uses
what the forward pass knows already (docs/performance.md has the figures).
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
    result: Tensor = _RectifiedNorm.apply(x, norm)
    return result


class _RectifiedNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, norm: ResponseNorm) -> Tensor:
        active, denominator, factor, result = (torch.empty_like(x) for _ in range(4))
        below, above = norm.size // 2, (norm.size - 1) // 2
        for i in range(len(x)):
            torch.clamp_min(x[i], 0, out=active[i])
            _window_sum(active[i].square(), below, above, denominator[i])
            denominator[i].mul_(norm.alpha / norm.size).add_(norm.k)
            _power(denominator[i], norm.beta, factor[i])
            torch.mul(active[i], factor[i], out=result[i])
        ctx.save_for_backward(active, denominator, factor)
        ctx.norm = norm
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """The derivative of x · d^-β, where d = k + α/n · Σ x² over the window around x."""
        active, denominator, factor = ctx.saved_tensors
        norm: ResponseNorm = ctx.norm
        (gradient,) = gradients
        result, total = torch.empty_like(active), torch.empty_like(active[0])
        below, above = norm.size // 2, (norm.size - 1) // 2
        for i in range(len(active)):
            scaled = gradient[i] * factor[i]
            through = (scaled * active[i]).div_(denominator[i])
            # Who looks at x: the same window turned around (of an even one that is another).
            _window_sum(through, above, below, total)
            scaled.addcmul_(active[i], total, value=-2 * norm.beta * norm.alpha / norm.size)
            torch.mul(scaled, active[i] > 0, out=result[i])
        return result, None


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
