"""Rendered pictures as pages show them: with their numbers, in groups by technique.

Pure functions from the store's views to typed contexts; they know no addresses and no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from app.db.views import ImageView, RecipeView, VisualizationView
from app.db.views.evidence import ExampleView, UnitDetail
from app.techniques import TECHNIQUES
from app.web.pages.formatting import layer_picture_of, picture_of
from app.web.panels import SEEDS

# A picture of fewer pixels a side is enlarged by a whole factor, to about a column's width, with
# sharp pixels: the first layers' cells see 7 px, and enlarging those smoothly shows a blur.
TINY, ENLARGED = 64, 128


@dataclass(frozen=True, slots=True)
class PictureNumber:
    """A number below a picture."""

    name: str
    value: float
    of: str = ""
    """The rest of the name, which is left out where there is little room."""
    is_factor: bool = False


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture with what stands beside it."""

    view: VisualizationView
    alt: str
    label: str
    """What tells it from its neighbours: a number, a seed, a photograph; empty where nothing."""
    measures: tuple[PictureNumber, ...]
    note: str | None

    @property
    def name(self) -> str:
        """What it is called where it stands alone."""
        return self.label or f"seed {self.view.seed}"

    @property
    def scale(self) -> int | None:
        """By which whole number it is enlarged; None for a picture that may fill its place."""
        is_small = TECHNIQUES[self.view.technique].is_one_cell or is_tiny(self.view.image)
        return enlargement(self.view.image) if is_small else None


@dataclass(frozen=True, slots=True)
class PictureGroup:
    """Pictures that belong together."""

    heading: str
    help: str
    note: str | None
    """The note of all of them, where they share one."""
    pictures: tuple[ShownPicture, ...]
    panel: str
    """The id of their panel."""


def is_tiny(image: ImageView) -> bool:
    """Whether a picture has so few pixels that each should be seen."""
    return image.width < TINY


