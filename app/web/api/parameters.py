"""What a request to the API may say: names, indices, and which part of a list is wanted.

Each with its limits, which the OpenAPI schema and the page of reference repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, TypeVar

from fastapi import Path, Query

from app.db.queries.pagination import ExampleKey
from app.db.views.evidence import ExampleView
from app.web.api.fields import DATASET, LAYER, MODEL, RECIPE, UNIT

# One answer of the largest part is a few hundred kilobytes, made in some tens of milliseconds.
MAXIMUM = 1000
DEFAULT = 100
# What the database's integers hold.
LARGEST = 2**31 - 1

ModelName = Annotated[str, Path(description="The model's name in addresses.", examples=[MODEL])]
LayerName = Annotated[str, Path(description="The layer's name.", examples=[LAYER])]
UnitIndex = Annotated[int, Path(ge=0, description="The unit's index, from 0.", examples=[UNIT])]
RecipeHash = Annotated[
    str,
    Path(
        pattern="^[0-9a-f]{64}$",
        description="The recipe's SHA-256, as answers name it.",
        examples=[RECIPE],
    ),
]

Limit = Annotated[int, Query(ge=1, le=MAXIMUM, description="How many at most.", examples=[2])]
After = Annotated[
    int | None,
    Query(
        ge=0,
        le=LARGEST,
        description="Begins after this index; left out, at the first.",
        examples=[99],
    ),
]
Before = Annotated[
    int | None,
    Query(
        ge=0,
        le=LARGEST,
        description="Goes on to what is older than the run of this number.",
        examples=[99],
    ),
]
AfterExample = Annotated[
    str | None,
    Query(
        pattern=r"^[\s\S]+:(top|minimum|interval-(1[01]|[0-9])):[1-9][0-9]{0,8}$",
        description="Begins after this example, `dataset:kind:rank`; `next` has it.",
        examples=[f"{DATASET}:top:2"],
    ),
]
Kind = Literal[
    "top",
    "minimum",
    "interval-0",
    "interval-1",
    "interval-2",
    "interval-3",
    "interval-4",
    "interval-5",
    "interval-6",
    "interval-7",
    "interval-8",
    "interval-9",
    "interval-10",
    "interval-11",
]
OfKind = Annotated[Kind | None, Query(description="Only examples of this kind.", examples=["top"])]
OfDataset = Annotated[
    str | None, Query(description="Only those of this data set.", examples=[DATASET])
]
InDataset = Annotated[
    str | None,
    Query(description="In this data set; left out, the layer's first.", examples=[DATASET]),
]
OfLayer = Annotated[str | None, Query(description="Only those of this layer.", examples=[LAYER])]
OfModel = Annotated[str | None, Query(description="Only those of this model.", examples=[MODEL])]

Item = TypeVar("Item")


def part(
    found: Sequence[Item], limit: int, path: Callable[[Item], str]
) -> tuple[Sequence[Item], str | None]:
    """What was found, cut to the limit; and where more follow, the `path` after its last item.

    One more than the limit is asked for, so that an end is known without asking again.
    """
    own = found[:limit]
    return own, path(own[-1]) if len(found) > limit else None


def example_key(after: str | None) -> ExampleKey | None:
    """`dataset:kind:rank`, whatever the data set's name is."""
    if after is None:
        return None
    dataset, kind, rank = after.rsplit(":", 2)
    return ExampleKey(dataset, kind, int(rank))


def example_text(view: ExampleView) -> str:
    """The key of an example, as `example_key` reads it."""
    return f"{view.dataset}:{view.kind}:{view.rank}"
