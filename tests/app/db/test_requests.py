"""The API over each engine: whatever an address holds, the answer is a clean one."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config import Settings
from app.main import create_app
from tests.app.conftest import Fill
from tests.app.db.conftest import ENGINES, NewStore

TOY = "/api/v1/models/toy"
UNIT = f"{TOY}/layers/mixed3b/units/2"
# What drivers, columns and C strings choke on.
ODD = ["%00", "a%00b", "%ff%fe", "%ed%b0%80", "n" * 10_000, "%F0%9F%90%BE", "'%22;--", "%25"]
NUMBERS = ["2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "1" * 400]
PLACES = [
    "/api/v1/models/{}",
    "/api/v1/models/{}/classes",
    "/api/v1/models/{}/labels",
    TOY + "/layers/{}",
    TOY + "/layers/{}/units",
    TOY + "/layers/{}/statistics",
    TOY + "/layers/mixed3b/statistics?dataset={}",
    TOY + "/labels?layer={}",
    UNIT + "/examples?dataset={}",
    UNIT + "/examples?after={}:top:1",
    "/api/v1/recipes/{}",
    "/models/{}.json",
    "/models/toy/{}.json",
    "/models/toy/mixed3b/{}.json",
    "/models/{}",
    "/models/toy/{}",
    "/models/toy/mixed3b/{}",
    "/img/{}.png",
    "/heat/toy/mixed3b/2/{}/top/1.png",
    "/heat/toy/mixed3b/2/foxes/{}/1.png",
]
COUNTED = [
    TOY + "/layers/mixed3b/units/{}",
    UNIT + "/examples?after=foxes:top:{}",
    TOY + "/layers/mixed3b/units?after={}",
    TOY + "/classes?after={}",
    "/api/v1/runs?after={}",
    "/api/v1/runs?limit={}",
    "/models/toy/mixed3b/{}.json",
    "/heat/toy/mixed3b/{}/foxes/top/1.png",
    "/heat/toy/mixed3b/2/foxes/top/{}.png",
]


@pytest.fixture(scope="module", params=ENGINES)
def asked(request: pytest.FixtureRequest, new_store: NewStore, fill: Fill) -> Iterator[TestClient]:
    """A client of the small database, on either engine."""
    url = new_store(request.param)
    fill(url)
    with TestClient(create_app(Settings(database=url)), follow_redirects=False) as client:
        yield client


def test_a_name_that_cannot_be_is_not_found(asked: TestClient) -> None:
    for place in PLACES:
        for name in ODD:
            answer = asked.get(place.format(name))
            assert 400 <= answer.status_code < 500, (place, name[:20], answer.text[:200])


def test_a_number_that_cannot_be_is_not_found_or_refused(asked: TestClient) -> None:
    for place in COUNTED:
        for number in NUMBERS:
            answer = asked.get(place.format(number))
            # The largest number that the database holds is a key like any other.
            is_key = "after=" in place and number == NUMBERS[0]
            clean = answer.status_code == 200 if is_key else 400 <= answer.status_code < 500
            assert clean or "foxes:top" in place, (place, number[:20], answer.text[:200])
            assert answer.status_code < 500


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.text(min_size=1), place=st.sampled_from(PLACES))
def test_no_text_breaks_the_server(asked: TestClient, name: str, place: str) -> None:
    text = name.encode("utf-8", "surrogatepass")
    assert asked.get(place.format(quote(text, safe=""))).status_code < 500


def test_both_engines_list_alike(asked: TestClient) -> None:
    parts, path = [], f"{UNIT}/examples?limit=7"
    while path:
        answer = asked.get(path).json()
        parts += [(each["dataset"], each["kind"], each["rank"]) for each in answer["examples"]]
        path = answer["next"]
    assert len(parts) == len(set(parts)) == 3 + 22 + 2
    assert asked.get(f"{TOY}/layers/mixed3b/units?after=20").json()["units"][0]["unit"] == 21
    assert len(asked.get(f"{TOY}/layers/mixed3b/statistics").json()["units"]) == 12
    assert asked.get(f"{TOY}/labels").json()["labels"] == []
    assert [each["state"] for each in asked.get("/api/v1/runs").json()["runs"]] == ["finished"]
