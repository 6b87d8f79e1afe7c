"""Public names for ids, for what `check` says: ids never leave the store."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.tables import Dataset, Layer, Model, Unit


@dataclass(frozen=True, slots=True)
class PublicNames:
    """The names of units, layers and data sets by id; what is not there is called by its id."""

    units: dict[int, str]
    layers: dict[int, str]
    datasets: dict[int, str]

    def unit(self, key: int | None) -> str:
        return self.units.get(key or 0, f"the unit with the id {key}")

    def layer(self, key: int) -> str:
        return self.layers.get(key, f"the layer with the id {key}")

    def dataset(self, key: int) -> str:
        return self.datasets.get(key, f"the data set with the id {key}")


def names(connection: Connection) -> PublicNames:
    """Read all names once; there are some thousand."""
    layers = {
        key: f"{model} {layer}"
        for key, model, layer in connection.execute(
            select(Layer.id, Model.slug, Layer.name).join(Model, Model.id == Layer.model_id)
        )
    }
    number = Unit.index.label("number")
    units = {
        key: f"{layers.get(home, 'no layer')}:{index}"
        for key, home, index in connection.execute(select(Unit.id, Unit.layer_id, number))
    }
    datasets = {row.id: row.slug for row in connection.execute(select(Dataset.id, Dataset.slug))}
    return PublicNames(units, layers, datasets)
