"""The drawn images as a data set: a list of labelled pictures that exist only when asked for.

Its seeds start at HELD_OUT_SEED, and training draws below it, so the toy network has never seen
any of these pictures.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from precompute.stimuli.catalogue import CLASSES
from precompute.stimuli.drawing import DEFAULT_SIZE, draw

HELD_OUT_SEED = 1_000_000


@dataclass(frozen=True)
class DrawnItem:
    """One picture: its path within the data set, its label's title, its class's index."""

    path: str
    title: str
    label: int
    slug: str
    seed: int


@dataclass(frozen=True)
class DrawnCollection:
    """`per_class` pictures of every class, class by class, from `first_seed` on."""

    per_class: int
    first_seed: int = HELD_OUT_SEED
    size: int = DEFAULT_SIZE

    def __len__(self) -> int:
        return self.per_class * len(CLASSES)

    def __iter__(self) -> Iterator[DrawnItem]:
        return (self.item(index) for index in range(len(self)))

    def item(self, index: int) -> DrawnItem:
        """What stands at `index`, 0 to `len - 1`. Raises `IndexError` beyond."""
        if not 0 <= index < len(self):
            raise IndexError(f"the drawn images are numbered 0 to {len(self) - 1}, not {index}")
        label, number = divmod(index, self.per_class)
        entry = CLASSES[label]
        path = f"{entry.slug}/{number:05d}.png"
        return DrawnItem(path, entry.title, label, entry.slug, self.first_seed + number)

    def image(self, index: int) -> Image.Image:
        """Draws the picture at `index`: RGB, `size` pixels square."""
        item = self.item(index)
        return Image.fromarray(draw(item.slug, item.seed, self.size))
