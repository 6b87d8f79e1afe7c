"""Weights files of every kind load to the same function; bad ones are refused, never executed."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
import torch
from onnx import helper, numpy_helper
from safetensors.torch import save_file
from torch import Tensor

from app.errors import InputError
from precompute.network import LOGITS, Inception, find, find_variant, load
from precompute.network.weights import read
from tests.precompute.network import reference_tensors as names
from tests.precompute.network.reference_facts import VARIANTS
from tests.precompute.network.reference_tensors import Tensors, generator, renamed

Save = Callable[[Tensors, Path], None]


def save_onnx(tensors: Tensors, path: Path) -> None:
    """A graph with the tensors as initializers, and with settings among them, as exporters do."""
    settings = {"OC2_DUMMY_1": torch.tensor([1, -1]), "ratio": torch.tensor(0.4)}
    arrays = [numpy_helper.from_array(x.numpy(), name) for name, x in (tensors | settings).items()]
    onnx.save(helper.make_model(helper.make_graph([], "network", [], [], arrays)), path)


def save_legacy(tensors: Tensors, path: Path) -> None:
    """PyTorch's format of before 1.6, in which torchvision's older files still are."""
    torch.save(tensors, path, _use_new_zipfile_serialization=False)


FORMATS: dict[str, Save] = {".safetensors": save_file, ".pth": torch.save, ".onnx": save_onnx}
FILES: dict[str, tuple[Callable[[Tensors], Tensors], str, Save]] = {
    "canonical safetensors": (dict, "own.safetensors", save_file),
    "canonical PyTorch": (dict, "own.PTH", torch.save),
    "Lucent's": (lambda t: renamed(t, names.lucent), "inception5h.pth", torch.save),
    "Captum's": (lambda t: renamed(t, names.captum), "inceptionv1_5h.pth", torch.save),
    "Caffe's safetensors": (lambda t: renamed(t, names.caffe), "bvlc.safetensors", save_file),
    "ONNX": (lambda t: renamed(t, names.onnx_zoo), "googlenet-12.onnx", save_onnx),
    "torchvision's": (names.with_batch_norm, "googlenet.pth", torch.save),
    "torchvision's of old": (names.with_batch_norm, "googlenet.pt", save_legacy),
    "a checkpoint": (lambda t: {"state_dict": t, "epoch": 3}, "run.pth", torch.save),  # type: ignore[dict-item]
}


def picture() -> Tensor:
    return torch.rand((2, 3, 48, 40), generator=generator(8))


@pytest.fixture(scope="module")
def wanted(toy_tensors: Tensors, tmp_path_factory: pytest.TempPathFactory) -> Tensor:
    """The logits that every file below must lead to."""
    path = tmp_path_factory.mktemp("canonical") / "toy.safetensors"
    save_file(toy_tensors, path)
    logits: Tensor = load("toy", path)(picture())[LOGITS]
    return logits


@pytest.mark.parametrize("kind", FILES)
def test_every_publishers_file_loads_to_the_same_function(
    toy_tensors: Tensors, wanted: Tensor, tmp_path: Path, kind: str
) -> None:
    rename, file, save = FILES[kind]
    save(rename(toy_tensors), tmp_path / file)
    logits = load("toy", tmp_path / file)(picture())[LOGITS]
    torch.testing.assert_close(logits, wanted, rtol=1e-4, atol=1e-5)


def test_a_loaded_network_is_frozen_and_evaluates(toy_tensors: Tensors, tmp_path: Path) -> None:
    save_file(toy_tensors, tmp_path / "toy.safetensors")
    network = load("toy", str(tmp_path / "toy.safetensors"))
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize(("dtype", "off"), [(torch.float64, 1e-4), (torch.bfloat16, 0.1)])
def test_a_network_computes_in_the_precision_asked_for(
    toy_tensors: Tensors, wanted: Tensor, tmp_path: Path, dtype: torch.dtype, off: float
) -> None:
    save_file(toy_tensors, tmp_path / "toy.safetensors")
    logits = load("toy", tmp_path / "toy.safetensors", dtype=dtype)(picture().to(dtype))[LOGITS]
    assert logits.dtype == dtype
    assert (logits.float() - wanted).abs().max() < off * wanted.abs().max()


def test_a_fine_tuned_head_has_as_many_logits_as_its_file(
    toy_tensors: Tensors, tmp_path: Path
) -> None:
    head = {"logits.weight": torch.ones(7, 256), "logits.bias": torch.arange(7.0)}
    torch.save(toy_tensors | head, tmp_path / "fine_tuned.pth")
    network = load("toy", tmp_path / "fine_tuned.pth")
    assert network(picture())[LOGITS].shape == (2, 7)
    assert network.layer(LOGITS).channels == 7


def test_the_toy_comes_with_its_weights() -> None:
    network: Inception = load("toy")
    assert network(picture())[LOGITS].shape == (2, network.layer(LOGITS).channels)


class Payload:
    """What makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.folder),)


