"""The shapes of what a class's JSON has besides: the units that argue for and against it.

The same manners as `schemas`.
"""

from __future__ import annotations

from typing import Annotated

from app.web.api.fields import (
    DatasetName,
    IsHidden,
    LayerName,
    Picture,
    UnitHref,
    UnitIndex,
    UnitPage,
    said,
)
from app.web.api.schemas.network import Answer, RecipeAnswer

KEPT = (
    "By layer, then value, the highest first. Each unit keeps only the few classes that it argues "
    "for and against most: one that is not listed may have an effect too."
)


class ClassUnit(Answer):
    """A unit that has the class among the few that it argues for or against most."""

    layer: LayerName
    unit: UnitIndex
    image: Picture
    hidden: IsHidden
    rank: Annotated[
        int,
        said(
            "The class's place among the unit's own: from 1, argued for; from −1 downwards, "
            "against.",
            1,
        ),
    ]
    value: Annotated[float, said("Mean of gradient times activation.", 0.8)]
    images: Annotated[int, said("Images whose gradients were averaged.", 200)]
    href: UnitHref
    page: UnitPage


class ClassUnits(Answer):
    """The units that argue for and against the class, by the images of a data set."""

    dataset: DatasetName
    units: Annotated[list[ClassUnit], said(KEPT)]
    recipe: RecipeAnswer
