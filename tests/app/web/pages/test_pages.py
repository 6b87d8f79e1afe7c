"""The pages: complete without a script, and honest about what is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jinja2 import meta, nodes

from app.config import Settings
from app.db.engine import open_for_writing
from app.db.records import ModelRecord
from app.db.writer.writer import Writer
from app.main import create_app
from app.web.pages.home.page import HomePage
from app.web.pages.layer.page import LayerPage
from app.web.pages.model.list import ModelsPage
from app.web.pages.model.page import ModelPage
from app.web.pages.reference.page import ReferencePage
from app.web.pages.templates import templates
from app.web.pages.unit.page import UnitPage
from app.web.static import folder
from app.web.urls import Urls
from tests.app.tags import Tags, headings

PAGES = ["/", "/models", "/models/toy", "/models/toy/mixed3b", "/models/toy/mixed3b/3", "/docs"]
PAGES += ["/models/toy/conv2d0", "/models/toy/conv2d0/5", "/models/toy/mixed3b/2"]
CONTEXTS = [HomePage, ModelsPage, ModelPage, LayerPage, UnitPage, ReferencePage]
TEMPLATES = ["home", "models", "model", "layer", "unit", "reference"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    tags = Tags(answer.text)
    assert len(tags.of("h1")) == 1
    assert not [each for _, each in tags.found if "style" in each]
    assert not [name for _, each in tags.found for name in each if name.startswith("on")]
    assert all(each.get("src") for each in tags.of("script")), "no inline script"
    assert not tags.of("style")
    assert all("alt" in each and each["width"] and each["height"] for each in tags.of("img"))


@pytest.mark.parametrize("path", PAGES)
def test_every_link_and_picture_of_a_page_is_there(client: TestClient, path: str) -> None:
    tags = Tags(client.get(path).text)
    links = {each["href"] for each in [*tags.of("a"), *tags.of("link")]}
    links |= {each["src"] for each in [*tags.of("img"), *tags.of("script")]}
    links |= {each["href"] for each in tags.of("image")}
    for link in sorted(link for link in links if link and not link.startswith("#")):
        answer = client.get(link.split("#")[0], follow_redirects=True)
        assert answer.status_code == 200, link


def made_inside(template: nodes.Template) -> set[str]:
    """The names that a template imports, defines or sets itself."""
    names = {
        each if isinstance(each, str) else each[1]
        for found in template.find_all(nodes.FromImport)
        for each in found.names
    }
    names |= {found.name for found in template.find_all(nodes.Macro)}
    targets = [found.target for found in template.find_all(nodes.Assign)]
    several = (each for found in targets if isinstance(found, nodes.Tuple) for each in found.items)
    return names | {each.name for each in (*targets, *several) if isinstance(each, nodes.Name)}


@pytest.mark.parametrize(("name", "page"), list(zip(TEMPLATES, CONTEXTS, strict=True)))
def test_a_template_uses_the_fields_of_its_context(name: str, page: Any) -> None:
    environment = templates(folder("templates"), Urls())
    used: set[str] = set()
    included = [f"panels/{path.name}" for path in (folder("templates") / "panels").iterdir()]
    for each in (f"{name}.html", "base.html", *(included if name == "unit" else ())):
        template = environment.parse((folder("templates") / each).read_text())
        used |= meta.find_undeclared_variables(template) - made_inside(template)
    declared = {field.name for field in fields(page)}
    # A panel has its own description, and what its data set says.
    told = {"panel", "each"} if name == "unit" else set()
    # Only the panels of kinds without a type of their own take it; see tests/app/evidence.
    others = {"evidence"}
    assert used - set(environment.globals) == (declared - others) | told


def test_the_title_says_where_one_is(client: TestClient) -> None:
    titles = [re.search("<title>(.*)</title>", client.get(path).text) for path in PAGES]
    assert [title.group(1) for title in titles if title] == [
        "Inception Microscope",
        "Models · Inception Microscope",
        "A toy network · Inception Microscope",
        "mixed3b · A toy network · Inception Microscope",
        "mixed3b:3 · A toy network · Inception Microscope",
        "JSON API · Inception Microscope",
        "conv2d0 · A toy network · Inception Microscope",
        "conv2d0:5 · A toy network · Inception Microscope",
        "mixed3b:2 · A toy network · Inception Microscope",
    ]


def test_the_model_page_shows_its_layers_in_order(client: TestClient) -> None:
    text = client.get("/models/toy").text
    places = [text.index(f">{name}</a></h2>") for name in ("conv2d0", "mixed3b", "logits")]
    assert places == sorted(places)
    assert "32 of 44 units have a picture so far" in text
    assert "ab" * 32 in text


def test_the_layer_page_shows_every_unit_by_branch(client: TestClient) -> None:
    text = client.get("/models/toy/mixed3b").text
    tags = Tags(text)
    units = [
        a["href"] for a in tags.of("a") if (a["href"] or "").startswith("/models/toy/mixed3b/")
    ]
    assert units == [f"/models/toy/mixed3b/{unit}" for unit in range(24)]
    assert [each["id"] for each in tags.of("section")] == [
        "branch-1x1",
        "branch-3x3",
        "branch-pool",
    ]
    assert text.count('class="blank"') == 12
    assert all(each["loading"] == "lazy" for each in tags.of("img") if each["alt"])


def test_the_layer_page_begins_with_its_dreams(client: TestClient) -> None:
    text = client.get("/models/toy/conv2d0").text
    assert headings(text)[0] == "DeepDream"
    labels = re.findall('<span class="value">(.*?)</span>', text)
    assert labels == ["From noise", "fox.jpg", "&lt;hen&gt;.jpg"]
    assert text.index("DeepDream</h2>") < text.index('<ul class="units size-m">')
    assert text.count('<table class="recipe">') == 3
    assert text.count("<details>") == 1


def test_a_layer_without_dreams_does_not_speak_of_them(client: TestClient) -> None:
    assert "DeepDream" not in client.get("/models/toy/mixed3b").text


def test_a_unit_without_a_picture_says_so(client: TestClient) -> None:
    text = client.get("/models/toy/mixed3b/23").text
    assert "No picture is stored for this unit" in text
    assert "No data set has been scanned for this unit" in text


def test_the_page_of_a_class_carries_its_name_escaped(client: TestClient) -> None:
    text = client.get("/models/toy/logits/1").text
    assert "<b>&\"'" not in text
    assert "<h1><bdi>&lt;b&gt;&amp;&#34;&#39;</bdi></h1>" in text
    assert "<circle" not in text, "a class has no place in the picture"


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("/models/toy/mixed3b_0", "/models/toy/mixed3b"),
        ("/models/toy/mixed3b_0/3", "/models/toy/mixed3b/3"),
    ],
)
def test_microscopes_addresses_lead_to_ours(client: TestClient, path: str, ours: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (308, ours)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/models/none",
        "/models/none/mixed3b_0",
        "/models/toy/none_0",
        "/models/toy/mixed3b/24",
        "/models/toy/mixed3b/-1",
        "/models/toy/mixed3b/03",
        "/models/toy/mixed3b/three",
        "/models/toy/mixed3b/" + "9" * 5000,
        "/models/toy%00/mixed3b",
        "/static/0/none.css",
        "/static/0/..%2fapp%2fmain.py",
    ],
)
def test_unknown_things_are_not_found_as_a_page(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 404
    assert "<h1>Not found</h1>" in answer.text


def test_who_asks_for_json_is_told_in_json(client: TestClient) -> None:
    answer = client.get("/models/none", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert "no model 'none'" in answer.json()["detail"]


def test_an_empty_database_says_what_to_run(empty_database: str) -> None:
    with TestClient(create_app(Settings(database=empty_database))) as client:
        for path in ("/", "/models"):
            assert "microscope precompute" in client.get(path).text


@pytest.fixture
def busy(
    tmp_path: Path, make_model: Callable[..., ModelRecord]
) -> Iterator[tuple[TestClient, Writer, int]]:
    path = str(tmp_path / "busy.db")
    writer = Writer(open_for_writing(path))
    writer.put_model(make_model())
    run = writer.start_run("toy", {}, "0.1.0")
    writer.beat(run, "rendering mixed3b", 120, 1492)
    with TestClient(create_app(Settings(database=path))) as client:
        yield client, writer, run
    writer.engine.dispose()


def test_while_precompute_runs_pages_say_so_and_refresh(
    busy: tuple[TestClient, Writer, int],
) -> None:
    client, writer, run = busy
    for path in ("/", "/models", "/models/toy", "/models/toy/mixed3b", "/models/toy/mixed3b/3"):
        text = client.get(path).text
        assert "Precompute is running: <bdi>rendering mixed3b</bdi>, 120 of 1,492" in text
        assert '<noscript><meta http-equiv="refresh"' in text
        assert "data-live" in text
    writer.end_run(run, "finished")
    assert "Precompute is running" not in client.get("/models/toy").text


def test_several_models_are_listed_beside_each_other(two_models: TestClient) -> None:
    text = two_models.get("/").text
    assert text.index('href="/models/first"') < text.index('href="/models/second"')
    assert two_models.get("/models/second/mixed3b/3").status_code == 200
