"""A unit's pictures on its page: each technique by its name, its numbers, how it was made."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient

from tests.app.tags import Tags, headings


def test_the_unit_page_shows_the_first_visualization_itself(client: TestClient) -> None:
    unit = client.get("/api/v1/models/toy/layers/mixed3b/units/3").json()
    pictures = Tags(client.get("/models/toy/mixed3b/3").text).of("img")
    shown = [each["src"] for each in pictures]
    assert unit["visualizations"][0]["image"] in shown
    whole = Tags(client.get("/models/toy/mixed3b/3?show=whole").text).of("img")
    assert {each["image"] for each in unit["examples"]} <= {each["src"] for each in whole}
    assert pictures[1]["alt"] == "unit 3 of mixed3b: feature visualization, mean of the unit's map"


def test_the_unit_page_shows_numbers_places_and_provenance(client: TestClient) -> None:
    text = client.get("/models/toy/mixed3b/3?show=whole").text
    for part in (
        "<dd>15.5</dd>",
        "<dd>90.0</dd>",
        "<dd>2.25 ×</dd>",
        '<circle cx="5.5" cy="3.5"',
        "ab" * 32,
        "Foxes &amp; friends",
        "Inception Microscope <bdi>0.1.0</bdi>, latest run",
        "/models/toy/mixed3b/2?show=whole",
        "/models/toy/mixed3b/4?show=whole",
        "1×1 branch",
        '<th scope="row">steps</th><td><bdi>256</bdi></td>',
    ):
        assert part in text, part


def test_the_unit_page_shows_each_technique_by_its_name(client: TestClient) -> None:
    text = client.get("/models/toy/conv2d0/5").text
    assert headings(text) == [
        "Centre neuron",
        "Negative",
        "Diversity",
        "Top examples",
        "Minimum examples",
        "From the highest to the lowest",
        "How often it takes which value",
        "Classes",
        "Where this comes from",
    ]
    tags = Tags(text)
    alts = [each["alt"] or "" for each in tags.of("img")]
    for number in range(1, 5):
        assert f"unit 5 of conv2d0: feature visualization, diversity, {number}" in alts
    (neuron,) = (each for each in tags.of("img") if "centre of the map" in (each["alt"] or ""))
    assert (neuron["width"], neuron["class"]) == ("126", "exact pixels")


def test_the_unit_page_tells_numbers_and_notes_of_every_picture(client: TestClient) -> None:
    text = client.get("/models/toy/conv2d0/5").text
    for part in (
        "<div><dt>Minimum</dt><dd>−60.0</dd></div>",
        "<div><dt>Against lowest</dt><dd>3.00 ×</dd></div>",
        "<div><dt>Against strongest</dt><dd>2.25 ×</dd></div>",
        "<div><dt>Against strongest example</dt><dd>2.25 ×</dd></div>",
    ):
        assert part in text, part
    assert text.count("This unit cannot be excited") == 1


def test_the_unit_page_tells_how_each_technique_was_made(client: TestClient) -> None:
    text = client.get("/models/toy/conv2d0/5").text
    assert re.findall(r"<summary[^>]*><span>(.*?)</span>", text)[:5] == [
        "How the channel picture was made",
        "How the neuron picture was made",
        "How the negative picture was made",
        "How the diversity pictures were made",
        "How the examples in Foxes &amp; friends were found",
    ]


def test_other_seeds_of_the_first_picture_come_last(client: TestClient) -> None:
    text = client.get("/models/toy/mixed3b/3").text
    assert headings(text)[:3] == ["Negative", "Other seeds", "Top examples"]
    assert '<span class="value">seed 1</span>' in text
    assert text.count("<span>How the channel picture was made</span>") == 2, "each by its panel"


def test_the_note_of_the_first_picture_stands_below_it(client: TestClient) -> None:
    text = client.get("/models/toy/mixed3b/11").text
    places = [
        text.index(part) for part in ("<figcaption>", '<p class="note">', '<dl class="facts">')
    ]
    assert places == sorted(places)


def test_the_page_of_a_class_shows_its_logit(client: TestClient) -> None:
    text = client.get("/models/toy/logits/2").text
    assert "Feature visualization, the class&#39;s logit" in text
    assert "How the logit picture was made" in text
