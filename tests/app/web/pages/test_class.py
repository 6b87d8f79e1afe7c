"""A class's page: which units argue for and against it, and what their absence means."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.db.views.evidence import ArguerView, UnitDetail
from app.web.pages.unit.class_units import LISTED, class_units
from tests.app.web.pages.test_evidence import Text

TITLE = "Units that argue for and against it"


def panel(client: TestClient, output: int) -> str:
    text = client.get(f"/models/toy/logits/{output}").text
    start = text.index(f"<h2>{TITLE}")
    return text[start : text.index("</section>", start)]


def test_a_class_shows_who_argues_for_it_and_against_it(client: TestClient) -> None:
    for_it, against = panel(client, 2), panel(client, 1)
    link = '<a href="/models/toy/mixed3b/2">'
    assert for_it.index("<h4>For</h4>") < for_it.index(link) < for_it.index("<h4>Against</h4>")
    assert against.index("<h4>Against</h4>") < against.index(link)
    assert "+3.50" in for_it
    assert "−1.75" in against
    assert '<h3><a href="/models/toy/mixed3b">mixed3b</a></h3>' in for_it
    assert for_it.count("<img") == 1


def test_absence_is_not_taken_for_nothing(client: TestClient) -> None:
    said = Text(panel(client, 2)).said()
    assert "one that is not listed may still have an effect" in said
    assert "it is not known" in said


def test_only_classes_have_such_a_panel(client: TestClient) -> None:
    assert TITLE not in client.get("/models/toy/mixed3b/2").text


def test_the_class_is_told_apart_by_its_images(client: TestClient) -> None:
    said = Text(client.get("/models/toy/logits/2").text).said()
    assert "Among 500 images its logit is highest, on average, for those labelled" in said


def test_the_answer_of_a_class_has_its_units(client: TestClient) -> None:
    found = client.get("/api/v1/models/toy/layers/logits/units/2").json()["class_units"]
    assert [each["dataset"] for each in found] == ["foxes"]
    (unit,) = found[0]["units"]
    assert (unit["layer"], unit["unit"], unit["rank"], unit["value"]) == ("mixed3b", 2, 1, 3.5)
    assert client.get(unit["page"]).status_code == client.get(unit["href"]).status_code == 200
    assert found[0]["recipe"]["body"]["technique"] == "effects"
    other = client.get("/api/v1/models/toy/layers/mixed3b/units/2").json()
    assert other["class_units"] == []
    assert other["effects"][0]["recipe"] == found[0]["recipe"]


values = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(1, 8), st.floats(-9, 9, allow_nan=False)),
    min_size=1,
    max_size=60,
)


@given(found=values)
def test_no_unit_is_lost_without_being_counted(found: list[tuple[str, int, float]]) -> None:
    arguers = tuple(
        ArguerView("d", layer, number, None, rank if value >= 0 else -rank, value, 1)
        for number, (layer, rank, value) in enumerate(sorted(found, key=lambda each: each[0]))
    )
    (told,) = class_units(UnitDetail(0, None, (), (), (), arguers=arguers), "units")
    for layer in told.layers:
        own = [each for each in arguers if each.layer == layer.layer]
        listed = [each.view for each in (*layer.supports, *layer.opposes)]
        assert len(listed) + layer.left_off == len(own)
        assert all(len(some) <= LISTED for some in (layer.supports, layer.opposes))
        assert all(0 <= each.length <= 100 for each in (*layer.supports, *layer.opposes))
        against = [each.value for each in own if each.rank < 0]
        assert [each.view.value for each in layer.opposes] == sorted(against)[:LISTED]


def test_names_of_layers_are_linked_once_each(client: TestClient) -> None:
    assert len(re.findall('<div class="by-layer">', panel(client, 2))) == 1
