"""What a copy searches without a server: each model's units in columns, as compact JSON.

`search/index.json` names the models and the statistics; there is a file for each model. Read from
the database, in the scope of the copy; pictures that are not in the copy are not in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from app.db.queries import catalog, lookup
from app.db.transactions import Source
from app.db.views import ImageView, LayerView, SummaryView, UnitView
from app.export.site.file_names import safe
from app.export.site.scope import ExportScope, PagePlace
from app.statistics import SHARES, STATISTICS

FOLDER = "search"
INDEX = f"{FOLDER}/index.json"
# As many digits as a list shows, and one more for comparing.
DIGITS = 5

UnitFile = Callable[[str, str, int], str | None]
PictureFile = Callable[[ImageView], str | None]


def indices(
    db: Source, scope: ExportScope, unit_file: UnitFile, picture_file: PictureFile
) -> dict[str, bytes]:
    """The files of the index by name."""
    found: dict[str, bytes] = {}
    models = []
    for model in catalog.models(db):
        if scope.holds_place(PagePlace(model.slug)):
            name = f"{FOLDER}/units-{safe(model.slug)}.json"
            layers = [
                _layer(db, model.slug, view, unit_file, picture_file)
                for view in catalog.layers(db, model.slug)
                if scope.holds_place(PagePlace(model.slug, view.name))
            ]
            found[name] = _text({"layers": layers})
            models.append({"slug": model.slug, "title": model.title, "file": name})
    head = {
        "models": models,
        "statistics": list(STATISTICS),
        "words": {name: each.words for name, each in STATISTICS.items()},
        "shares": [each.name for each in SHARES],
    }
    return found | {INDEX: _text(head)}


def _layer(
    db: Source, model: str, layer: LayerView, unit_file: UnitFile, picture_file: PictureFile
) -> Mapping[str, Any]:
    """A layer's units in columns: a unit is found by its place in them."""
    units = catalog.units(db, model, layer.name)
    return {
        "name": layer.name,
        "branches": [asdict(branch) for branch in layer.branches],
        "index": [unit.index for unit in units],
        "page": [unit_file(model, layer.name, unit.index) for unit in units],
        "title": [unit.title for unit in units],
        "picture": [_picture(unit, picture_file) for unit in units],
        "size": [[unit.image.width, unit.image.height] if unit.image else None for unit in units],
        "statistics": [_numbers(unit.statistics) for unit in units],
        "labels": [
            {"start": each.start, "stop": each.stop, "label": each.label, "family": each.family}
            for each in lookup.layer_labels(db, model, layer.name)
        ],
    }


def _picture(unit: UnitView, picture_file: PictureFile) -> str | None:
    return picture_file(unit.image) if unit.image and not unit.image.is_hidden else None


def _numbers(summary: SummaryView | None) -> list[float] | None:
    if summary is None:
        return None
    return [float(f"{getattr(summary, name):.{DIGITS}g}") for name in STATISTICS]


def _text(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
