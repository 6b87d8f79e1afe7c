"""Sets of images: a folder, labelled or not, or the drawn images; always in the order of paths.

A data set lists its items without opening them and decodes one at a time.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from PIL import Image

from app.errors import InputError
from app.settings import Settings
from precompute.examples.view import open_image
from precompute.network.classes import imagenet
from precompute.stimuli import CLASSES, DrawnCollection

DRAWN = "drawn"
DRAWN_PER_CLASS = 20

EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".avif"}
)


@dataclass(frozen=True)
class Item:
    """An image of a data set."""

    path: str
    """Relative to the data set, with `/`; bytes that are not UTF-8 are written as `\\xhh`."""
    label: str | None
    """The class's name, where the set is labelled."""
    folder: str | None
    """The class's folder, as it is."""


class Dataset(Protocol):
    """A set of images."""

    @property
    def slug(self) -> str:
        """The public name."""
        ...

    @property
    def title(self) -> str:
        """What it is called on the pages."""
        ...

    @property
    def licence(self) -> str:
        """A note of its terms."""
        ...

    @property
    def items(self) -> Sequence[Item]:
        """All images, sorted by path."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what identifies the images: another list has another one."""
        ...

    def open(self, index: int) -> Image.Image:
        """The image at this place of `items`, upright, RGB. Raises `BadImageError`."""
        ...


@dataclass(frozen=True)
class Folder:
    """Every image below a folder; where images lie in subfolders, the first names the class."""

    root: Path
    slug: str
    licence: str = "not stated"

    @property
    def title(self) -> str:
        return self.root.name

    @cached_property
    def _files(self) -> list[tuple[str, Path]]:
        found = ((_shown(path.relative_to(self.root)), path) for path in _walk(self.root))
        return sorted(found)

    @cached_property
    def items(self) -> Sequence[Item]:
        return [_item(shown) for shown, _ in self._files]

    @cached_property
    def fingerprint(self) -> str:
        return _hash(f"{shown}\t{_size(path)}" for shown, path in self._files)

    def open(self, index: int) -> Image.Image:
        return open_image(self._files[index][1])


@dataclass(frozen=True)
class Drawn:
    """The drawn images that the toy network was not trained on."""

    collection: DrawnCollection
    slug: str = DRAWN
    title: str = "drawn images"
    licence: str = "Apache-2.0"

    @cached_property
    def _order(self) -> list[int]:
        paths = [item.path for item in self.collection]
        return sorted(range(len(paths)), key=paths.__getitem__)

    @cached_property
    def items(self) -> Sequence[Item]:
        drawn = [self.collection.item(index) for index in self._order]
        return [Item(item.path, item.title, item.slug) for item in drawn]

    @cached_property
    def fingerprint(self) -> str:
        kinds = (f"{item.path}\t{self.collection.size}" for item in self.items)
        return _hash([*kinds, f"{len(CLASSES)} classes from seed {self.collection.first_seed}"])

    def open(self, index: int) -> Image.Image:
        return self.collection.image(self._order[index])


def find_dataset(name: str, slug: str | None = None) -> Dataset:
    """A data set by its name (`drawn`, or a folder of the cache's `images/`), or by its folder.

    Raises:
        InputError: there is no such folder, or no image in it, or the slug is not an address.
    """
    if name == DRAWN and not Path(name).is_dir():
        return Drawn(DrawnCollection(DRAWN_PER_CLASS), slug=check_slug(slug or DRAWN))
    root = _find_folder(name)
    dataset = Folder(root.resolve(), check_slug(slug or _slug(root.resolve().name)))
    if not dataset.items:
        raise InputError(
            f"There is no image in {root}: it looks for {', '.join(sorted(EXTENSIONS))}."
        )
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
        if root.is_dir():
            return root
    raise InputError(
        f"There is no data set {name!r}: neither a folder of that name nor {images / name}. Name "
        f"a folder of images, or `{DRAWN}` for the drawn ones."
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:80] or "images"


def _item(shown: str) -> Item:
    folder, slash, _ = shown.partition("/")
    if not slash:
        return Item(shown, None, None)
    return Item(shown, imagenet().get(folder, folder), folder)


def _walk(root: Path) -> Iterator[Path]:
    """Image files below a folder; links are followed, but no folder is entered twice."""
    seen: set[tuple[int, int]] = set()
    for folder, subfolders, files in os.walk(root, followlinks=True):
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in seen:
            subfolders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        subfolders.sort()
        for name in files:
            if Path(name).suffix.lower() in EXTENSIONS:
                yield Path(folder, name)


def _shown(path: Path) -> str:
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _hash(lines: Iterator[str] | list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
