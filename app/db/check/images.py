"""Checking every stored picture: its bytes against its hash, and whether they show what is said.

Pictures come a few at a time; `find_broken` tells `prune` the same that `pictures` tells a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from io import BytesIO
from typing import Any

from PIL import Image as Pillow
from sqlalchemy import Connection, func, select

from app.db.check.issues import NAMED, Fault, Remedies, fault
from app.evidence.visualizations import Visualization
from app.tables import DatasetImage, Image, Layer, Model, Sheet, Unit
from app.text import many

AHEAD = 16

Told = Callable[[str, int, int], None]

# What is said of one, and of several.
SAYS = {
    "picture-bytes": (
        "picture has other bytes than its hash says",
        "pictures have other bytes than their hashes say",
    ),
    "picture-decoding": ("picture cannot be decoded", "pictures cannot be decoded"),
    "picture-size": (
        "picture has another size or type than is noted of it",
        "pictures have another size or type than is noted of them",
    ),
}


def pictures(connection: Connection, remedies: Remedies, told: Told) -> Iterator[Fault]:
    """What is wrong with pictures, by kind."""
    found: dict[str, list[str]] = {kind: [] for kind in SAYS}
    for name, kind in find_broken(connection, told):
        found[kind].append(name)
    for kind, names in found.items():
        places = [_place(connection, name) for name in names[:NAMED]] + names[NAMED:]
        yield from fault(kind, many(len(names), *SAYS[kind]), places, remedies.make_again)


def find_broken(connection: Connection, told: Told) -> Iterator[tuple[str, str]]:
    """The hash of every picture that is not as it should be, with the kind of its fault."""
    total = connection.scalar(select(func.count()).select_from(Image)) or 0
    columns = (Image.sha256, Image.media_type, Image.width, Image.height, Image.bytes)
    statement = select(*columns).order_by(Image.id)
    rows = connection.execute(statement, execution_options={"yield_per": AHEAD})
    for done, (name, *head, data) in enumerate(rows, start=1):
        if kind := _kind(name, tuple(head), data):
            yield name, kind
        told("pictures", done, total)


def _kind(name: str, head: tuple[Any, ...], data: bytes) -> str | None:
    """What is wrong with one picture; None where nothing is."""
    if sha256(data).hexdigest() != name:
        return "picture-bytes"
    found = _decoded(data)
    if found is None:
        return "picture-decoding"
    return None if found == head else "picture-size"


def _decoded(data: bytes) -> tuple[str, int, int] | None:
    """A picture's type, width and height, once all of it was decoded."""
    try:
        with Pillow.open(BytesIO(data)) as picture:
            picture.load()
            return Pillow.MIME[picture.format or ""], *picture.size
    # Decoders raise whatever they like at bytes that are no picture, `SyntaxError` included.
    except Exception:
        return None


def _place(connection: Connection, name: str) -> str:
    """A picture's hash with what it shows."""
    shown = ", ".join(_shown(connection, name)) or "nothing refers to it"
    return f"{name}: {shown}"


def _shown(connection: Connection, name: str) -> Iterable[str]:
    number = Unit.index.label("number")
    table = Visualization
    rendered = (
        select(table.technique, table.seed, Model.slug, Layer.name, number)
        .join_from(table, Layer, Layer.id == table.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .outerjoin(Unit, Unit.id == table.unit_id)
        .where(table.image_sha256 == name)
    )
    for technique, seed, model, layer, unit in connection.execute(rendered.limit(3)):
        yield f"{technique} of {model} {layer}{'' if unit is None else f':{unit}'}, seed {seed}"
    viewed = select(DatasetImage.path).where(DatasetImage.image_sha256 == name)
    for path in connection.scalars(viewed.limit(3)):
        yield f"the view of {path}"
    listed = select(Layer.name, Sheet.technique, Sheet.number).join(Layer)
    for layer, technique, sheet in connection.execute(
        listed.where(Sheet.image_sha256 == name).limit(3)
    ):
        yield f"sheet {sheet} of {technique}, {layer}"
