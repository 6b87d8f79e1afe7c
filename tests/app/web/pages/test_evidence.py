"""A unit's evidence on its page: panel by panel, complete without a script, inert whatever labels
say."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.config import Settings
from app.db.engine import open_for_writing
from app.db.records import DatasetRecord, ExampleRecord, NeighbourRecord, RecipeRecord, ScanRecord
from app.db.writer.writer import Writer
from app.main import create_app
from tests.app.conftest import Draw, MakeModel
from tests.app.findings import HOSTILE, statistics_of

UNIT = "/models/toy/mixed3b/2"
VOID = {"meta", "link", "img", "path", "circle", "rect", "line", "image", "br"}


class Text(HTMLParser):
    """The visible text of a page, and the elements that carry any of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.found.append((self.open[-1] if self.open else "", data))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def said(self) -> str:
        return " ".join(" ".join(data for _, data in self.found).split())


def part(text: str, title: str) -> str:
    """The section under a heading."""
    start = text.index(f"<h2>{title}")
    return text[start : text.index("</section>", start)]


def test_the_panels_come_in_their_order(client: TestClient) -> None:
    titles = [
        "Top examples",
        "From the highest to the lowest",
        "How often it takes which value",
        "Classes",
        "Effect on the classes",
        "Similar units",
        "Where this comes from",
    ]
    text = client.get(UNIT).text
    places = [text.index(f"<h2>{title}") for title in titles]
    assert places == sorted(places)
    assert text.index("main-picture") < places[0]


def test_panels_without_data_are_absent(client: TestClient) -> None:
    text = client.get("/models/toy/mixed3b/3").text
    assert "<h2>Classes" in text
    for title in ("Effect on the classes", "Similar units"):
        assert title not in text
    bare = client.get("/models/toy/mixed3b/23").text
    assert 'class="findings"' not in bare
    assert 'class="tabs"' not in bare


def test_each_panel_tells_how_it_came_about(client: TestClient) -> None:
    text = client.get(UNIT).text
    for title in (
        "How the range was cut",
        "How the values were counted",
        "How the classes were compared",
        "How the effects were measured",
        "How similar units were found",
    ):
        method = text[text.index(f"<span>{title}</span></summary>") :]
        sentence = re.search('<p class="method">(.*?)</p>', method, re.DOTALL)
        assert sentence is not None
        assert sentence.group(1).endswith(".")


def test_examples_are_cut_to_what_the_unit_sees_by_default(client: TestClient) -> None:
    tags = Text(part(client.get("/models/toy/conv2d0/5").text, "Top examples"))
    crop = tags.of("svg")[0]
    # The cell (3, 5) of conv2d0 sees rows 4 to 11 and columns 8 to 15; the crop keeps 48 px.
    assert crop["viewbox"] == "0 0 48 48"
    assert (crop["role"], crop["aria-label"]) == (
        "img",
        "example 1: fox, the part that the unit sees",
    )
    outline = tags.of("rect")[1]
    assert [outline[name] for name in ("x", "y", "width", "height")] == ["8", "4", "7", "7"]
    picture = tags.of("img")[0]
    assert (picture["width"], picture["alt"], picture["loading"]) == ("224", "", "lazy")


def test_the_whole_image_and_the_heat_map_are_one_click_away(client: TestClient) -> None:
    text = client.get(UNIT).text
    nav = text[text.index('aria-label="How examples are shown"') :]
    links = re.findall(r'<a href="([^"]*)"( aria-current="true")?>', nav[: nav.index("</nav>")])
    assert links == [
        (f"{UNIT}#examples", ' aria-current="true"'),
        (f"{UNIT}?show=whole#examples", ""),
        (f"{UNIT}?show=heat#examples", ""),
    ]


