"""Finding a data set by what a person calls it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from app.config import Settings
from app.errors import InputError
from precompute.images.dataset import EXTENSIONS, Dataset, DrawnDataset, ImageFolder, Sample
from precompute.images.published import PUBLISHED
from precompute.stimuli import DrawnCollection

DRAWN = "drawn"
DRAWN_PER_CLASS = 20


def find_dataset(
    name: str,
    slug: str | None = None,
    images: int | None = None,
    licence: str | None = None,
    private: bool = False,
) -> Dataset:
    """A data set by its name (`drawn`, or a folder of the cache's `images/`), or by its folder.

    Args:
        name: of the set or folder.
        slug: its public name; default from the folder's.
        images: take a fair sample of this many.
        licence: a note of its terms; default the set's own.
        private: its pictures must not enter the database.

    Raises:
        InputError: there is no such folder, or no image in it, or the slug is not an address.
    """
    found = _whole(name, slug)
    whole = replace(found, licence=licence or found.licence, private=private)
    if images is not None and images < len(whole.items):
        return Sample(whole, images, whole.slug)
    return whole


def _whole(name: str, slug: str | None) -> DrawnDataset | ImageFolder:
    if name == DRAWN and not is_folder(Path(name)):
        return DrawnDataset(DrawnCollection(DRAWN_PER_CLASS), slug=check_slug(slug or DRAWN))
    if name in PUBLISHED and not is_folder(Path(name)):
        dataset = _published(name, check_slug(slug or name))
    else:
        root = _find_folder(name).resolve()
        dataset = ImageFolder(root, check_slug(slug or _slug(root.name)))
    if not dataset.items:
        kinds = ", ".join(sorted(EXTENSIONS))
        raise InputError(f"There is no image in {dataset.place}: it looks for {kinds}.")
    return dataset


def _published(name: str, slug: str) -> ImageFolder:
    """A data set that others publish, in the cache's `images/`."""
    found, root = PUBLISHED[name], _images() / name
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{name} is kept in {root}, which cannot be made ({error.strerror}): set "
            "MICROSCOPE_HOME to a folder that can be written."
        ) from None
    return ImageFolder(found.prepare(root), slug, found.licence, title=name)


def _images() -> Path:
    return Settings().home.expanduser() / "images"


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
    for root in (Path(name).expanduser(), _images() / name):
        if is_folder(root):
            return root
    raise InputError(
        f"There is no data set {name!r}: neither a folder of that name nor {_images() / name}. "
        f"Name a folder of images, `{DRAWN}` for the drawn ones, or one that is published: "
        f"{', '.join(PUBLISHED)}."
    )


def is_folder(path: Path) -> bool:
    """Whether there is a folder; a path that cannot even be asked for (too long, …) is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:80] or "images"
