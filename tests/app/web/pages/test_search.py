"""The page of a search: complete without a script, honest about what an address means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import meta

from app.config import Settings
from app.db.engine import open_for_writing
from app.db.maintenance import hidden_images
from app.db.queries import catalog
from app.db.records import ModelRecord, VisualizationRecord
from app.db.writer.labels import LabelRecord, replace_labels
from app.db.writer.writer import Writer
from app.main import create_app
from app.web.pages.search import EXAMPLES, SearchPage
from app.web.pages.templates import templates
from app.web.static import folder
from app.web.urls import Urls
from tests.app.tags import Tags

HOSTILE = ["<script>alert(1)</script>", "\"quoted\" & 'single'", "\u202egnihtyna", "🚗"]
HOSTILE += ["x" * 10_000]


def ask(client: TestClient, query: str, after: str = "") -> str:
    answer = client.get("/search", params={"q": query, "after": after})
    assert answer.status_code == 200
    return answer.text


def units(html: str) -> list[str]:
    """The units that a page links to, in order, each once."""
    links = (str(each["href"]) for each in Tags(html).of("a"))
    return list(dict.fromkeys(link for link in links if re.search(r"/models/\w+/\w+/\d+$", link)))


@pytest.fixture(scope="module")
def labelled(
    tmp_path_factory: pytest.TempPathFactory, fill: Callable[..., None]
) -> Iterator[TestClient]:
    """Hostile labels on mixed3b:2 to 6, of which the picture of mixed3b:3 is hidden; two models."""
    path = str(tmp_path_factory.mktemp("labelled") / "toy.db")
    fill(path)
    engine = open_for_writing(path)
    records = [
        LabelRecord("mixed3b", 2 + place, 3 + place, text, text, text, text)
        for place, text in enumerate(HOSTILE)
    ]
    replace_labels(engine, {"toy": records})
    picture = catalog.units(engine, "toy", "mixed3b")[3].image
    assert picture is not None
    hidden_images.hide(engine, {picture.sha256: "a face"})
    engine.dispose()
    with TestClient(create_app(Settings(database=path)), follow_redirects=False) as client:
        yield client


def test_an_address_shows_its_unit_large_with_a_link(client: TestClient) -> None:
    html = ask(client, "3b:3")
    assert units(html) == ["/models/toy/mixed3b/3"]
    assert '<article class="certain">' in html
    picture = client.get("/api/v1/models/toy/layers/mixed3b/units/3").json()["visualizations"][0]
    assert picture["image"] in html


def test_a_number_inside_a_branch_is_answered_with_the_index(client: TestClient) -> None:
    html = ask(client, "mixed3b_3x3:2")
    assert units(html) == ["/models/toy/mixed3b/10"]
    assert "Unit 2 of the 3×3 branch is mixed3b:10." in html


def test_an_address_of_another_training_says_so_and_links_the_number(client: TestClient) -> None:
    html = ask(client, "https://microscope.openai.com/models/inceptionv1/mixed3b_0/3?x=1")
    assert units(html) == ["/models/toy/mixed3b/3"]
    assert "means the training inceptionv1" in html
    assert "does not carry over" in html


def test_an_index_out_of_range_is_told_and_its_layer_is_linked(client: TestClient) -> None:
    html = ask(client, "3b:24")
    assert "There is no unit 24: mixed3b has units 0 to 23." in html
    assert "/models/toy/mixed3b" in [each["href"] for each in Tags(html).of("a")]


def test_a_layer_and_a_branch_are_found_by_name(client: TestClient) -> None:
    for query, path in (
        ("3b", "/models/toy/mixed3b"),
        ("mixed3b_pool", "/models/toy/mixed3b#branch-pool"),
        ("toy", "/models/toy"),
        ("conv", "/models/toy/conv2d0"),
    ):
        assert path in [each["href"] for each in Tags(ask(client, query)).of("a")], query


def test_a_class_is_found_and_shown_with_its_index(client: TestClient) -> None:
    html = ask(client, "Tabby")
    assert units(html) == ["/models/toy/logits/0"]
    assert "<bdi>tabby</bdi>" in html
    assert "logits:0" in html


def test_statistics_are_shown_that_were_asked_for(client: TestClient) -> None:
    html = ask(client, "layer:3b maximum>49 density<1%")
    assert units(html) == ["/models/toy/mixed3b/10", "/models/toy/mixed3b/11"]
    assert "Statistics are of <bdi>Foxes &amp; friends</bdi>." in html
    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html) == [
        ("Maximum", "50.0"),
        ("Positions above 0", "0.01\u00a0%"),
        ("Maximum", "51.0"),
        ("Positions above 0", "0\u00a0%"),
    ]


def test_dead_units_are_found_and_left_out(client: TestClient) -> None:
    assert units(ask(client, "dead")) == ["/models/toy/mixed3b/11"]
    assert "/models/toy/mixed3b/11" not in units(ask(client, "-dead layer:3b"))
    assert units(ask(client, "not dead rare")) == ["/models/toy/mixed3b/10"]


def test_units_are_found_by_the_classes_that_they_argue_for(client: TestClient) -> None:
    html = ask(client, 'class:"grey fox"')
    assert units(html) == ["/models/toy/mixed3b/2"]
    assert "<dt>Effect</dt><dd>+3.50</dd>" in html


@pytest.mark.parametrize("query", ["densty<1", "colour:red", "layer:9z", "foo/12"])
def test_what_is_not_understood_is_told(client: TestClient, query: str) -> None:
    html = ask(client, query)
    assert not units(html)
    assert '<p class="note">' in html


def test_without_a_text_the_page_says_what_can_be_asked(client: TestClient) -> None:
    html = ask(client, "")
    assert "What can be asked" in html
    links = [str(each["href"]) for each in Tags(html).of("a")]
    for example in EXAMPLES:
        assert Urls().search(example) in links


def test_every_example_is_understood(client: TestClient) -> None:
    for example in EXAMPLES:
        query = (
            example.replace("4c", "3b")
            .replace("447", "7")
            .replace(":12", ":2")
            .replace("5x5", "3x3")
        )
        problems = client.get("/search.json", params={"q": query}).json()["problems"]
        assert problems == [], query


def test_a_page_leads_to_the_next_until_all_are_seen(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.search.results.answer.__defaults__", (None, 20))
    html, seen = ask(client, "density>=0 sort:skew"), list[str]()
    while True:
        seen += units(html)
        more = [each["href"] for each in Tags(html).of("a") if each.get("rel") == "next"]
        if not more:
            break
        html = client.get(str(more[0])).text
    assert len(seen) == len(set(seen)) == 32


def test_a_page_behind_a_unit_that_does_not_exist_is_the_first(client: TestClient) -> None:
    first = units(ask(client, "layer:3b"))
    for after in ("toy/mixed3b/99", "none/none/1", "toy", "/", "a/b/-1", "\x00/b/1"):
        assert units(ask(client, "layer:3b", after)) == first


def test_a_hidden_picture_is_not_shown(labelled: TestClient) -> None:
    for query in ("3b:3", "layer:3b"):
        html = ask(labelled, query)
        assert "hidden by the maintainer" in html
    for each in Tags(ask(labelled, "3b:3 3b:4")).of("img"):
        assert labelled.get(str(each["src"])).status_code == 200


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_labels_are_found_and_stay_text(labelled: TestClient, text: str) -> None:
    # A text in quotation marks holds none itself.
    html = ask(labelled, f'label:"{text.rpartition(chr(34))[2][:100]}"')
    assert units(html)
    tags = Tags(html)
    assert all(each.get("src") for each in tags.of("script"))
    assert not [name for _, each in tags.found for name in each if name.startswith("on")]


def test_labels_of_a_model_are_found_by_the_address_that_pages_link(labelled: TestClient) -> None:
    html = labelled.get(Urls().labels("toy")).text
    assert units(html) == [f"/models/toy/mixed3b/{2 + place}" for place in range(len(HOSTILE))]


asked = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(query=asked, after=asked)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
def test_no_text_breaks_the_page(client: TestClient, query: str, after: str) -> None:
    html = ask(client, query, after)
    assert all(each.get("src") for each in Tags(html).of("script"))


def test_in_two_models_there_is_a_hit_of_each(
    tmp_path: Path,
    make_model: Callable[..., ModelRecord],
    make_visualization: Callable[..., VisualizationRecord],
) -> None:
    path = str(tmp_path / "two.db")
    engine = open_for_writing(path)
    writer = Writer(engine)
    writer.put_model(make_model(title="First"))
    lucid = replace(make_model("lucid", "cd" * 32), variant="inceptionv1", title="Second")
    writer.put_model(lucid)
    writer.put_visualizations("toy", [make_visualization("mixed3b", 3)])
    engine.dispose()
    with TestClient(create_app(Settings(database=path))) as client:
        html = ask(client, "3b:3")
        assert units(html) == ["/models/lucid/mixed3b/3", "/models/toy/mixed3b/3"]
        assert "First" in html
        assert "Second" in html
        found = ask(client, "microscope.openai.com/models/inceptionv1/mixed3b_0/3")
        assert units(found) == ["/models/lucid/mixed3b/3"]
        assert units(ask(client, "model:toy 3b:3")) == ["/models/toy/mixed3b/3"]


def test_the_template_uses_the_fields_of_its_context() -> None:
    environment = templates(folder("templates"), Urls())
    used: set[str] = set()
    for name in ("search.html", "base.html"):
        used |= meta.find_undeclared_variables(
            environment.parse((folder("templates") / name).read_text())
        )
    declared = {field.name for field in fields(SearchPage)}
    own = {"picture", "name", "where", "labels", "values", "run", "card"}
    assert used - set(environment.globals) - own == declared