def test_a_heat_map_lies_over_the_whole_image(client: TestClient) -> None:
    tags = Text(part(client.get(f"{UNIT}?show=heat").text, "Top examples"))
    whole, heat = tags.of("img")[:2]
    assert (whole["alt"], heat["alt"]) == ("example 1: fox, heat map", "")
    assert heat["src"] == "/heat/toy/mixed3b/2/foxes/top/1.png"
    assert client.get(heat["src"]).headers["content-type"] == "image/png"
    assert not tags.of("circle"), "the heat shows where"


@pytest.mark.parametrize("query", ["?show=zebra", "?show=", "?show=CROP&counts=x", "?show=%00"])
def test_a_choice_that_does_not_exist_is_the_first(client: TestClient, query: str) -> None:
    assert client.get(f"{UNIT}{query}").text == client.get(UNIT).text


def test_what_was_chosen_goes_along_to_the_neighbours(client: TestClient) -> None:
    text = client.get(f"{UNIT}?show=heat&counts=log").text
    assert 'rel="next" href="/models/toy/mixed3b/3?show=heat&amp;counts=log"' in text
    assert f'href="{UNIT}?show=whole&amp;counts=log#examples"' in text
    assert f'href="{UNIT}?show=heat#histogram"' in text


def test_the_range_goes_from_the_highest_to_the_lowest(client: TestClient) -> None:
    section = part(client.get(UNIT).text, "From the highest to the lowest")
    bounds = re.findall('<span class="value">([^<]* to [^<]*)</span>', section)
    assert (len(bounds), bounds[0], bounds[-1]) == (12, "36.0 to 40.0", "−20.0 to −10.0")
    said = Text(section).said()
    assert "50.0 %, 250 images" in said
    assert "0.2 %, 1 image " in said
    assert section.count('<ul class="thumbs">') == 11


def test_the_histogram_has_a_line_at_0_and_the_marks_of_the_picture(client: TestClient) -> None:
    section = part(client.get(UNIT).text, "How often it takes which value")
    assert section.count('class="zero"') == 1
    marks = re.findall(r'<text class="mark[^>]*>(.*?)</text>', section)
    assert marks == ["picture: activation 14.5", "picture: maximum 90.0 →"]
    assert section.count('<rect class="negative"') == 8, "bins from −20 to 0"
    assert "were sampled" not in section
    sampled = part(client.get("/models/toy/conv2d0/5").text, "How often it takes which value")
    assert "16 positions of each map were sampled" in sampled


def test_the_counts_are_linear_or_logarithmic(client: TestClient) -> None:
    linear, log = (
        part(client.get(f"{UNIT}{query}").text, "How often it takes which value")
        for query in ("", "?counts=log")
    )

    def heights(section: str) -> list[float]:
        return [float(each) for each in re.findall(r' height="([\d.]+)"/>', section)]

    assert heights(linear)[0] == heights(log)[0] == 200
    # 2 ** 12 in the first bin, 2 ** 11 in the second.
    assert heights(linear)[1] == pytest.approx(100)
    assert heights(log)[1] == pytest.approx(183.3, abs=0.1)
    assert 'aria-current="true">Logarithmic' in log


def test_classes_are_listed_with_means_and_shares(client: TestClient) -> None:
    said = Text(part(client.get(UNIT).text, "Classes")).said()
    assert "Highest mean activation" in said
    assert f"{HOSTILE[0]} 4.00" in said
    assert "Share of the strongest 5 images" in said
    assert "fox 10.0 %" in said


def test_effects_link_to_the_classes(client: TestClient) -> None:
    section = part(client.get(UNIT).text, "Effect on the classes")
    links = re.findall(r'href="(/models/toy/logits/\d)"><bdi>(.*?)</bdi></a>', section)
    assert links == [
        ("/models/toy/logits/2", "grey fox"),
        ("/models/toy/logits/0", "tabby"),
        ("/models/toy/logits/1", "&lt;b&gt;&amp;&#34;&#39;"),
        ("/models/toy/logits/3", "stäbchen"),
    ]
    assert "on average over 18–20 images" in section
    assert "+3.50" in section
    assert "−1.75" in section
    assert '<th scope="row">images</th><td><bdi>20</bdi></td>' in section


