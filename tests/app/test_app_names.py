"""Names with slashes: an address leads back to its names whatever they are."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.main import create_app
from app.names import SLASH, decoded
from app.settings import Settings
from app.store.engine import open_for_writing
from app.store.records import LayerRecord
from app.store.write import Writer
from app.urls import Urls
from tests.app.conftest import made_up_model

MODEL, LAYERS = "a/b.c", ("x/y", "dotted.v1", "100 %", "%2F", "<i>", "ä?#&")

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.lists(names, min_size=1))
def test_a_quoted_slash_stays_in_its_name(parts: list[str]) -> None:
    raw = "/".join(quote(part, safe="") for part in parts).encode()
    found = decoded(raw).split("/")
    assert [each.replace(SLASH, "/") for each in found] == parts


@given(st.binary())
def test_no_bytes_break_the_reading_of_a_path(raw: bytes) -> None:
    assert isinstance(decoded(raw), str)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a model whose names are made to be misread."""
    path = str(tmp_path_factory.mktemp("odd") / "odd.db")
    engine = open_for_writing(path)
    layers = tuple(LayerRecord(name, 2, 7) for name in LAYERS)
    Writer(engine).put_model(made_up_model(MODEL, layers=layers))
    engine.dispose()
    with TestClient(create_app(Settings(database=path)), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("layer", LAYERS)
def test_pages_and_data_are_found_by_any_name(odd: TestClient, layer: str) -> None:
    urls = Urls()
    for page in (urls.model(MODEL), urls.layer(MODEL, layer), urls.unit(MODEL, layer, 1)):
        assert odd.get(page).status_code == 200
        assert odd.get(urls.data_of(page)).status_code == 200
    unit = odd.get(urls.api_unit(MODEL, layer, 1)).json()
    assert (unit["model"], unit["layer"], unit["unit"]) == (MODEL, layer, 1)
    part = odd.get(urls.api_units(MODEL, layer, limit=1)).json()
    assert odd.get(part["next"]).json()["units"][0]["unit"] == 1


def test_an_unquoted_slash_still_parts_names(odd: TestClient) -> None:
    assert odd.get("/models/a/b.c").status_code == 404
    assert odd.get("/models/a%2fb.c").status_code == 200


@pytest.mark.parametrize("path", ["/%2F", "/models/%2f", "/models/a%2fb/", "/static/x/..%2fx"])
def test_other_slashes_are_not_found_or_led_on(odd: TestClient, path: str) -> None:
    assert odd.get(path).status_code in (308, 404)
