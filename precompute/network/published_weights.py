"""Where the weights of each variant are published, under which licence, and how they get here.

A digest stands here only where the publisher states it; any other file is recorded in the
database by the digest that it had.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from app.config import Settings
from app.errors import InputError, MicroscopeError

CHUNK = 1 << 20
TIMEOUT_SECONDS = 30

Progress = Callable[[int, int], None]
"""Called with the bytes received and the bytes expected (0 where the server does not say)."""

Check = Callable[[str, Path], object]
"""Called with the variant and the file that came, before it is kept; raises `InputError`."""


class DownloadError(MicroscopeError):
    """Weights could not be fetched; nothing of the attempt is left behind."""

    title = "The download failed"


TOY_WEIGHTS = Path(__file__).parents[1] / "toy" / "toy.safetensors"


@dataclass(frozen=True)
class WeightsSource:
    """A variant's published weights."""

    variant: str
    url: str
    licence: str
    publisher: str
    files: tuple[str, ...]
    """Names under which the cache may hold them, the one that `get` writes first."""
    sha256: str | None = None
    """The publisher's digest, or as much of its beginning as the publisher states."""

    @property
    def file(self) -> str:
        return self.files[0]


SOURCES: dict[str, WeightsSource] = {
    source.variant: source
    for source in (
        WeightsSource(
            "inceptionv1",
            "https://github.com/ProGamerGov/pytorch-old-tensorflow-models/raw/master/inception5h.pth",
            "Apache-2.0 (the inception5h graph, Google)",
            "ProGamerGov's conversion of Google's inception5h, which Lucid and Lucent load",
            ("inception5h.pth", "inceptionv1_5h.pth", "inceptionv1.safetensors"),
        ),
        WeightsSource(
            "googlenet-bvlc",
            "https://github.com/onnx/models/raw/main/validated/vision/classification/"
            "inception_and_googlenet/googlenet/model/googlenet-12.onnx",
            "unrestricted use (BVLC, Caffe's model zoo)",
            "ONNX model zoo's conversion of BVLC GoogLeNet",
            ("googlenet-12.onnx", "bvlc_googlenet.safetensors", "googlenet-bvlc.safetensors"),
        ),
        WeightsSource(
            "googlenet-torchvision",
            "https://download.pytorch.org/models/googlenet-1378be20.pth",
            "BSD-3-Clause (torchvision)",
            "torchvision, GoogLeNet_Weights.IMAGENET1K_V1",
            ("googlenet-1378be20.pth", "googlenet-torchvision.safetensors"),
            sha256="1378be20",  # torchvision's file names end in the digest's first eight digits
        ),
        WeightsSource("toy", "", "Apache-2.0", "comes with the package", (TOY_WEIGHTS.name,)),
    )
}


def weights_folder() -> Path:
    """Where the cache keeps weights: `MICROSCOPE_HOME`/weights."""
    return Settings().home.expanduser() / "weights"


def cached(variant: str) -> Path | None:
    """The file that holds a variant's weights here, if there is one."""
    if variant == "toy":
        return TOY_WEIGHTS
    candidates = (weights_folder() / name for name in SOURCES[variant].files)
    return next((path for path in candidates if path.is_file()), None)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def get(
    variant: str,
    progress: Progress = lambda done, total: None,
    check: Check = lambda variant, path: None,
) -> Path:
    """The variant's weights in the cache, downloaded if they are not there yet.

    The file arrives under a temporary name, is checked, then renamed: a download that breaks
    leaves nothing behind, and a read-only cache that holds the file already is fine.

    Raises:
        DownloadError: it could not be fetched or written, has another digest than stated, or
            does not pass the check.
    """
    source = _source(variant)
    found = cached(variant)
    if found is not None:
        return found
    target = weights_folder() / source.file
    with _temporary(target) as partial:
        _download(source.url, partial, progress)
        _check_digest(partial, source)
        _check_content(partial, source, check)
        partial.replace(target)
    return target


def _source(variant: str) -> WeightsSource:
    if variant not in SOURCES:
        raise InputError(f"No variant is called {variant!r}; there are: {', '.join(SOURCES)}.")
    return SOURCES[variant]


@contextlib.contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=".partial-", suffix=target.suffix, delete=False
        ) as file:
            partial = Path(file.name)
        partial.chmod(0o666 & ~_umask())  # a temporary file is its owner's alone; a cache is not
    except OSError as error:
        raise DownloadError(
            f"{target.parent} cannot be written ({error.strerror}): set MICROSCOPE_HOME to a "
            "folder that can."
        ) from error
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


def _download(url: str, target: Path, progress: Progress) -> None:
    try:
        with (
            urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response,
            target.open("wb") as file,
        ):
            total, done = int(response.headers.get("Content-Length") or 0), 0
            while chunk := response.read(CHUNK):
                done += file.write(chunk)
                progress(done, total)
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise DownloadError(
            f"{url} could not be fetched ({reason}): try again, or fetch it by other means and "
            f"put it into {target.parent}."
        ) from error
    if not done or (total and done != total):
        raise DownloadError(f"{url} broke off after {done} of {total} bytes: try again.")


def _check_digest(path: Path, source: WeightsSource) -> None:
    if source.sha256 and not digest(path).startswith(source.sha256):
        raise DownloadError(
            f"What {source.url} sent has SHA-256 {digest(path)}, but its publisher states "
            f"{source.sha256}…: it was not kept."
        )


def _check_content(path: Path, source: WeightsSource, check: Check) -> None:
    """A server may answer with anything, a page that asks for a name and a password included."""
    try:
        check(source.variant, path)
    except InputError as error:
        raise DownloadError(f"What {source.url} sent was not kept: {error}") from error


def _umask() -> int:
    """The process's mask; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
