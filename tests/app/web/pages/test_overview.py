"""Home, a model and what is told about the data: whole, sensible when empty, and safe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from jinja2 import meta
from sqlalchemy import insert

from app import tables
from app.config import Settings
from app.db.engine import open_for_writing
from app.db.records import ModelRecord, VisualizationRecord
from app.db.tour.stored_tour import highlights, renew_tour
from app.db.transactions import writing
from app.db.writer.rows import now
from app.db.writer.writer import Writer
from app.main import create_app
from app.web.pages.about.page import AboutPage
from app.web.pages.templates import templates
from app.web.static import folder
from app.web.urls import Urls
from tests.app.tags import Tags
from tests.app.web.pages.test_pages import made_inside

HOSTILE = "<script>alert(1)</script>" + "x" * 10_000
PATHS = ["/", "/models", "/models/toy", "/about"]


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory, fill: Callable[..., None]) -> str:
    """A filled database with two tours, of which one goes by a class with a hostile name."""
    path = str(tmp_path_factory.mktemp("toured") / "microscope.db")
    fill(path)
    fill(path, "second")
    writer = Writer(open_for_writing(path))
    renew_tour(writer, "toy")
    renew_tour(writer, "second")
    writer.engine.dispose()
    return path


@pytest.fixture(scope="module")
def visitor(toured: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database=toured)), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
def test_overviews_are_whole(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 200
    tags = Tags(answer.text)
    assert len(tags.of("h1")) == 1
    assert not [each for _, each in tags.found if "style" in each]
    assert not tags.of("style")
    ids = [each["id"] for _, each in tags.found if each.get("id")]
    assert len(ids) == len(set(ids))
    inside = {link for each in tags.of("a") if (link := each["href"] or "").startswith("#")}
    assert {link[1:] for link in inside} <= {*ids, "content"}


@pytest.mark.parametrize("path", PATHS)
def test_links_of_overviews_lead_somewhere(visitor: TestClient, path: str) -> None:
    tags = Tags(visitor.get(path).text)
    links = {each["href"] or "" for each in tags.of("a")} | {
        each["src"] or "" for each in tags.of("img")
    }
    for link in sorted(link for link in links if link.startswith("/")):
        answer = visitor.get(link.split("#")[0], follow_redirects=True)
        assert answer.status_code == 200, link


def test_the_page_about_the_data_uses_the_fields_of_its_context() -> None:
    environment = templates(folder("templates"), Urls())
    used: set[str] = set()
    for each in ("about.html", "base.html"):
        template = environment.parse((folder("templates") / each).read_text())
        used |= meta.find_undeclared_variables(template) - made_inside(template)
    declared = {field.name for field in fields(AboutPage)}
    assert used - set(environment.globals) == declared


def test_home_shows_a_tour_with_pictures_and_numbers(visitor: TestClient) -> None:
    text = visitor.get("/").text
    tour = text[text.index('id="tour"') :]
    assert "A dead unit" in tour
    assert 'href="/models/toy/mixed3b/11"' in tour
    assert "<bdi>grey fox</bdi>" in tour
    assert tour.count('<li class="stop">') > 3
    assert len(re.findall("<h3>(.*?)</h3>", tour)) == len(set(re.findall("<h3>(.*?)</h3>", tour)))


def test_the_tour_of_another_model_stands_in_the_address(visitor: TestClient) -> None:
    text = visitor.get("/?tour=second").text
    assert 'href="/models/second/mixed3b/11"' in text
    assert 'href="/models/toy/mixed3b/11"' not in text
    assert visitor.get("/?tour=nothing").text == visitor.get("/").text


def test_the_drawing_names_every_branch(visitor: TestClient) -> None:
    text = visitor.get("/models/toy").text
    found = re.findall(r'<a href="([^"]*)">\s*<title>(.*?)</title>', text)
    links = {name: path for path, name in found}
    assert links["mixed3b, 3×3 branch, units 8–19"] == "/models/toy/mixed3b?branch=3x3"
    assert {"mixed3b, 1×1 branch, units 0–7", "mixed3b, pool branch, units 20–23"} <= set(links)
    assert links["conv2d0, 7"] == "/models/toy/conv2d0"


def test_a_layer_is_shown_by_its_dream_or_by_its_units(visitor: TestClient) -> None:
    alts = [each["alt"] for each in Tags(visitor.get("/models/toy").text).of("img")]
    assert "layer conv2d0: DeepDream, from noise" in alts
    assert sum(str(alt).startswith("unit ") and "mixed3b" in str(alt) for alt in alts) == 4
    assert not [alt for alt in alts if str(alt).startswith("unit ") and "conv2d0" in str(alt)]


def test_what_was_computed_is_told(visitor: TestClient) -> None:
    text = visitor.get("/about").text
    for part in (
        "ab" * 32,
        "cd" * 32,
        "<bdi>Foxes &amp; friends</bdi>, 500 images",
        "The pictures of this data set are private",
        "12 of 24",
        "1 image skipped",
        "<bdi>broken.jpg: truncated</bdi>",
        "&#34;steps&#34;: 256",
        "@misc{inception-microscope-toy,",
        r"\url{http://testserver/models/toy}",
        "microscope precompute",
        "No picture is hidden.",
    ):
        assert part in text, part


def test_a_command_breaks_before_its_options_and_is_copied_whole(
    tmp_path: Path, fill: Callable[..., None]
) -> None:
    path, request = str(tmp_path / "m.db"), {"layers": ["conv2d0"], "dataset": "<b>"}
    fill(path)
    writer = Writer(open_for_writing(path))
    writer.end_run(writer.start_run("toy", request, "0.1.0"), "finished")
    writer.engine.dispose()
    with TestClient(create_app(Settings(database=path))) as client:
        text = client.get("/about").text
    shown = text[text.index("How to repeat it") :].split("<pre", 1)[1].split("</pre>")[0]
    lines = [unescape(re.sub("</?span>", "", each)) for each in shown.split(">", 1)[1].split("\n")]
    assert lines == [
        "microscope precompute",
        "microscope precompute --layers conv2d0 --dataset '<b>'",
    ]
    assert "<span>--layers conv2d0</span> <span>--dataset" in shown


def test_cards_have_absolute_addresses(toured: str) -> None:
    settings = Settings(database=toured, site="https://example.org")
    with TestClient(create_app(settings)) as client:
        for path in PATHS:
            text = client.get(path).text
            assert f'<link rel="canonical" href="https://example.org{path}">' in text
        image = re.search('og:image" content="(.*?)"', client.get("/models/toy").text)
        assert image
        assert image.group(1).startswith("https://example.org/img/")


@pytest.mark.parametrize("query", ["", "?model=second", "?model=nothing", "?model=%00"])
def test_a_random_unit_is_another_each_time(visitor: TestClient, query: str) -> None:
    answers = [visitor.get(f"/random{query}") for _ in range(30)]
    assert {answer.status_code for answer in answers} == {307}
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    found = {answer.headers["location"] for answer in answers}
    assert len(found) > 5
    wanted = "/models/second/" if query == "?model=second" else "/models/"
    assert all(each.startswith(wanted) for each in found)
    assert visitor.get(found.pop()).status_code == 200


def test_an_empty_database_has_sensible_pages(empty_database: str) -> None:
    with TestClient(create_app(Settings(database=empty_database))) as client:
        for path in ("/", "/models", "/about"):
            assert "microscope precompute" in client.get(path).text
        assert 'id="tour"' not in client.get("/").text
        answer = client.get("/random", headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "nothing is stored" in answer.text


def test_an_empty_model_has_sensible_pages(empty_layer: TestClient) -> None:
    assert "No pictures yet" in empty_layer.get("/").text
    text = empty_layer.get("/models/toy").text
    assert "How often a unit is above 0" not in text
    assert "How much of the image a cell sees" in text
    about = empty_layer.get("/about").text
    assert "No images were shown to this network yet." in about
    assert "No run is on record." in about
    assert empty_layer.get("/random").status_code == 307


def test_hostile_names_do_no_harm(
    tmp_path: Path,
    make_model: Callable[..., ModelRecord],
    make_visualization: Callable[..., VisualizationRecord],
) -> None:
    path = str(tmp_path / "hostile.db")
    writer = Writer(open_for_writing(path))
    writer.put_model(make_model(title=HOSTILE, licence=HOSTILE, weights_file=HOSTILE))
    writer.put_visualizations("toy", [make_visualization("mixed3b", 2)])
    run = writer.start_run("toy", {"command": HOSTILE}, "0.1.0")
    writer.end_run(run, "finished", HOSTILE, [HOSTILE])
    renew_tour(writer, "toy")
    with writing(writer.engine) as connection:
        row = {"model_id": 1, "rank": 99, "kind": "supports", "unit_id": 1, "value": 1.0}
        connection.execute(insert(tables.Highlight).values(**row, detail=HOSTILE))
    writer.engine.dispose()
    with TestClient(create_app(Settings(database=path))) as client:
        for each in PATHS:
            text = client.get(each).text
            assert "<script>alert" not in text
            assert "&lt;script&gt;alert" in text


def test_a_hidden_picture_is_nowhere(tmp_path: Path, fill: Callable[..., None]) -> None:
    path = str(tmp_path / "hidden.db")
    fill(path)
    writer = Writer(open_for_writing(path))
    renew_tour(writer, "toy")
    with TestClient(create_app(Settings(database=path))) as client:
        dreams = [
            each["src"]
            for each in Tags(client.get("/models/toy").text).of("img")
            if "DeepDream" in (each["alt"] or "")
        ]
        stops = [view.image.sha256 for view in highlights(writer.engine) if view.image]
        gone = {re.sub(r".*/|\..*", "", dreams[0] or ""), *stops}
        rows = [{"sha256": sha, "reason": "why not", "created": now()} for sha in gone]
        with writing(writer.engine) as connection:
            connection.execute(insert(tables.Hidden), rows)
        for each in PATHS:
            text = client.get(each).text
            assert not [sha for sha in gone if sha in text], each
        assert "hidden by the maintainer" in client.get("/").text
        assert f"{len(gone)} pictures are hidden by the maintainer" in client.get("/about").text
    writer.engine.dispose()
