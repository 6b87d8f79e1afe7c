"""A layer's units by their statistics: in the address, without a script, and marked."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from app.db.views import SummaryView, UnitView
from app.web.pages.layer.sorting import in_order

LAYER = "/models/toy/mixed3b"


def units(text: str) -> list[int]:
    return [int(each) for each in re.findall(rf'<a href="{LAYER}/(\d+)"', text)]


def tile(text: str, unit: int) -> str:
    return text[text.index(f'<a href="{LAYER}/{unit}"') :].split("</li>")[0]


def view(index: int, mean: float | None) -> UnitView:
    numbers = None if mean is None else SummaryView(mean, 1.0, 0.0, 1.0, -1.0, 0.5, 0.5)
    return UnitView(index, None, None, numbers)


def test_equals_stand_by_index_and_the_unmeasured_last() -> None:
    means = [1.0, None, 3.0, -2.0, 1.0]
    found = [view(index, mean) for index, mean in enumerate(means)]
    assert [each.index for each in in_order(found, "mean", "desc")] == [2, 0, 4, 3, 1]
    assert [each.index for each in in_order(found, "mean", "asc")] == [3, 0, 4, 2, 1]


@pytest.mark.parametrize(
    "sort", ["mean", "deviation", "skew", "maximum", "minimum", "density", "image_density"]
)
def test_units_are_sorted_by_each_statistic(client: TestClient, sort: str) -> None:
    told = client.get("/api/v1/models/toy/layers/mixed3b").json()["units"]
    measured = {each["unit"]: each["statistics"][sort] for each in told if each["statistics"]}
    for order, sign in (("", -1), ("&order=asc", 1)):
        found = units(client.get(f"{LAYER}?sort={sort}{order}").text)
        assert len(found) == 24
        assert found[:12] == sorted(measured, key=lambda unit: (sign * measured[unit], unit))
        assert found[12:] == list(range(12, 24))


def test_a_sorted_list_is_one_list_with_its_numbers(client: TestClient) -> None:
    text = client.get(f"{LAYER}?sort=mean").text
    assert text.count('<ul class="units size-m">') == 1
    assert "3×3 branch" not in text
    assert "by what they do in <bdi>Foxes &amp; friends</bdi>" in text
    assert '<span class="by">13.0</span>' in tile(text, 3)
    shares = client.get(f"{LAYER}?sort=density").text
    assert '<span class="by">23.0\u00a0%</span>' in tile(shares, 3)


@pytest.mark.parametrize("query", ["?sort=index", "?sort=zebra", "?order=asc", "?sort=&order=x"])
def test_what_is_no_order_is_that_of_the_index(client: TestClient, query: str) -> None:
    assert client.get(f"{LAYER}{query}").text == client.get(LAYER).text


def test_an_order_that_does_not_exist_is_the_highest_first(client: TestClient) -> None:
    wrong = client.get(f"{LAYER}?sort=mean&order=zebra").text
    assert wrong == client.get(f"{LAYER}?sort=mean").text


def test_the_orders_are_links_and_say_which_is_shown(client: TestClient) -> None:
    text = client.get(f"{LAYER}?sort=skew&order=asc").text
    assert (
        f'href="{LAYER}?sort=skew&amp;order=asc#units" aria-current="true"><bdi>Skew</bdi>' in text
    )
    assert f'href="{LAYER}?sort=mean&amp;order=asc#units"><bdi>Mean</bdi>' in text
    assert f'href="{LAYER}#units"><bdi>Index</bdi>' in text
    assert f'href="{LAYER}?sort=skew#units"><bdi>Highest first</bdi>' in text
    assert 'aria-label="Order"' not in client.get(LAYER).text


def test_dead_and_rare_units_are_marked_in_words(client: TestClient) -> None:
    for query in ("", "?sort=mean"):
        text = client.get(f"{LAYER}{query}").text
        assert '<span class="state"> dead</span>' in tile(text, 11)
        assert '<span class="state"> rare</span>' in tile(text, 10)
        assert text.count('class="state"') == 2


def test_without_statistics_there_is_nothing_to_sort_by(empty_layer: TestClient) -> None:
    text = empty_layer.get(LAYER).text
    assert 'aria-label="Sort by"' not in text
    assert text == empty_layer.get(f"{LAYER}?sort=mean").text
    assert len(units(text)) == 24


def test_microscopes_addresses_keep_the_order(client: TestClient) -> None:
    answer = client.get("/models/toy/mixed3b_0?sort=mean&order=asc")
    assert answer.headers["location"] == f"{LAYER}?sort=mean&order=asc"
    unit = client.get("/models/toy/mixed3b_0/3?show=heat&counts=x")
    assert unit.headers["location"] == f"{LAYER}/3?show=heat"
