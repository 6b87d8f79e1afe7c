"""Reading how all that is stored about a model was made: which recipe made what of which layer.

The same manners as `read`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Text, cast, func, literal, null, select

from app.db.queries.image_ranges import Stretch, of_layers
from app.db.transactions import Source, reading
from app.db.views.overview import RecipeUse
from app.evidence import stages
from app.evidence.base import refers
from app.evidence.class_attribution import Effect
from app.evidence.examples import Scan
from app.tables import Dataset, Layer, Model, Recipe, Unit
from app.techniques import EFFECTS, EXAMPLES


def recipe_uses(
    source: Source, model: str, made: Sequence[Stretch] | None = None
) -> tuple[RecipeUse, ...]:
    """What each recipe made of each layer, by layer: pictures, examples, effects.

    `made` are all pictures of the model, where they are known.
    """
    layers = (
        select(Layer.id, Layer.name)
        .join(Model, Model.id == Layer.model_id)
        .where(Model.slug == model)
        .order_by(Layer.ordinal)
    )
    with reading(source) as connection:
        names = {row.id: row.name for row in connection.execute(layers)}
        known = connection.execute(select(Recipe.id, Recipe.sha256))
        hashes = {row.id: row.sha256 for row in known}
        datasets = connection.execute(select(Dataset.id, Dataset.slug))
        slugs = {row.id: row.slug for row in datasets}
        rows = _pictures(of_layers(connection, names) if made is None else made)
        rows += [row for ask in (_examples, _effects, _others) for row in ask(connection, names)]
    places = {home: place for place, home in enumerate(names)}
    rows.sort(key=lambda row: places[row[0]])
    return tuple(
        RecipeUse(what, slugs.get(dataset), names[home], hashes[recipe], count)
        for home, what, dataset, recipe, count in rows
    )


def recipe_texts(source: Source, hashes: Collection[str]) -> dict[str, str]:
    """Recipes as JSON, by their hashes."""
    statement = select(Recipe.sha256, cast(Recipe.body, Text)).where(Recipe.sha256.in_(hashes))
    with reading(source) as connection:
        return {row[0]: row[1] for row in connection.execute(statement)}


def _pictures(made: Iterable[Stretch]) -> list[Any]:
    """Recipes in the order in which they were stored."""
    counts: Counter[tuple[int, int, str]] = Counter()
    for each in made:
        counts[each.recipe, each.layer, each.technique] += each.pictures
    return [
        (home, technique, None, recipe, count)
        for (recipe, home, technique), count in sorted(counts.items())
    ]


def _examples(connection: Connection, homes: Iterable[int]) -> list[Any]:
    key = (Unit.layer_id, Scan.dataset_id, Scan.recipe_id)
    statement = (
        select(key[0], literal(EXAMPLES), *key[1:], func.count())
        .join_from(Scan, Unit, Unit.id == Scan.unit_id)
        .where(Unit.layer_id.in_(homes))
        .group_by(*key)
    )
    return list(connection.execute(statement))


def _effects(connection: Connection, homes: Iterable[int]) -> list[Any]:
    """All effects of a unit in a data set are by one recipe: the first one's stands for all."""
    own = (Effect.unit_id == Unit.id, Effect.dataset_id == Dataset.id)
    recipe = select(Effect.recipe_id).where(*own).limit(1).scalar_subquery()
    units = (
        select(Unit.layer_id, Dataset.id, recipe.label("recipe"))
        .join_from(Unit, Dataset, literal(True))
        .where(Unit.layer_id.in_(homes))
        .offset(0)  # a fence: without it SQLite looks for each recipe three times
        .subquery()
    )
    key = (units.c.layer_id, units.c.id, units.c.recipe)
    statement = select(key[0], literal(EFFECTS), *key[1:], func.count()).group_by(*key)
    return list(connection.execute(statement.where(units.c.recipe.is_not(None))))


def _others(connection: Connection, homes: Iterable[int]) -> list[Any]:
    """Of each further kind whose rows say by which recipe they were made, how many units."""
    found: list[Any] = []
    for name, kind in stages().items():
        recipe = refers(kind.source, "recipe.id")
        if kind.has_reader or recipe is None:
            continue
        dataset = refers(kind.source, "dataset.id")
        unit = kind.source.c["unit_id"]
        key: list[Any] = [Unit.layer_id, null() if dataset is None else dataset, recipe]
        statement = (
            select(key[0], literal(name), *key[1:], func.count(unit.distinct()))
            .join_from(kind.source, Unit, Unit.id == unit)
            .where(Unit.layer_id.in_(homes))
            .group_by(*(each for each in (Unit.layer_id, dataset, recipe) if each is not None))
        )
        found += connection.execute(statement)
    return found
