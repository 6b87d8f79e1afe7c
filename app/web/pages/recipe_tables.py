"""Recipes as tables: a recipe never changes under its hash, so each table is made once.

A unit's page has a dozen of them, nested; made anew they took a tenth of its time.
"""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment
from markupsafe import Markup

from app.db.views import RecipeView

# A database has as many recipes as it has layers times techniques, or fewer.
KEPT = 512


def recipe_tables(environment: Environment) -> Callable[[RecipeView], Markup]:
    """A function for templates that answers a recipe's table."""
    made: dict[str, Markup] = {}

    def table(recipe: RecipeView) -> Markup:
        found = made.get(recipe.sha256)
        if found is None:
            parts = environment.get_template("parts.html").module
            found = parts.recipe(recipe)  # type: ignore[attr-defined]
            if len(made) >= KEPT:
                made.clear()
            made[recipe.sha256] = found
        return found

    return table