def test_similar_units_are_linked_with_their_thumbnails(client: TestClient) -> None:
    section = part(client.get(UNIT).text, "Similar units")
    assert re.findall(r'<a href="(/models/[^"]*)">', section) == [
        "/models/toy/mixed3b/5",
        "/models/toy/mixed3b/23",
        "/models/toy/conv2d0/3",
        "/models/toy/logits/1",
    ]
    assert section.count("<img") == 3, "one of them has no picture"
    assert section.index("In this layer") < section.index("In other layers")
    assert "+0.75" in section


def test_a_dead_unit_is_called_dead(client: TestClient) -> None:
    sentence = "This unit is dead in Foxes &amp; friends"
    assert sentence in client.get("/models/toy/mixed3b/11").text
    assert "is dead" not in client.get(UNIT).text


def test_a_private_data_set_says_why_it_shows_no_picture(client: TestClient) -> None:
    text = client.get(UNIT).text
    section = text[text.index("My photographs: the 1 of 40") :]
    section = section[: section.index("</section>")]
    assert "are private and are not stored here" in section
    assert "<img" not in section
    assert "<image" not in section
    assert "&lt;i&gt;me&lt;/i&gt;" in section


@pytest.mark.parametrize("query", ["", "?show=whole", "?show=heat&counts=log"])
def test_hostile_labels_are_only_text(client: TestClient, query: str) -> None:
    text = client.get(f"{UNIT}{query}").text
    page = Text(text)
    assert HOSTILE[0] in page.said()
    assert "<script>alert" not in text
    assert all(each.get("src") for each in page.of("script"))
    assert not page.of("i")
    names = {name for _, attributes in page.tags for name in attributes}
    assert not {name for name in names if name.startswith("on") or name == "style"}
    holders = {tag for tag, data in page.found if "\u202e" in data}
    assert holders == {"bdi"}, "a mark of direction turns nothing but its own label"


def test_several_data_sets_have_panels_of_their_own(client: TestClient) -> None:
    text = client.get(UNIT).text
    assert text.count('class="findings"') == 2
    assert 'Classes <span class="of">in My photographs</span>' in text
    assert text.count('id="histogram"') == 1
    alone = client.get("/models/toy/mixed3b/3").text
    assert 'class="of"' not in alone


def test_a_unit_of_which_only_neighbours_are_known_shows_those(
    tmp_path: Path, make_model: MakeModel, draw: Draw
) -> None:
    path = str(tmp_path / "bare.db")
    writer = Writer(open_for_writing(path))
    writer.put_model(make_model())
    writer.put_dataset(DatasetRecord("foxes", "Foxes", "CC0", "cd" * 32, 5))
    recipe = RecipeRecord.from_body({"top": 1})
    near = NeighbourRecord("mixed3b", 2, "mixed3b", 3, True, 1, 0.5)
    found = ExampleRecord("logits", 2, "top", 1, "a.jpg", None, 3.0, 0, 0)
    scans = [ScanRecord("mixed3b", 2, 1, 5), ScanRecord("logits", 2, 1, 5)]
    told = [statistics_of("logits", 2)]
    writer.put_examples("toy", "foxes", recipe, [found], scans, {"a.jpg": draw(1)}, told, [near])
    writer.engine.dispose()
    with TestClient(create_app(Settings(database=path))) as client:
        text = client.get(UNIT).text
        assert "Similar units" in text
        assert "From the highest to the lowest" not in text
        # Nothing can be cut out of, or heated on, what a class sees.
        logit = client.get("/models/toy/logits/2").text
        assert "How examples are shown" not in logit
        assert 'alt="example 1"' in logit
        assert '<text class="mark' not in logit
