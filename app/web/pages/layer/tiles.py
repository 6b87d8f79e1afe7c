"""The units of a layer as tiles: a part of a sheet of thumbnails each, else their own picture.

Pure functions from the store's views to typed contexts; the addresses come from `Urls`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from app.db.queries.unit_list import LayerUnits, ListedUnit
from app.db.views import ImageView, LabelView, LayerView, SheetView
from app.drawing.sprite_sheet import ACROSS, SIDE, UNITS, place_of
from app.statistics import is_share
from app.techniques import EXAMPLE, MAIN, TECHNIQUES
from app.web.pages.formatting import number, percent
from app.web.pages.layer.sorting import INDEX, SIMILARITY, value
from app.web.urls import Urls

# A label may be of any length, and may name a thousand units: a list shows its beginning.
NAME_LENGTH = 80

# Techniques that need not be told: what excites the unit.

# Orders of which a tile tells no number.
UNTOLD = (INDEX, SIMILARITY)


class Tile(NamedTuple):
    """A unit as it stands in its layer's list.

    A tuple, which takes a fifth of a frozen dataclass's time to make: a page has a thousand.
    """

    number: int
    """Its index; a tuple's `index` is something else."""
    path: str
    name: str
    """Its class, or what a maintainer calls it; empty where there is neither."""
    state: str
    """`dead` or `rare`, where the unit is."""
    by: str
    """The number that the list is sorted by."""
    alt: str
    sheet: str
    """The address of the sheet that it stands on; empty where it stands on none."""
    place: str
    """Its place there, as classes of the style sheet."""
    picture: ImageView | None
    """Its own picture, where it stands on no sheet."""


class Shelf:
    """What the tiles of a page have in common: what they show, and the sheets they stand on."""

    def __init__(self, urls: Urls, layer: LayerView, found: LayerUnits, is_large: bool) -> None:
        self.urls, self.layer, self.what = urls, layer, _what(found.technique)
        # A large tile shows the whole picture, except where a sheet holds as many pixels.
        is_small_field = found.technique == EXAMPLE and (layer.receptive_field or SIDE + 1) <= SIDE
        sheets = found.sheets if is_small_field or not is_large else {}
        self._on = dict(_places(urls, sheets))

    def loose(self, units: Iterable[ListedUnit]) -> set[str]:
        """The hashes of the pictures of units that stand on no sheet."""
        return {unit.source.sha256 for unit in units if unit.source and unit.index not in self._on}

    def tiles(
        self,
        model: str,
        units: Sequence[ListedUnit],
        images: Mapping[str, ImageView],
        labels: Iterable[LabelView],
        sort: str,
    ) -> tuple[Tile, ...]:
        """The tiles of these units, as they come; `images` are the loose ones by hash."""
        names = _names(self.layer.channels, labels)
        paths = self.urls.units(model, self.layer.name, (unit.index for unit in units))
        return tuple(
            self._tile(unit, path, unit.title or names.get(unit.index, ""), images, sort)
            for unit, path in zip(units, paths, strict=True)
        )

    def _tile(
        self,
        unit: ListedUnit,
        path: str,
        name: str,
        images: Mapping[str, ImageView],
        sort: str,
    ) -> Tile:
        index, sheet = unit.index, self._on.get(unit.index, "")
        own = images.get(unit.source.sha256) if unit.source and not sheet else None
        alt, place = self._alt(index, name), PLACES[place_of(index)]
        return Tile(index, path, name, _state(unit), _by(unit, sort), alt, sheet, place, own)

    def _alt(self, unit: int, name: str) -> str:
        who = f"unit {unit} of {self.layer.name}"
        return f"{who}, {name}: {self.what}" if name else f"{who}: {self.what}"


def _places(urls: Urls, sheets: Mapping[int, SheetView]) -> Iterator[tuple[int, str]]:
    """The units that stand on sheets, each with its sheet's address."""
    for index, sheet in sheets.items():
        path = urls.image(sheet.image.sha256, sheet.image.media_type)
        for place, is_there in enumerate(sheet.present):
            if is_there == "1":
                yield index * UNITS + place, path


# The classes that move a sheet so that one place of it shows.
PLACES = tuple(f"x{place % ACROSS} y{place // ACROSS}" for place in range(ACROSS**2))


def _what(technique: str) -> str:
    """What a tile shows of its unit, as an alternative text says it."""
    if technique == EXAMPLE:
        return "strongest dataset example"
    told = "" if technique in ("", *MAIN) else f", {TECHNIQUES[technique].objective}"
    return f"feature visualization{told}"


def _state(unit: ListedUnit) -> str:
    found = unit.statistics
    if found is None:
        return ""
    if found.is_dead:
        return "dead"
    return "rare" if found.is_rare else ""


def _by(unit: ListedUnit, sort: str) -> str:
    found = None if sort in UNTOLD else value(unit, sort)
    if found is None:
        return ""
    return percent(found) if is_share(sort) else number(found)


def _names(channels: int, labels: Iterable[LabelView]) -> Mapping[int, str]:
    """What each unit is called: the first label that it bears."""
    names: dict[int, str] = {}
    for each in labels:
        for unit in range(max(each.start, 0), min(each.stop, channels)):
            names.setdefault(unit, short(each.label))
    return names


def short(label: str) -> str:
    """The beginning of a label that is too long for a list."""
    return label if len(label) <= NAME_LENGTH else f"{label[:NAME_LENGTH].rstrip()}…"
