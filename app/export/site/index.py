"""The search index of a copy: words of classes and labels, and names of layers, to units.

It is a script, `microscopeIndex = {…}`, since browsers read no data from the disk. `units` holds a
row for each unit; `words` holds ranges of these rows. Besides words there are keys with a field,
such as `layer:4c_3x3`, `label:curve`, and `label:*` for all units that bear a label.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from app.db.queries import catalog, lookup
from app.db.transactions import Source
from app.db.views import ImageView, LabelView, LayerView
from app.web.file_urls import FileUrls
from app.web.pages.formatting import unit_name

# What papers call `mixed4c`: `4c`.
SHORT = re.compile(r"[a-z]+(\d[a-z])")

Row = tuple[str, str, str, str, str]
"""A unit's name, its class or the empty text, its labels, its page, and its picture."""


class SearchIndex:
    """Collects the units of a copy, layer by layer."""

    def __init__(self, urls: FileUrls) -> None:
        """`urls` are addresses as they stand in the top folder."""
        self._urls = urls
        self._units: list[Row] = []
        self._words: dict[str, list[tuple[int, int]]] = {}

    def add_model(self, db: Source, model: str, layers: Iterable[LayerView]) -> None:
        start = len(self._units)
        for layer in layers:
            self._add_layer(db, model, layer)
        self._add(f"model:{model.lower()}", start, len(self._units))

    def text(self) -> str:
        """The script, the same each time: the order of the words in a set is not."""
        data = {"units": self._units, "words": dict(sorted(self._words.items()))}
        return f"microscopeIndex = {json.dumps(data, ensure_ascii=False, separators=(',', ':'))};\n"

    def _add_layer(self, db: Source, model: str, layer: LayerView) -> None:
        first = len(self._units)
        labels = lookup.layer_labels(db, model, layer.name)
        for unit in catalog.units(db, model, layer.name):
            own = [each.label for each in labels if each.start <= unit.index < each.stop]
            page = self._urls.unit(model, layer.name, unit.index)
            name, picture = unit_name(layer.name, unit.index), self._picture(unit.image)
            self._units.append((name, unit.title or "", ", ".join(own), page, picture))
            for word in words_of(unit.title or ""):
                self._add(word, first + unit.index, first + unit.index + 1)
        for key, start, stop in layer_keys(layer):
            self._add(key, first + start, first + stop)
        for label in labels:
            start, stop = max(label.start, 0), min(label.stop, layer.channels)
            for key in label_keys(label):
                self._add(key, first + start, first + stop)

    def _picture(self, image: ImageView | None) -> str:
        if image is None or image.is_hidden:
            return ""
        return self._urls.image(image.sha256, image.media_type)

    def _add(self, key: str, start: int, stop: int) -> None:
        self._words.setdefault(key, []).append((start, stop))


def words_of(text: str) -> set[str]:
    """The words of a name in lower case."""
    return set(re.findall(r"\w+", text.lower()))


def layer_keys(layer: LayerView) -> Iterator[tuple[str, int, int]]:
    """The names of a layer and of its branches, each with the units that it means."""
    name = layer.name.lower()
    short = SHORT.fullmatch(name)
    for alias in (name, short[1]) if short else (name,):
        yield f"layer:{alias}", 0, layer.channels
        for branch in layer.branches:
            yield f"layer:{alias}_{branch.name}", branch.start, branch.stop
    for branch in layer.branches:
        yield f"branch:{branch.name}", branch.start, branch.stop


def label_keys(label: LabelView) -> set[str]:
    """The words by which a label is found."""
    words, family = words_of(label.label), words_of(label.family or "")
    fields = {f"label:{word}" for word in words} | {f"family:{word}" for word in family}
    return {"label:*"} | words | family | fields
