"""The shapes of a unit's JSON for kinds of evidence that have none of their own.

Fields have the names and the help texts of the kind's export.
"""

from __future__ import annotations

from datetime import datetime
from types import GenericAlias
from typing import Annotated, Any, Literal

from pydantic import create_model

from app.db.public_columns import ExportColumn, parts_of
from app.db.queries.unit_detail import OTHER_KINDS
from app.db.views.evidence import EvidenceRow, MatrixRow, UnitDetail
from app.evidence.base import Kind
from app.web.api.fields import LayerName, said
from app.web.api.schemas import unit as schemas
from app.web.api.schemas.network import Answer

TYPES: dict[str, tuple[Any, Any]] = {
    "text": (str | None, "text"),
    "integer": (int | None, 1),
    "number": (float | None, 0.5),
    "truth": (bool | None, True),
    "moment": (datetime | None, "2026-11-24T18:06:00Z"),
    "texts": (list[str] | None, ["text"]),
    "integers": (list[int] | None, [1]),
    "numbers": (list[float] | None, [0.5]),
}


class MatrixNumbers(Answer):
    """The numbers between a unit and all units of a layer."""

    layer: LayerName
    axis: Annotated[
        Literal["row", "column"],
        said("`row`: the unit has the row; `column`: each unit of the layer has one.", "row"),
    ]
    values: Annotated[
        list[float | None],
        said("By the index of the layer's unit; null where there is no row of it.", [0.5, -0.25]),
    ]


def _shape(kind: Kind) -> type[Answer]:
    if kind.matrix is not None:
        return MatrixNumbers
    columns = [each for part in parts_of(kind) for each in part.columns if each.name != "unit"]
    name = "".join(word.capitalize() for word in kind.name.split("_"))
    fields: dict[str, Any] = {each.name: _field(each) for each in columns}
    return create_model(name, __base__=Answer, __doc__=kind.help, **fields)


def _field(column: ExportColumn) -> Any:
    type, example = TYPES[column.type]
    return Annotated[type, said(column.help, example)]


SHAPES = {kind.name: _shape(kind) for kind in OTHER_KINDS}


def _unit() -> type[schemas.Unit]:
    """A unit's answer, with a list for each of these kinds."""
    if not OTHER_KINDS:
        return schemas.Unit
    fields: dict[str, Any] = {
        kind.name: Annotated[GenericAlias(list, (SHAPES[kind.name],)), said(kind.help)]
        for kind in OTHER_KINDS
    }
    return create_model("Unit", __base__=schemas.Unit, __doc__=schemas.Unit.__doc__, **fields)


Unit = _unit()


def evidence(unit: UnitDetail) -> dict[str, list[Answer]]:
    """What is stored of these kinds about a unit, by the names of the kinds."""
    return {name: [answer(name, row) for row in found] for name, found in unit.evidence.items()}


def answer(kind: str, row: EvidenceRow | MatrixRow) -> Answer:
    if isinstance(row, MatrixRow):
        axis: Any = row.axis
        return MatrixNumbers(layer=row.layer, axis=axis, values=list(row.values))
    return SHAPES[kind](**row.fields)
