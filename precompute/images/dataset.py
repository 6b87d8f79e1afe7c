"""Sets of images: a folder, labelled or not, or the drawn images; always in the order of paths.

A data set lists its items without opening them, and says of each where it comes from.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from app.errors import MicroscopeError
from app.text import many
from precompute.images.source import DrawnSource, FileSource, ImageSource
from precompute.network.class_names import imagenet
from precompute.stimuli import CLASSES, DrawnCollection

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
    def private(self) -> bool:
        """Whether its pictures must not enter the database."""
        ...

    @property
    def items(self) -> Sequence[Item]:
        """All images, sorted by path."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what identifies the images: another list has another one."""
        ...

    def source(self, index: int) -> ImageSource:
        """Where the image at this place of `items` comes from, as a value that can be sent."""
        ...


@dataclass(frozen=True)
class ImageFolder:
    """Every image below a folder; where images lie in subfolders, the first names the class."""

    root: Path
    slug: str
    licence: str = "not stated"
    private: bool = False
    title: str = ""
    """What it is called on the pages; default the folder's name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", self.title or _shown(Path(self.root.name)))

    @property
    def place(self) -> str:
        """The folder's path, as it can be printed."""
        return _shown(self.root)

    @cached_property
    def _files(self) -> list[tuple[str, Path]]:
        found = ((_shown(path.relative_to(self.root)), path) for path in image_files(self.root))
        return sorted(found)

    @cached_property
    def items(self) -> Sequence[Item]:
        return [_item(shown) for shown, _ in self._files]

    @cached_property
    def fingerprint(self) -> str:
        return _hash(f"{shown}\t{_size(path)}" for shown, path in self._files)

    def source(self, index: int) -> ImageSource:
        return FileSource(self._files[index][1])


@dataclass(frozen=True)
class DrawnDataset:
    """The drawn images that the toy network was not trained on."""

    collection: DrawnCollection
    slug: str = "drawn"
    title: str = "drawn images"
    licence: str = "Apache-2.0"
    private: bool = False

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

    def source(self, index: int) -> ImageSource:
        drawn = self.collection.item(self._order[index])
        return DrawnSource(drawn.slug, drawn.seed, self.collection.size)


@dataclass(frozen=True)
class Sample:
    """A fair sample of a data set: the images with the lowest hashes of their paths.

    Which images are in it depends on neither their order nor what else is in the set by more
    than the others' own hashes.
    """

    whole: Dataset
    count: int
    slug: str

    @property
    def title(self) -> str:
        return self.whole.title

    @property
    def licence(self) -> str:
        return self.whole.licence

    @property
    def private(self) -> bool:
        return self.whole.private

    @cached_property
    def _places(self) -> list[int]:
        paths = [item.path for item in self.whole.items]
        lowest = sorted(range(len(paths)), key=lambda place: _hash([paths[place]]))
        return sorted(lowest[: self.count])

    @cached_property
    def items(self) -> Sequence[Item]:
        return [self.whole.items[place] for place in self._places]

    @cached_property
    def fingerprint(self) -> str:
        return _hash([self.whole.fingerprint, f"{len(self.items)} of them"])

    def source(self, index: int) -> ImageSource:
        return self.whole.source(self._places[index])


def require_readable(images: int, dataset: Dataset, skipped: tuple[str, ...]) -> None:
    """Raise `MicroscopeError` if no image of the data set could be read."""
    if not images:
        raise MicroscopeError(
            f"Of {many(len(dataset.items), 'image')} in {dataset.slug} none can be read; the "
            f"first: {skipped[0]}."
        )


def _item(shown: str) -> Item:
    folder, slash, _ = shown.partition("/")
    if not slash:
        return Item(shown, None, None)
    return Item(shown, imagenet().get(folder, folder), folder)


def image_files(root: Path) -> Iterator[Path]:
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
            if Path(name).suffix.lower() in EXTENSIONS and _is_file(Path(folder, name)):
                yield Path(folder, name)


def _is_file(path: Path) -> bool:
    """A file, or something that cannot be told and is named when it is read; never a pipe, which
    would be waited for without end."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


def _shown(path: Path) -> str:
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _hash(lines: Iterator[str] | list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
