"""Reading what stands for each layer of a model: its own picture, and how dense its units are.

The same manners as `read`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.db.queries.lookup import IMAGE_HEAD, head_view
from app.db.transactions import Source, reading
from app.db.views import ImageView
from app.db.views.overview import DensityView
from app.evidence.statistics import Statistics
from app.evidence.visualizations import Visualization
from app.tables import Dataset, Image, Layer, Model, Recipe, Unit
from app.techniques import DEEPDREAM


def faces(source: Source, model: str) -> dict[str, ImageView]:
    """The picture of each layer as a whole that began from noise, where there is one."""
    table = Visualization
    statement = (
        select(Layer.name, Recipe.body, *IMAGE_HEAD)
        .join_from(table, Layer, Layer.id == table.layer_id)
        .join(Model, Model.id == Layer.model_id)
        .join(Recipe, Recipe.id == table.recipe_id)
        .join(Image, Image.sha256 == table.image_sha256)
        .where(Model.slug == model, table.unit_id.is_(None), table.technique == DEEPDREAM.slug)
        .order_by(Layer.ordinal, table.seed.desc(), table.member.desc())
    )
    with reading(source) as connection:
        rows = connection.execute(statement)
        return {name: head_view(head) for name, body, *head in rows if _is_from_noise(body)}


def densities(source: Source, model: str) -> dict[str, DensityView]:
    """How dense each layer is in the first data set that it was scanned in."""
    layers = select(Layer.name, Layer.id).join(Model, Model.id == Layer.model_id)
    datasets = select(Dataset.id, Dataset.title).order_by(Dataset.id)
    found: dict[int, DensityView] = {}
    with reading(source) as connection:
        homes = {row.name: row.id for row in connection.execute(layers.where(Model.slug == model))}
        for dataset, title in connection.execute(datasets).all():
            if not found.keys() >= set(homes.values()):
                shares = connection.execute(_shares(dataset))
                found = {home: DensityView(title, share) for home, share in shares} | found
    return {name: found[home] for name, home in homes.items() if home in found}


def _shares(dataset: int) -> Any:
    """By layer, the mean density of the units that a data set knows: of all models at once, so
    that the index of the lists answers it alone."""
    return (
        select(Unit.layer_id, func.avg(Statistics.density))
        .join_from(Statistics, Unit, Unit.id == Statistics.unit_id)
        .where(Statistics.dataset_id == dataset)
        .group_by(Unit.layer_id)
    )


def _is_from_noise(body: Mapping[str, Any]) -> bool:
    start = body.get("start")
    return not (isinstance(start, Mapping) and start.get("kind") == "photograph")
