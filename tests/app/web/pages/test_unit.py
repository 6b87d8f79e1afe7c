"""A unit's page: the frame of its panels, its names, what a link to it shows, and embedding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from app.config import Settings
from app.db.engine import open_for_writing
from app.db.transactions import writing
from app.main import create_app
from app.tables import Unit
from app.web.panels import PANELS
from tests.app.named import hide, name_units
from tests.app.web.pages.test_evidence import Text

UNIT = "/models/toy/mixed3b/2"
EVERYTHING = "/models/toy/conv2d0/5"


def ids(text: str) -> list[str]:
    return re.findall(r' id="([^"]+)"', text)


@pytest.mark.parametrize("path", [UNIT, EVERYTHING, "/models/toy/logits/2"])
def test_every_panel_has_a_link_to_itself_and_its_data(client: TestClient, path: str) -> None:
    text = client.get(path).text
    anchors = re.findall(r'<a class="anchor" href="#([^"]+)" aria-label="Link to this panel', text)
    assert len(anchors) == len(set(anchors)) == text.count('<div class="panel-head">') > 4
    assert set(anchors) <= set(ids(text))
    assert len(ids(text)) == len(set(ids(text))), "an id is one place"
    data = re.findall(rf'<a href="({path}/[^"]+\.json)" aria-label="[^"]+ as JSON"', text)
    assert len(data) == len(anchors)
    for address in data:
        assert client.get(address).status_code == 200, address


def test_the_panels_of_all_techniques_stand_under_their_names(client: TestClient) -> None:
    found = ids(client.get(EVERYTHING).text)
    order = ["picture", "neuron", "negative", "diversity", "examples", "minimum", "range"]
    order += ["histogram", "classes", "provenance"]
    assert [each for each in found if each in order] == order


def test_a_panel_of_pictures_links_their_files(client: TestClient) -> None:
    text = client.get(EVERYTHING).text
    section = text[text.index('id="diversity"') : text.index('id="examples"')]
    shown = re.findall(r'<img src="([^"]+)"', section)
    files = re.findall(r'<a href="(/img/[^"]+)" aria-label="Diversity, \d as PNG">', section)
    assert files == shown
    assert len(files) == 4


def test_a_second_data_set_has_panels_of_its_own(client: TestClient) -> None:
    found = ids(client.get(UNIT).text)
    assert {"examples-secrets", "range-secrets", "histogram-secrets", "classes-secrets"} <= set(
        found
    )


def test_what_was_chosen_and_what_is_compared_go_along(client: TestClient) -> None:
    text = client.get(f"{UNIT}?show=heat&beside=toy/conv2d0/3,toy/logits/1").text
    state = "show=heat&amp;beside=toy/conv2d0/3,toy/logits/1"
    assert f'rel="next" href="/models/toy/mixed3b/3?{state}"' in text
    assert f'href="/models/toy/mixed3b/5?{state}"' in text, "a similar unit"
    assert 'href="/compare?u=toy/conv2d0/3&amp;u=toy/logits/1&amp;u=toy/mixed3b/2"' in text
    assert "Add to the comparison with conv2d0:3, logits:1" in text
    assert "Add to the comparison" not in client.get(UNIT).text


@pytest.mark.parametrize(
    "beside", ["zebra", "toy/mixed3b/2", ",,/", "a/b/c", "%00", "a/b/" + "9" * 50]
)
def test_a_running_comparison_of_nothing_is_none(client: TestClient, beside: str) -> None:
    assert "Add to the comparison" not in client.get(UNIT, params={"beside": beside}).text


def test_similar_units_are_offered_for_comparison(client: TestClient) -> None:
    text = client.get(UNIT).text
    links = re.findall(r'<a href="(/compare\?u=toy/mixed3b/2[^"]*)">([^<]*)</a>', text)
    assert links[:2] == [
        ("/compare?u=toy/mixed3b/2&amp;u=toy/mixed3b/5", "mixed3b:5"),
        ("/compare?u=toy/mixed3b/2&amp;u=toy/conv2d0/3", "conv2d0:3"),
    ]
    together = "&amp;u=".join(
        ["u=toy/mixed3b/2", "toy/mixed3b/5", "toy/conv2d0/3", "toy/mixed3b/23"]
    )
    assert links[-2:] == [
        (f"/compare?{together}", "the 3 most similar together"),
        ("/compare?u=toy/mixed3b/2", "any other unit"),
    ]


def test_what_a_unit_is_like_is_told_in_a_sentence(client: TestClient) -> None:
    said = Text(client.get("/models/toy/mixed3b/3").text).said()
    assert "Often active: above 0 at 23.0 % of positions, in 87.0 % of 500 images" in said
    rare = Text(client.get("/models/toy/mixed3b/10").text).said()
    assert "Rarely active: above 0 at 0.01 % of positions" in rare
    assert 'class="nature"' not in client.get("/models/toy/mixed3b/23").text


def meta(text: str) -> dict[str, str]:
    return {
        str(each.get("property")): str(each["content"])
        for each in Text(text).of("meta")
        if "property" in each
    }


def test_a_link_to_a_unit_shows_its_picture_elsewhere(client: TestClient) -> None:
    text = client.get(f"{UNIT}?show=heat").text
    found = meta(text)
    assert found["og:title"] == "mixed3b:2 in A toy network"
    assert found["og:url"] == f"http://testserver{UNIT}"
    assert found["og:description"].startswith("Often active: above 0 at 22.0")
    picture = urlsplit(found["og:image"])
    assert picture.netloc == "testserver"
    assert client.get(picture.path).headers["content-type"] == "image/png"
    assert found["og:image:alt"].startswith("unit 2 of mixed3b: feature visualization")
    assert f'<link rel="canonical" href="http://testserver{UNIT}">' in text
    assert meta(client.get("/models/toy/logits/2").text)["og:title"] == (
        "grey fox (logits:2) in A toy network"
    )


def test_what_is_shared_is_absolute_and_names_the_weights(client: TestClient) -> None:
    text = client.get(f"{UNIT}?show=whole&beside=toy/conv2d0/3").text
    tags = Text(text)
    (link,) = (each["value"] for each in tags.of("input") if "readonly" in each)
    assert link == f"http://testserver{UNIT}?show=whole"
    said = tags.said()
    frame = f"http://testserver{UNIT}?embed=1&amp;panels=picture,examples&amp;show=whole"
    assert f'<iframe src="{frame}" title="mixed3b:2 in A toy network"' in said
    assert "SHA-256 " + "ab" * 32 in said
    assert f"url = {{http://testserver{UNIT}?show=whole}}" in said


def embedded(client: TestClient, panels: str = "") -> Any:
    return client.get(UNIT, params={"embed": "1"} | ({"panels": panels} if panels else {}))


def test_a_frame_shows_only_what_it_is_asked_for(client: TestClient) -> None:
    text = embedded(client, "histogram,effects").text
    assert "How often it takes which value" in text
    assert "Effect on the classes" in text
    for absent in ("Top examples", "main-picture", "Where this comes from", "Similar units"):
        assert absent not in text
    assert '<header class="top">' not in text
    assert '<footer class="foot">' not in text


def test_a_panel_is_the_same_alone_and_among_others(client: TestClient) -> None:
    def section(text: str, name: str) -> str:
        found = re.search(rf'<section[^>]* id="{name}".*?</section>', text, re.DOTALL)
        return found[0] if found else ""

    together = embedded(client, ",".join(PANELS)).text
    shown = {name for name in PANELS if section(together, name)}
    assert shown >= {"range", "histogram", "classes", "effects", "similar", "provenance"}
    for name in shown:
        assert section(embedded(client, name).text, name) == section(together, name)


@pytest.mark.parametrize("panels", ["", "zebra", "zebra,%00", ",,", "neuron"])
def test_a_frame_of_nothing_shows_the_picture_and_the_examples(
    client: TestClient, panels: str
) -> None:
    text = embedded(client, panels).text
    assert text == embedded(client, "picture,examples").text
    assert "main-picture" in text
    assert "Top examples" in text
    assert "Classes</h2>" not in text


def test_links_lead_out_of_a_frame(client: TestClient) -> None:
    everything = "picture,examples,minimum,range,histogram,classes,effects,similar,provenance"
    for path in (UNIT, "/models/toy/logits/2"):
        text = client.get(path, params={"embed": "1", "panels": f"{everything},units"}).text
        links = Text(text).of("a")
        assert len(links) >= 3
        assert {(each.get("target"), each.get("rel")) for each in links} == {("_blank", "noopener")}
    last = Text(embedded(client).text).of("a")[-1]
    assert last["href"] == UNIT
    assert client.get(UNIT, params={"embed": "0"}).text == client.get(UNIT).text


def test_any_site_may_frame_the_embedded_page_and_no_other(client: TestClient) -> None:
    framed, whole = embedded(client), client.get(UNIT)
    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in whole.headers["content-security-policy"]


def test_the_histogram_is_a_drawing_of_its_own(client: TestClient) -> None:
    answer = client.get(f"{UNIT}/histogram.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.lstrip().startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "mixed3b:2 in A toy network" in answer.text
    assert not re.search(r'\b(class|style)="', answer.text), "it needs no style sheet"
    log = client.get(f"{UNIT}/histogram.svg?counts=log").text
    other = client.get(f"{UNIT}/histogram.svg?dataset=secrets").text
    assert answer.text != log
    assert "40 images of My photographs" not in answer.text
    assert "images of My photographs" in other
    assert client.get(f"{UNIT}/histogram.svg?dataset=zebra").status_code == 404
    assert client.get("/models/toy/mixed3b/23/histogram.svg").status_code == 404


@pytest.fixture
def named(tmp_path: Path, fill: Callable[..., None]) -> Iterator[tuple[TestClient, str]]:
    """A database with labels; what is hidden comes later."""
    path = str(tmp_path / "named.db")
    fill(path)
    name_units(path)
    with TestClient(create_app(Settings(database=path)), follow_redirects=False) as client:
        yield client, path


def test_labels_stand_beside_the_name_with_who_says_so(named: tuple[TestClient, str]) -> None:
    client, _ = named
    text = client.get(UNIT).text
    names = text[text.index('<ul class="named">') : text.index('<p class="sub">')]
    assert names.count("<li>") == 2, "one of its own, one of its range"
    assert '<bdi class="label-text">&lt;b&gt;fox&lt;/b&gt; ears</bdi>' in names
    assert "according to <bdi>A &amp; B, table 1</bdi>" in names
    assert "<bdi>&lt;i&gt;ears&lt;/i&gt;</bdi>" in names
    assert "&lt;u&gt;seen&lt;/u&gt; often" in names
    said = client.get("/api/v1/models/toy/layers/mixed3b/units/2").json()["labels"]
    assert [each["start"] for each in said] == [2, 0]
    assert '<ul class="named">' not in client.get(EVERYTHING).text


def test_hidden_pictures_are_nowhere_on_the_page(named: tuple[TestClient, str]) -> None:
    client, path = named
    unit = client.get("/api/v1/models/toy/layers/mixed3b/units/2").json()
    example = next(each for each in unit["examples"] if each["kind"] == "top" and each["image"])
    addresses = [unit["visualizations"][0]["image"], example["image"]]
    hashes = [Path(each).stem for each in addresses]
    for query in ("", "?show=whole", "?show=heat", "?embed=1"):
        assert all(each in client.get(f"{UNIT}{query}").text for each in hashes)
    hide(path, *hashes)
    for query in ("", "?show=whole", "?show=heat", "?embed=1"):
        text = client.get(f"{UNIT}{query}").text
        shown = re.findall(r'(?:src|href|content)="([^"]+)"', text)
        assert not [each for each in shown if any(sha in each for sha in hashes)]
        assert "hidden by the maintainer" in text
    assert "og:image" not in meta(client.get(UNIT).text)


def test_a_name_without_end_does_not_flood_what_a_link_shows(
    tmp_path: Path, fill: Callable[..., None]
) -> None:
    path = str(tmp_path / "long.db")
    fill(path)
    engine = open_for_writing(path)
    with writing(engine) as connection:
        connection.execute(update(Unit).where(Unit.title == "grey fox").values(title="fox " * 2500))
    engine.dispose()
    with TestClient(create_app(Settings(database=path))) as client:
        found = meta(client.get("/models/toy/logits/2").text)
    assert len(found["og:title"]) < 250
    assert len(found["og:description"]) < 700
    assert found["og:title"].endswith("(logits:2) in A toy network")
