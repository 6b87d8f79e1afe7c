"""A layer's page: tiles from sheets, what can be chosen, what is hidden, and what shows beside a
tile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, insert, update

from app import tables
from app.config import Settings
from app.db.derived.sprites import renew_sheets
from app.db.engine import open_for_writing
from app.db.queries import unit_list
from app.db.records import VisualizationRecord
from app.db.transactions import writing
from app.db.writer.rows import now
from app.db.writer.writer import Writer
from app.evidence.labels import Label
from app.evidence.statistics import Statistics
from app.evidence.visualizations import Visualization
from app.main import create_app

LAYER = "/models/toy/mixed3b"
HOSTILE = "<b>wheel</b> " + "w" * 10_000


class Site:
    """A database with sheets that a test may change, and its pages."""

    def __init__(self, path: str) -> None:
        self.writer = Writer(open_for_writing(path))
        self.client = TestClient(create_app(Settings(database=path)), follow_redirects=False)

    @property
    def engine(self) -> Engine:
        return self.writer.engine

    def text(self, path: str = LAYER) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200
        return answer.text

    def insert(self, table: type[tables.Base], *rows: dict[str, object]) -> None:
        with writing(self.engine) as connection:
            connection.execute(insert(table), rows)

    def hide(self, sha256: str) -> None:
        self.insert(tables.Hidden, {"sha256": sha256, "reason": "asked for", "created": now()})

    def picture(self, unit: int, layer: str = "mixed3b", technique: str = "channel") -> str:
        shown = unit_list.unit_list(self.engine, "toy", layer, technique).units[unit].source
        assert shown is not None
        return shown.sha256

    def label(self, start: int, stop: int, label: str, family: str | None = None) -> None:
        row = {"start": start, "stop": stop, "label": label, "family": family, "note": None}
        self.insert(Label, row | {"layer_id": 2, "source": "a test"})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, fill: Callable[..., None]) -> bytes:
    """A filled database with its sheets, as bytes to copy."""
    path = tmp_path_factory.mktemp("sheets") / "m.db"
    fill(str(path))
    engine = open_for_writing(str(path))
    renew_sheets(Writer(engine), "toy")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path.read_bytes()


@pytest.fixture
def site(made: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    path = tmp_path_factory.mktemp("layer") / "m.db"
    path.write_bytes(made)
    found = Site(str(path))
    with found.client:
        yield found
    found.engine.dispose()


def tile(text: str, unit: int) -> str:
    return text[text.index(f'<a href="{LAYER}/{unit}"') :].split("</li>")[0]


def units(text: str) -> list[int]:
    return [int(each) for each in re.findall(rf'<a href="{LAYER}/(\d+)"', text)]


def test_tiles_are_parts_of_a_sheet(site: Site) -> None:
    text = site.text()
    sources = set(re.findall(r'<img class="part x\d y\d" src="([^"]+)"', text))
    assert len(sources) == 1
    assert site.client.get(sources.pop()).headers["content-type"] == "image/avif"
    assert 'class="part x3 y0"' in tile(text, 3)
    assert 'class="part x3 y1"' in tile(text, 11)
    assert 'alt="unit 11 of mixed3b: feature visualization"' in tile(text, 11)
    assert text.count('class="part') == 12
    assert '<span class="blank">12</span>' in tile(text, 12)


def test_a_layer_without_sheets_shows_its_units_own_pictures(client: TestClient) -> None:
    text = client.get(LAYER).text
    assert 'class="part' not in text
    assert tile(text, 3).count("<img ") == 1
    assert 'loading="lazy"' in tile(text, 3)


@pytest.mark.parametrize(
    ("technique", "shown", "alt"),
    [
        ("negative", [3], "unit 3 of mixed3b: feature visualization, suppression"),
        ("example", list(range(12)), "unit 3 of mixed3b: strongest dataset example"),
    ],
)
def test_the_units_are_shown_by_the_technique_of_the_address(
    site: Site, technique: str, shown: list[int], alt: str
) -> None:
    text = site.text(f"{LAYER}?technique={technique}")
    assert [unit for unit in range(24) if 'class="part' in tile(text, unit)] == shown
    assert f'alt="{alt}"' in tile(text, 3)
    assert len(units(text)) == 24


def test_the_first_technique_is_not_in_addresses(site: Site) -> None:
    text = site.text(f"{LAYER}?technique=channel&sort=mean")
    assert "technique=channel" not in text
    assert f'href="{LAYER}?technique=example&amp;sort=mean#units"' in text
    assert site.text(f"{LAYER}?technique=zebra") == site.text()
    assert site.text("/models/toy/logits?technique=logit") == site.text("/models/toy/logits")


def test_large_tiles_show_the_whole_pictures(site: Site) -> None:
    text = site.text(f"{LAYER}?size=l")
    assert 'class="units size-l"' in text
    assert f'src="/img/{site.picture(3)}.png"' in tile(text, 3)
    assert 'class="part' not in text


def test_small_fields_stay_cut_in_large_tiles(site: Site) -> None:
    assert 'class="part' in site.text("/models/toy/conv2d0?technique=example&size=l")
    assert 'class="part' not in site.text("/models/toy/mixed3b?technique=example&size=l")


def test_one_branch_alone(site: Site) -> None:
    text = site.text(f"{LAYER}?branch=3x3")
    assert units(text) == list(range(8, 20))
    assert re.findall('<section class="branch" id="(.*?)"', text) == ["branch-3x3"]
    assert "12 of 24" in text
    assert units(site.text(f"{LAYER}?branch=3x3&sort=mean")) != units(text)
    assert site.text(f"{LAYER}?branch=9x9") == site.text()


def test_dead_units_can_be_left_out(site: Site) -> None:
    assert 11 not in units(site.text(f"{LAYER}?dead=hide"))
    assert len(units(site.text(f"{LAYER}?dead=hide"))) == 23
    assert "dead=hide" not in site.text("/models/toy/conv2d0?dead=hide"), "none is dead there"


def test_what_is_chosen_goes_along_to_the_next_layer(site: Site) -> None:
    query = "technique=example&size=s&sort=mean&order=asc&branch=3x3&dead=hide"
    text = site.text(f"{LAYER}?{query}")
    kept = "technique=example&amp;size=s&amp;sort=mean&amp;order=asc&amp;dead=hide"
    assert f'rel="prev" href="/models/toy/conv2d0?{kept}"' in text
    assert f'rel="next" href="/models/toy/logits?{kept}"' in text
    assert f'href="{LAYER}/9"' in text


def test_microscopes_addresses_keep_what_is_chosen(site: Site) -> None:
    answer = site.client.get("/models/toy/mixed3b_0?technique=example&branch=3x3&zebra=1")
    assert answer.headers["location"] == f"{LAYER}?technique=example&branch=3x3"


def test_similarity_is_an_order_where_units_have_a_place(site: Site) -> None:
    assert "similarity" not in site.text()
    assert site.text(f"{LAYER}?sort=similarity") == site.text()
    table = Statistics
    with writing(site.engine) as connection:
        first = 16 + 1  # the ids of mixed3b's units follow those of conv2d0
        for place, unit in enumerate([5, 2, 9, 0]):
            chosen = update(table).where(table.unit_id == first + unit, table.dataset_id == 1)
            connection.execute(chosen.values(place=place))
    text = site.text(f"{LAYER}?sort=similarity&order=desc")
    assert units(text)[:4] == [5, 2, 9, 0]
    assert len(units(text)) == 24
    assert 'aria-label="Order"' not in text
    assert 'class="by"' not in text


def test_labels_name_tiles_and_do_no_harm(site: Site) -> None:
    site.label(4, 6, HOSTILE, "wheels")
    site.label(5, 2_000_000_000, "other", "others")
    text = site.text()
    assert "<b>wheel" not in text
    assert len(text) < 60_000
    assert "<bdi>&lt;b&gt;wheel" in tile(text, 4)
    assert 'title="&lt;b&gt;wheel' in tile(text, 5)
    assert "unit 6 of mixed3b, other: feature visualization" in tile(text, 6)


def test_a_family_of_labels_alone(site: Site) -> None:
    assert 'aria-label="Family of labels"' not in site.text()
    site.label(4, 6, "hub cap", "wheels & co")
    site.label(9, 10, "fur")
    text = site.text()
    assert f'href="{LAYER}?family=wheels+%26+co#units"><bdi>wheels &amp; co</bdi>' in text
    assert units(site.text(f"{LAYER}?family=wheels+%26+co")) == [4, 5]
    assert units(site.text(f"{LAYER}?family=none")) == list(range(24))
    none = site.text(f"{LAYER}?family=wheels+%26+co&branch=pool")
    assert "None of this layer&#39;s units is like that" in none or "None of this layer" in none


def test_a_hidden_picture_is_on_no_tile_at_once(site: Site) -> None:
    old = re.findall(r'class="part x\d y\d" src="([^"]+)"', site.text())[0]
    site.hide(site.picture(7))
    text = site.text()
    assert old not in text
    assert "hidden by the maintainer" in tile(text, 7)
    assert "<img" not in tile(text, 7)
    assert site.picture(6) in tile(text, 6), "others are shown without the sheet"
    renew_sheets(site.writer, "toy")
    text = site.text()
    assert "hidden by the maintainer" in tile(text, 7)
    assert 'class="part x6 y0"' in tile(text, 6)
    assert site.client.get(old).status_code == 404


def test_a_picture_that_was_just_stored_is_on_its_tile(
    site: Site, make_visualization: Callable[..., VisualizationRecord]
) -> None:
    other = make_visualization("mixed3b", 23, 5).image
    record = replace(make_visualization("mixed3b", 3), image=other)
    site.writer.put_visualizations("toy", [record], replace=True)
    assert other.sha256 in tile(site.text(), 3)


def test_a_layer_that_was_only_scanned_shows_examples(site: Site) -> None:
    with writing(site.engine) as connection:
        connection.execute(delete(Visualization))
    text = site.text()
    assert "None has a picture so far: a unit is shown by the image that excites it most." in text
    assert "strongest dataset example" in tile(text, 3)
    assert 'class="part x3 y0"' in tile(text, 3)


def test_a_glance_at_a_unit_tells_its_examples_and_numbers(site: Site) -> None:
    told = site.client.get(f"{LAYER}/2/glance.json").json()
    assert told["name"] == "mixed3b:2"
    assert len(told["views"]) == 3
    assert told["views"][0]["box"].count(" ") == 3
    assert ["Highest", "42.0"] in told["numbers"]
    dead = site.client.get(f"{LAYER}/11/glance.json").json()
    assert "dead" in dead["said"]
    bare = site.client.get(f"{LAYER}/23/glance.json").json()
    assert (bare["views"], bare["numbers"]) == ([], [])
    assert "No data set has been scanned" in bare["said"]
    assert site.client.get(f"{LAYER}/24/glance.json").status_code == 404
    assert site.client.get(f"{LAYER}/x/glance.json").status_code == 404


def test_a_glance_shows_nothing_hidden(site: Site) -> None:
    shown = site.client.get(f"{LAYER}/3/glance.json").json()["views"]
    site.hide(site.picture(3, technique="example"))
    left = site.client.get(f"{LAYER}/3/glance.json").json()["views"]
    assert left == shown[1:]


def test_a_glance_begins_with_names(site: Site) -> None:
    site.label(2, 3, HOSTILE)
    told = site.client.get(f"{LAYER}/2/glance.json").json()
    assert told["called"].startswith("<b>wheel</b>")
    assert len(told["called"]) < 100
    assert site.client.get("/models/toy/logits/2/glance.json").json()["called"] == "grey fox"
