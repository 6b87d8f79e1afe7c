"""The names of a network's outputs: of the data set it was trained on, or from a file.

`imagenet1k.tsv` holds the 1,000 classes of ILSVRC2012 in the order of their sorted wnids
(image-net.org/challenges/LSVRC/2012), with the names that torchvision gives them
(`GoogLeNet_Weights.IMAGENET1K_V1.meta["categories"]`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from app.errors import InputError
from app.text import many
from precompute.stimuli import CLASSES

# The variants whose outputs are in the order of sorted wnids; inception5h's 1,008 are not.
IMAGENET_ORDER = ("googlenet-bvlc", "googlenet-torchvision")


@cache
def imagenet() -> dict[str, str]:
    """`{wnid: name}` of ImageNet's 1,000 classes, in the order of sorted wnids."""
    text = Path(__file__).with_name("imagenet1k.tsv").read_text(encoding="utf-8")
    rows = (line.partition("\t") for line in text.splitlines())
    return {wnid: name for wnid, _, name in rows}


def class_names(variant: str, classes: int, file: str | Path | None = None) -> tuple[str, ...]:
    """The names of a network's outputs in their order; empty where they are only numbered.

    A network with as many outputs as the variant was published with is taken to have its classes.

    Args:
        variant: the variant's name.
        classes: how many outputs the network has.
        file: a text file with one name a line, which goes before what is known.

    Raises:
        InputError: the file cannot be read or names another number of classes.
    """
    if file is not None:
        return _from_file(Path(file), classes)
    known: tuple[str, ...] = ()
    if variant in IMAGENET_ORDER:
        known = tuple(imagenet().values())
    elif variant == "toy":
        known = tuple(entry.title for entry in CLASSES)
    return known if len(known) == classes else ()


def class_indices(variant: str, classes: int) -> dict[str, int]:
    """`{folder name: output}` for a labelled folder of images that the variant can be tested on.

    Raises:
        InputError: the order of the network's outputs is not known.
    """
    names: tuple[str, ...] = ()
    if variant in IMAGENET_ORDER:
        names = tuple(imagenet())
    elif variant == "toy":
        names = tuple(entry.slug for entry in CLASSES)
    if len(names) != classes:
        raise InputError(
            f"The {classes} outputs of {variant} are numbered without names, so its accuracy "
            "over a labelled folder cannot be told."
        )
    return {name: index for index, name in enumerate(names)}


def _from_file(path: Path, classes: int) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The class names in {path} cannot be read: {error}.") from error
    names = tuple(line.strip() for line in lines if line.strip())
    if len(names) != classes:
        raise InputError(
            f"{path} names {many(len(names), 'class', 'classes')}, but the network has {classes}: "
            "one name a line, in the order of its outputs."
        )
    return names