def enlargement(image: ImageView) -> int:
    """The whole factor at which a tiny picture can be looked at; 1 for all others."""
    return max(ENLARGED // image.width, 1) if is_tiny(image) else 1


def first_picture(layer: str, unit: UnitDetail) -> ShownPicture | None:
    """The picture that is shown large, if there is one."""
    return next((_of_unit(layer, unit, view, "") for view in unit.visualizations[:1]), None)


def unit_groups(layer: str, unit: UnitDetail) -> tuple[PictureGroup, ...]:
    """The pictures after the first by technique; at the end the first one's from other seeds."""
    groups: dict[tuple[bool, str], list[VisualizationView]] = {}
    for view in unit.visualizations[1:]:
        key = (_is_reseeded(view, unit.visualizations[0]), view.technique)
        groups.setdefault(key, []).append(view)
    ordered = sorted(groups.items(), key=lambda group: group[0][0])
    return tuple(_unit_group(layer, unit, views, *key) for key, views in ordered)


def layer_groups(layer: str, views: Iterable[VisualizationView]) -> tuple[PictureGroup, ...]:
    """A layer's own pictures by technique; those from noise before those from photographs."""
    groups = groupby(views, key=lambda view: view.technique)
    return tuple(_layer_group(layer, name, tuple(same)) for name, same in groups)


def measures(view: VisualizationView, ratio: float | None = None) -> tuple[PictureNumber, ...]:
    """A picture's numbers: what it reached, its extreme, and how that compares with examples."""
    is_negative = TECHNIQUES[view.technique].is_minimized
    extreme = view.minimum if is_negative else view.maximum
    found = [PictureNumber("Activation", view.activation)]
    if extreme is not None:
        found.append(PictureNumber("Minimum" if is_negative else "Maximum", extreme))
    if ratio is not None:
        name = "Against lowest" if is_negative else "Against strongest"
        found.append(PictureNumber(name, ratio, "example", is_factor=True))
    return tuple(found)


def photograph(view: VisualizationView) -> str | None:
    """The name of the photograph that a picture began from; None where it began from noise."""
    start = view.recipe.body.get("start")
    if isinstance(start, Mapping) and start.get("kind") == "photograph":
        return str(start.get("name") or "a photograph")
    return None


def _is_reseeded(view: VisualizationView, first: VisualizationView) -> bool:
    return view.technique == first.technique and view.seed != first.seed


def _unit_group(
    layer: str,
    unit: UnitDetail,
    views: Sequence[VisualizationView],
    is_reseeded: bool,
    name: str,
) -> PictureGroup:
    several_seeds = is_reseeded or len({view.seed for view in views}) > 1
    is_numbered = any(view.member for view in views)
    found = [
        _of_unit(layer, unit, view, _label(view, several_seeds, is_numbered)) for view in views
    ]
    if is_reseeded:
        shows = "The same objective, begun from other noise."
        return _group(SEEDS, "Other seeds", shows, found)
    words = TECHNIQUES[name]
    return _group(name, words.heading, words.shows, found)


def _label(view: VisualizationView, by_seed: bool, by_number: bool) -> str:
    """What tells a unit's picture from its neighbours."""
    parts = [str(view.member + 1)] if by_number else []
    return ", ".join([*parts, f"seed {view.seed}"] if by_seed else parts)


def _layer_group(layer: str, name: str, views: Sequence[VisualizationView]) -> PictureGroup:
    words = TECHNIQUES[name]
    ordered = sorted(views, key=lambda view: photograph(view) is not None)
    by_seed = len({view.seed for view in views if photograph(view) is None}) > 1
    found = [_of_layer(layer, view, by_seed) for view in ordered]
    return _group(name, words.heading, words.shows, found)


def _of_unit(layer: str, unit: UnitDetail, view: VisualizationView, label: str) -> ShownPicture:
    alt = picture_of(layer, unit.index, TECHNIQUES[view.technique].objective, label)
    numbers = measures(view, ratio_to_examples(view, unit.examples))
    return ShownPicture(view, alt, label, numbers, view.note)


def _of_layer(layer: str, view: VisualizationView, by_seed: bool) -> ShownPicture:
    noise = f"from noise, seed {view.seed}" if by_seed else "from noise"
    name = photograph(view)
    alt = layer_picture_of(layer, TECHNIQUES[view.technique].heading, name or noise)
    return ShownPicture(view, alt, name or noise.capitalize(), measures(view), view.note)


def _group(panel: str, heading: str, shows: str, pictures: Sequence[ShownPicture]) -> PictureGroup:
    """A group; a note that all of several pictures share is told once."""
    notes = {shown.note for shown in pictures}
    if len(pictures) == 1 or len(notes) > 1:
        return PictureGroup(heading, shows, None, tuple(pictures), panel)
    plain = tuple(replace(shown, note=None) for shown in pictures)
    return PictureGroup(heading, shows, notes.pop(), plain, panel)


@dataclass(frozen=True, slots=True)
class Made:
    """A recipe with the pictures that it made."""

    recipe: RecipeView
    pictures: tuple[ShownPicture, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """How pictures of one technique were made."""

    title: str
    text: str
    """The method in words, and what the pictures' numbers mean."""
    made: tuple[Made, ...]


def methods(pictures: Iterable[ShownPicture]) -> tuple[Method, ...]:
    """One method for each technique, in their order, with all its recipes."""
    found = _by_technique(pictures).items()
    return tuple(_method(name, made) for name, made in found)


def methods_by_recipe(pictures: Iterable[ShownPicture]) -> tuple[Method, ...]:
    """One method for each recipe; where a technique has several, each names its pictures."""
    return tuple(
        _method(name, (each,), _names(each) if len(made) > 1 else "")
        for name, made in _by_technique(pictures).items()
        for each in made
    )


def _by_technique(pictures: Iterable[ShownPicture]) -> dict[str, tuple[Made, ...]]:
    found: dict[str, dict[str, list[ShownPicture]]] = {}
    for shown in pictures:
        recipes = found.setdefault(shown.view.technique, {})
        recipes.setdefault(shown.view.recipe.sha256, []).append(shown)
    return {name: tuple(map(_made, recipes.values())) for name, recipes in found.items()}


def _made(pictures: list[ShownPicture]) -> Made:
    return Made(pictures[0].view.recipe, tuple(pictures))


def _method(name: str, made: tuple[Made, ...], names: str = "") -> Method:
    words = TECHNIQUES[name]
    count = sum(len(each.pictures) for each in made)
    title = f"How the {words.name} {'picture was' if count == 1 else 'pictures were'} made"
    return Method(f"{title} ({names})" if names else title, words.method, made)


def _names(made: Made) -> str:
    return ", ".join(shown.name for shown in made.pictures)


def ratio_to_examples(picture: VisualizationView, examples: Sequence[ExampleView]) -> float | None:
    """How many times the picture's maximum is the strongest example's, both before the ReLU.

    For a negative picture, how many times its minimum is the lowest example's. None where there
    are no such examples, or where none of them excites (suppresses) the unit.
    """
    if TECHNIQUES[picture.technique].is_minimized:
        return _ratio(picture.minimum, lowest_example(examples))
    return _ratio(picture.maximum, strongest_example(examples))


def strongest_example(examples: Sequence[ExampleView]) -> float | None:
    """The largest activation among the top examples, if any excites the unit at all."""
    largest = max((each.activation for each in examples if each.kind == "top"), default=0.0)
    return largest if largest > 0 else None


def lowest_example(examples: Sequence[ExampleView]) -> float | None:
    """The smallest activation among the minimum examples, if any suppresses the unit at all."""
    smallest = min((each.activation for each in examples if each.kind == "minimum"), default=0.0)
    return smallest if smallest < 0 else None


def _ratio(value: float | None, example: float | None) -> float | None:
    return None if value is None or example is None else value / example