def pickle_to(tensors: object, path: Path) -> None:
    """In the protocol that PyTorch writes: it warns of any other."""
    path.write_bytes(pickle.dumps(tensors, protocol=2))


PICKLERS: dict[str, Callable[[object, Path], None]] = {
    "zip": torch.save,
    "legacy": lambda o, path: torch.save(o, path, _use_new_zipfile_serialization=False),
    "bare pickle": pickle_to,
}


def test_the_payload_of_these_tests_does_run_when_it_is_unpickled(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Payload(tmp_path / "ran")))
    assert (tmp_path / "ran").is_dir()


@pytest.mark.parametrize("pickler", PICKLERS)
@pytest.mark.parametrize("suffix", [".pth", ".pt"])
def test_code_in_a_file_is_refused_and_not_executed(
    toy_tensors: Tensors, tmp_path: Path, pickler: str, suffix: str
) -> None:
    path, trace = tmp_path / f"malicious{suffix}", tmp_path / "ran"
    PICKLERS[pickler](toy_tensors | {"conv2d0.extra": Payload(trace)}, path)
    with pytest.raises(InputError, match="malicious"):
        load("toy", path)
    assert not trace.exists()


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused_by_name(
    toy_tensors: Tensors, tmp_path: Path, suffix: str, share: float
) -> None:
    path = tmp_path / f"broken_off{suffix}"
    FORMATS[suffix](toy_tensors, path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError, match="broken_off"):
        load("toy", path)


@pytest.mark.parametrize("length", [10, 40, 100, 500, 5000, 100000])
def test_a_truncated_file_of_the_old_format_is_refused_by_name(
    toy_tensors: Tensors, tmp_path: Path, length: int
) -> None:
    path = tmp_path / "broken_off.pth"
    save_legacy(toy_tensors, path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(InputError, match="broken_off"):
        load("toy", path)


NOT_WEIGHTS = {
    "nothing": b"",
    "a page": b"<!DOCTYPE html><html><body>Not found</body></html>",
    "an answer": b"404: Not Found",
    "a pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    "an address": b"https://example.org/inception5h.pth\n",
    "a sentence": b"The weights are on the other disk.\n",
    "a list": b"just some text\n",
    "JSON": b'{"weights": [1, 2]}',
    "zeros": bytes(64),
    "a zip's head": b"PK\x03\x04",
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("content", NOT_WEIGHTS)
def test_what_is_not_weights_is_refused_by_name(tmp_path: Path, suffix: str, content: str) -> None:
    path = tmp_path / f"misnamed{suffix}"
    path.write_bytes(NOT_WEIGHTS[content])
    with pytest.raises(InputError, match="misnamed"):
        load("toy", path)


ODD_OBJECTS: dict[str, object] = {
    "a tensor": torch.zeros(2),
    "a list": [torch.zeros(2)],
    "nothing": None,
    "numbered tensors": {0: torch.zeros(2), 1: torch.zeros(2)},
    "names and numbers": {0: torch.zeros(2), "conv": torch.zeros(2)},
    "a state that is none": {"state_dict": [1, 2], "epoch": 3},
}


@pytest.mark.parametrize("content", ODD_OBJECTS)
def test_a_file_of_something_else_is_refused_by_name(tmp_path: Path, content: str) -> None:
    torch.save(ODD_OBJECTS[content], tmp_path / "something_else.pth")
    with pytest.raises(InputError, match="something_else"):
        load("toy", tmp_path / "something_else.pth")


@pytest.mark.parametrize("file", ["weights.bin", "weights", "bvlc_googlenet.caffemodel"])
def test_a_file_of_an_unknown_kind_is_refused_with_those_that_are_read(
    tmp_path: Path, file: str
) -> None:
    (tmp_path / file).write_bytes(b"x")
    with pytest.raises(InputError, match=r"\.safetensors, \.onnx, \.pth") as refused:
        read(tmp_path / file)
    assert file in str(refused.value)


@pytest.mark.parametrize("name", ["absent.pth", "."])
def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no weights file"):
        load("toy", tmp_path / name)


@pytest.mark.parametrize("call", [load, find, find_variant])
def test_an_unknown_variant_is_refused_with_those_there_are(
    call: Callable[[str], object],
) -> None:
    with pytest.raises(InputError, match="inceptionv2") as refused:
        call("inceptionv2")
    assert all(name in str(refused.value) for name in VARIANTS)
