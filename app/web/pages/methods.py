"""How the pictures of a page were made: the method in words, and every number of the recipe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.db.views import RecipeView
from app.techniques import technique
from app.web.pages.visualizations import ShownPicture


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
    words = technique(name)
    count = sum(len(each.pictures) for each in made)
    title = f"How the {words.name} {'picture was' if count == 1 else 'pictures were'} made"
    return Method(f"{title} ({names})" if names else title, words.method, made)


def _names(made: Made) -> str:
    return ", ".join(shown.name for shown in made.pictures)
