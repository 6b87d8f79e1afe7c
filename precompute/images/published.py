"""Data sets that others publish, by their names: `imagenette` is fetched, `imagenet` unpacked.

Through torchvision, which knows where they are and checks what it got.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import InputError


@dataclass(frozen=True)
class PublishedDataset:
    """A data set that can be had by its name."""

    licence: str
    prepare: Callable[[Path], Path]
    """From the folder where it is to lie to the one with a subfolder for each class."""


def imagenette(root: Path) -> Path:
    """Ten classes of ImageNet, shorter side 320 px (fast.ai): fetched where it is not there yet.

    Raises:
        InputError: it cannot be fetched.
    """
    from torchvision.datasets import Imagenette

    try:
        there = any((root / "imagenette2-320").glob("val/*"))
        Imagenette(root, split="val", size="320px", download=not there)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"imagenette could not be fetched ({error}). Fetch imagenette2-320 from "
            f"github.com/fastai/imagenette yourself and unpack it in {root}, or name a folder."
        ) from None
    return root / "imagenette2-320" / "val"


def imagenet(root: Path) -> Path:
    """ImageNet's 50,000 photographs for validation, from the publisher's own archives.

    Raises:
        InputError: the archives are not there: they are given to people who ask, and only to them.
    """
    from torchvision.datasets import ImageNet

    try:
        ImageNet(root, split="val")
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"ImageNet cannot be unpacked in {root} ({error}). Its publisher gives it to people "
            "who accept its terms, at image-net.org: put ILSVRC2012_devkit_t12.tar.gz and "
            f"ILSVRC2012_img_val.tar into {root}, and run this again."
        ) from None
    return root / "val"


PUBLISHED: Mapping[str, PublishedDataset] = {
    "imagenette": PublishedDataset("images: ImageNet's terms (research use); selection: Apache-2.0",
                            imagenette),
    "imagenet": PublishedDataset("ImageNet's terms: research use only", imagenet),
}  # fmt: skip
