"""Finding a data set by what a person calls it."""

from __future__ import annotations

import re
from pathlib import Path

from app.errors import InputError
from app.settings import Settings
from precompute.examples.dataset import EXTENSIONS, Dataset, Drawn, Folder, Sample
from precompute.stimuli import DrawnCollection

DRAWN = "drawn"
DRAWN_PER_CLASS = 20


def find_dataset(name: str, slug: str | None = None, images: int | None = None) -> Dataset:
    """A data set by its name (`drawn`, or a folder of the cache's `images/`), or by its folder.

    Args:
        name: of the set or folder.
        slug: its public name; default from the folder's.
        images: take a fair sample of this many.

    Raises:
        InputError: there is no such folder, or no image in it, or the slug is not an address.
    """
    whole = _whole(name, slug)
    if images is not None and images < len(whole.items):
        return Sample(whole, images, whole.slug)
    return whole


def _whole(name: str, slug: str | None) -> Dataset:
    if name == DRAWN and not is_folder(Path(name)):
        return Drawn(DrawnCollection(DRAWN_PER_CLASS), slug=check_slug(slug or DRAWN))
    root = _find_folder(name).resolve()
    dataset = Folder(root, check_slug(slug or _slug(root.name)))
    if not dataset.items:
        kinds = ", ".join(sorted(EXTENSIONS))
        raise InputError(f"There is no image in {dataset.place}: it looks for {kinds}.")
    return dataset


def check_slug(slug: str) -> str:
    """A public name as it is, if it can stand in an address.

    Raises:
        InputError: it cannot.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,79}", slug):
        raise InputError(
            f"{slug!r} cannot stand in an address: use small letters, digits, '.', '_' and '-', "
            "80 at most."
        )
    return slug


def _find_folder(name: str) -> Path:
    images = Settings().home.expanduser() / "images"
    for root in (Path(name).expanduser(), images / name):
        if is_folder(root):
            return root
    raise InputError(
        f"There is no data set {name!r}: neither a folder of that name nor {images / name}. Name "
        f"a folder of images, or `{DRAWN}` for the drawn ones."
    )


def is_folder(path: Path) -> bool:
    """Whether there is a folder; a path that cannot even be asked for (too long, …) is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:80] or "images"
