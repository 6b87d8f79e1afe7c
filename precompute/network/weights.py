"""Weights files: found, read without executing anything in them, and made into a network.

Reads safetensors, the publishers' PyTorch files, and ONNX. What a tensor is called and whether it
fits is `naming.py`'s affair; where files come from is `sources.py`'s.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from app.errors import InputError
from app.unit_names import LOGITS
from precompute.network.architecture import VARIANTS, Variant
from precompute.network.inception import Inception
from precompute.network.naming import canonical
from precompute.network.published_weights import SOURCES, cached, digest


@dataclass(frozen=True)
class Weights:
    """A weights file that exists, and what it is taken to be."""

    variant: Variant
    path: Path
    sha256: str
    licence: str


def find(name: str, weights: str | Path | None = None) -> Weights:
    """The weights of a variant: the file that is named, else the cache's.

    Raises:
        InputError: no such variant, no such file, or nothing in the cache.
    """
    variant = find_variant(name)
    path = Path(weights).expanduser() if weights else cached(name)
    if path is None:
        raise InputError(
            f"There are no weights of {name} in the cache: run `microscope weights get {name}`, "
            "or name a file with --weights."
        )
    if not is_file(path):
        raise InputError(f"There is no weights file {path}.")
    licence = SOURCES[name].licence if path == cached(name) else "not stated (own weights)"
    return Weights(variant, path, digest(path), licence)


def find_variant(name: str) -> Variant:
    """The row of the table for a variant's name.

    Raises:
        InputError: there is none of that name.
    """
    if name not in VARIANTS:
        raise InputError(f"No variant is called {name!r}; there are: {', '.join(VARIANTS)}.")
    return VARIANTS[name]


def load(
    name: str,
    weights: str | Path | None = None,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Inception:
    """A network with its weights, frozen and in evaluation mode.

    Args:
        name: `inceptionv1`, `googlenet-bvlc`, `googlenet-torchvision` or `toy`.
        weights: a safetensors, PyTorch or ONNX file; default the one in the cache.
        device: where its tensors lie, `cpu`, `cuda` or `mps`.
        dtype: of its parameters and of the pictures it takes.

    Returns:
        The module: called with RGB in 0..1, `[n, 3, h, w]`, and `layers=[names]`, it returns
        `{name: activation}`. Its number of classes is the file's. `.layers` describes it.

    Raises:
        InputError: nothing to load, or a file that does not fit; the first wrong tensor is named.
    """
    found = find(name, weights)
    tensors = fitting(name, found.path)
    network = Inception(found.variant, classes=tensors[f"{LOGITS}.bias"].shape[0])
    network.load_state_dict(tensors)
    network.requires_grad_(False).eval()
    # Channels-last is what the CPU's convolutions compute in; the values are the same.
    network.to(memory_format=torch.channels_last)
    return network.to(device=device, dtype=dtype)


def fitting(name: str, path: Path) -> dict[str, Tensor]:
    """A file's tensors under their canonical names.

    Raises:
        InputError: the file is damaged, or does not fit the variant.
    """
    return canonical(read(path), find_variant(name), path.name)


def is_file(path: Path) -> bool:
    """Whether there is a file; a path that cannot even be asked for (too long, …) is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def read(path: Path) -> dict[str, Tensor]:
    """The tensors of a weights file by the names that the file gives them.

    Raises:
        InputError: the file is damaged, or of a kind that is not read.
    """
    readers = {".safetensors": _safetensors, ".onnx": _onnx, ".pth": _pytorch, ".pt": _pytorch}
    if path.suffix.lower() not in readers:
        raise InputError(f"{path} is not a weights file: it should end in {', '.join(readers)}.")
    return readers[path.suffix.lower()](path)


def _safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise _damaged(path, error) from error
    return tensors


def _pytorch(path: Path) -> dict[str, Tensor]:
    """`weights_only` restricts the unpickler to tensors: nothing in the file is executed."""
    try:
        with warnings.catch_warnings(action="ignore"):
            state = torch.load(path, map_location="cpu", weights_only=True)
    # A restricted unpickler on bytes that are no pickle ends in almost any kind of exception.
    except Exception as error:
        raise _damaged(path, error) from error
    state = state.get("state_dict", state) if isinstance(state, dict) else {}
    entries = state.items() if isinstance(state, dict) else ()
    return {str(name): value for name, value in entries if _is_dense(value)}


def _is_dense(value: object) -> bool:
    return isinstance(value, Tensor) and value.layout == torch.strided and not value.is_meta


def _onnx(path: Path) -> dict[str, Tensor]:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        graph = onnx.load(path).graph
        arrays = {t.name: onnx.numpy_helper.to_array(t).copy() for t in graph.initializer}
    except (DecodeError, OSError, ValueError, onnx.checker.ValidationError) as error:
        raise _damaged(path, error) from error
    # A scalar or an integer among the initializers is an operator's setting, not a weight.
    floats = {n: a for n, a in arrays.items() if a.dtype.kind == "f" and a.ndim}
    return {name: torch.from_numpy(array) for name, array in floats.items()}


def _damaged(path: Path, error: Exception) -> InputError:
    """The reader's own words stay out of it: PyTorch's advise to let the file execute code."""
    reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
    return InputError(
        f"{path} cannot be read as weights{reason}: it is damaged, or holds something other than "
        "tensors. Delete it and fetch it again (`microscope weights get`), or name another file."
    )
