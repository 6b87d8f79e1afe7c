"""Units side by side: what is in the address stands on the page, and back."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import meta

from app.web.pages.compare.page import ComparePage
from app.web.pages.templates import templates
from app.web.pages.unit.view_state import read, written
from app.web.static import folder
from app.web.urls import Urls, unit_parts, unit_spec
from tests.app.web.pages.test_evidence import Text
from tests.app.web.pages.test_pages import made_inside

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
units = st.tuples(names, names, st.integers(0, 10**8))


@given(unit=units)
def test_a_unit_in_an_address_is_read_back(unit: tuple[str, str, int]) -> None:
    assert unit_parts(unit_spec(unit)) == (unit[0], unit[1], str(unit[2]))


@given(found=st.lists(units, max_size=4, unique=True))
def test_a_running_comparison_is_read_back(found: list[tuple[str, str, int]]) -> None:
    assert read(written(found)) == tuple(found)


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("mixed4c:447", ("", "mixed4c", "447")),
        (" mixed4c:447 ", ("", "mixed4c", "447")),
        ("a:b:3", ("", "a:b", "3")),
        ("m/l/3", ("m", "l", "3")),
        ("zebra", None),
        ("m/l", None),
        ("m/l:3", None),
        ("", None),
    ],
)
def test_both_forms_of_a_name_are_read(spec: str, parts: tuple[str, str, str] | None) -> None:
    assert unit_parts(spec) == parts


def test_the_template_uses_the_fields_of_its_context() -> None:
    environment = templates(folder("templates"), Urls())
    used: set[str] = set()
    for name in ("compare.html", "base.html"):
        template = environment.parse((folder("templates") / name).read_text())
        used |= meta.find_undeclared_variables(template) - made_inside(template)
    assert used - set(environment.globals) == set(ComparePage.__dataclass_fields__)


def columns(text: str) -> list[str]:
    return re.findall(r'<article class="side">(.*?)</article>', text, re.DOTALL)


def heading(column: str) -> str:
    found = re.search(r"<h2><a[^>]*>(.*?)</a></h2>", column)
    assert found is not None
    return found.group(1)


def test_units_of_several_layers_stand_side_by_side(client: TestClient) -> None:
    text = client.get(Urls().compare([("toy", "mixed3b", 2), ("toy", "conv2d0", 5)])).text
    first, second = columns(text)
    assert (heading(first), heading(second)) == ("mixed3b:2", "conv2d0:5")
    for column in (first, second):
        for title in ("Pictures", "Top examples", "How often it takes which value"):
            assert f"<h3>{title}</h3>" in column
    assert "Argues for" in first
    assert "not measured" in second
    assert "<title>mixed3b:2, conv2d0:5 compared" in text


def test_the_histograms_share_an_axis(client: TestClient) -> None:
    text = client.get("/compare?u=toy/mixed3b/2&u=toy/logits/2").text
    axes = [
        re.findall(r'class="across" x="[\d.]+" y="228">([^<]*)<', each) for each in columns(text)
    ]
    assert axes[0] == axes[1] != []


def test_the_short_form_is_enough_where_there_is_one_model(client: TestClient) -> None:
    long = client.get("/compare?u=toy/mixed3b/2&u=toy/conv2d0/5").text
    assert client.get("/compare?u=mixed3b:2&u=conv2d0:5").text == long
    assert client.get("/compare?u=mixed3b:2&u=toy/conv2d0/5&u=&u=mixed3b:2").text == long


def test_the_short_form_does_not_say_of_which_of_several_models(two_models: TestClient) -> None:
    text = two_models.get("/compare?u=mixed3b:2&u=second/mixed3b/2&u=first/mixed3b/2").text
    assert len(columns(text)) == 2
    assert "does not say of which model" in text


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("zebra", "'zebra' names no unit"),
        ("toy/mixed3b/24", "The layer 'mixed3b' of 'toy' has no unit 24"),
        ("toy/none/1", "has no layer 'none'"),
        ("none/mixed3b/1", "There is no model 'none' here"),
        ("mixed3b:03", "not by '03'"),
        ("mixed3b:" + "9" * 5000, "not by"),
        ("<script>alert(1)</script>", "names no unit"),
        ("z" * 10_000, "names no unit"),
        ("\x00", "names no unit"),
    ],
)
def test_an_unknown_unit_is_named_beside_the_others(
    client: TestClient, spec: str, said: str
) -> None:
    answer = client.get("/compare", params=[("u", spec), ("u", "mixed3b:2")])
    assert answer.status_code == 200
    assert [heading(each) for each in columns(answer.text)] == ["mixed3b:2"]
    assert said in Text(answer.text).said()
    assert "<script>alert" not in answer.text
    assert len(answer.text) < 60_000


def test_of_more_than_four_units_four_are_shown(client: TestClient) -> None:
    text = client.get("/compare", params=[("u", f"mixed3b:{each}") for each in range(6)]).text
    assert len(columns(text)) == 4
    assert "Four units can be compared at once: mixed3b:4, mixed3b:5 are left off." in text
    assert '<form class="adding"' not in text


def test_without_units_there_is_a_form_and_an_explanation(client: TestClient) -> None:
    text = client.get("/compare").text
    assert "Up to four units stand here side by side" in text
    form = text[text.index('<form class="adding"') : text.index("</form>", text.index("adding"))]
    assert 'action="/compare"' in form
    assert form.count('name="u"') == 2
    assert not columns(text)


def test_the_form_adds_to_what_is_compared(client: TestClient) -> None:
    text = client.get("/compare?u=mixed3b:2&counts=log").text
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text)
    assert hidden == [("u", "toy/mixed3b/2"), ("counts", "log")]


def test_each_column_can_be_removed_and_left_with_the_others(client: TestClient) -> None:
    text = client.get("/compare?u=mixed3b:2&u=conv2d0:5&u=logits:1&show=heat").text
    removing = [unescape(each) for each in re.findall(r'class="remove"><a href="([^"]+)"', text)]
    assert removing[1] == "/compare?u=toy/mixed3b/2&u=toy/logits/1&show=heat"
    pages = [unescape(each) for each in re.findall(r'<h2><a href="([^"]+)"', text)]
    assert pages[0] == "/models/toy/mixed3b/2?show=heat&beside=toy/conv2d0/5,toy/logits/1"
    assert "Add to the comparison with conv2d0:5, logits:1" in client.get(pages[0]).text


def test_how_it_is_drawn_is_chosen_in_the_address(client: TestClient) -> None:
    base = "/compare?u=mixed3b:2"
    text = client.get(f"{base}&show=heat").text
    assert "/heat/toy/mixed3b/2/foxes/top/1.png" in text
    assert 'href="/compare?u=toy/mixed3b/2&amp;show=heat&amp;counts=log"' in text
    assert client.get(f"{base}&show=zebra&counts=0").text == client.get(base).text
