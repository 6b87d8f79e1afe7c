"""The fields that many answers share, each with what it means and an example.

A program reads these descriptions in the OpenAPI schema, a person on the page of reference. The
examples speak of one made-up database throughout.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.unit_names import LOGITS
from app.web.urls import Urls


def said(description: str, *example: Any) -> Any:
    """What a field means, with an example of it; what is nested has the examples of its parts."""
    return Field(description=description, examples=list(example) or None)


MODEL, LAYER, UNIT, DATASET = "inceptionv1", "mixed4c", 447, "photographs"
OUTPUT, MOMENT = 207, "2026-11-24T18:06:00Z"
URLS = Urls()
RECIPE = "7e" * 32
PICTURE = URLS.image("c4" * 32, "image/webp")

Slug = Annotated[str, said("The model's name in addresses.", MODEL)]
LayerName = Annotated[str, said("The layer's name.", LAYER)]
DatasetName = Annotated[str, said("The data set's name.", DATASET)]
UnitIndex = Annotated[int, said("Its index in the layer as a whole, from 0.", UNIT)]
Weights = Annotated[str, said("SHA-256 of the weights' file.", "5d" * 32)]
Created = Annotated[datetime, said("When it was stored: UTC, RFC 3339.", MOMENT)]
Href = Annotated[str, said("The path of this thing's own JSON.", URLS.api_model(MODEL))]
Page = Annotated[str, said("The path of its page.", URLS.model(MODEL))]
UnitHref = Annotated[str, said("The path of its JSON.", URLS.api_unit(MODEL, LAYER, UNIT))]
UnitPage = Annotated[str, said("The path of its page.", URLS.unit(MODEL, LAYER, UNIT))]
ClassHref = Annotated[str, said("The path of its JSON.", URLS.api_unit(MODEL, LOGITS, OUTPUT))]
ClassPage = Annotated[str, said("The path of its page.", URLS.unit(MODEL, LOGITS, OUTPUT))]
Picture = Annotated[
    str | None,
    said("The path of the picture; null where there is none, or it is hidden.", PICTURE),
]
IsHidden = Annotated[bool, said("Whether the maintainer hides the picture.", False)]
UnitTitle = Annotated[str | None, said("The class's name, for units of `logits`.", None)]
ClassTitle = Annotated[str | None, said("The class's name.", "golden retriever")]
Pictured = Annotated[int, said("Units with at least one picture.", 512)]
Next = Annotated[
    str | None, said("The path of the answer that goes on from here; null at the end.", None)
]
