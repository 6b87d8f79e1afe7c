"""Recipes as tables: kept by their hash, and never taken for one another."""

from __future__ import annotations

from app.db.records import RecipeRecord
from app.db.views import RecipeView
from app.web.pages.templates import KEPT, recipe_tables, templates
from app.web.static import folder
from app.web.urls import Urls


def view(**body: object) -> RecipeView:
    record = RecipeRecord.from_body(body)
    return RecipeView(record.sha256, record.body)


def test_each_recipe_has_its_own_table_however_many_there_are() -> None:
    table = recipe_tables(templates(folder("templates"), Urls()))
    found = [view(steps=number, name="<b>") for number in range(KEPT + 3)]
    for _ in range(2):
        for number, each in enumerate(found):
            html = table(each)
            assert f'<th scope="row">steps</th><td><bdi>{number}</bdi></td>' in html
            assert "<td><bdi>&lt;b&gt;</bdi></td>" in html
            assert each.sha256[:12] in html


def test_the_same_recipe_is_not_made_anew() -> None:
    table = recipe_tables(templates(folder("templates"), Urls()))
    assert table(view(steps=1)) is table(view(steps=1))
