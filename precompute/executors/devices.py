"""Devices: which there are, how many threads work on one, and in which type it computes."""

from __future__ import annotations

import os
from collections.abc import Mapping

import torch

from app.errors import InputError
from precompute.request import AUTO

# More threads gain little on a batch of eight small pictures.
MOST_THREADS = 8
GPU_READERS = 8
GPU_BATCHES = 4


def workers_for(device: torch.device) -> int:
    """Threads that see images: one for each core; on a GPU enough that some decode meanwhile."""
    return torch.get_num_threads() if device.type == "cpu" else GPU_READERS


def fix_threads() -> int:
    """Gives PyTorch a number of threads that depends only on the cores this process may use.

    Rounding depends on how work is cut among threads, so the number is fixed, and a power of two:
    then a batch of eight is cut between pictures, and a picture's bytes do not depend on its
    place in the batch.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads: int = 2 ** (min(cores or 1, MOST_THREADS).bit_length() - 1)
    torch.set_num_threads(threads)
    return threads


def batch_factor(device: torch.device) -> int:
    """How many times the recipe's batch a device is given: small pictures leave a GPU idle."""
    return 1 if device.type == "cpu" else GPU_BATCHES


def find_device(name: str) -> torch.device:
    """The device of this name, if this machine has it.

    Raises:
        InputError: it has not, or there is none of that name.
    """
    try:
        device = torch.device(name)
        torch.ones(1, device=device).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"--device {name}: this machine or this PyTorch has none ({reason}); use `cpu`."
        ) from None
    return device


def find_dtype(name: str, device: torch.device) -> str:
    """What to render in: what is asked for, and for `auto` bfloat16 where the device has it.

    Pictures that are rendered in bfloat16 are as strong (docs/performance.md), and their numbers
    are measured in float32 either way.
    """
    if name != AUTO:
        return name
    return "bfloat16" if _multiplies_bfloat16(device) else "float32"


def _multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the hardware does, so that it is faster; emulated, it is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    ask = getattr(torch.cpu, "get_capabilities", dict[str, object])  # older PyTorch has none
    found: Mapping[str, object] = ask()
    return device.type == "cpu" and any(found.get(name) for name in ("avx512_bf16", "amx_bf16"))
