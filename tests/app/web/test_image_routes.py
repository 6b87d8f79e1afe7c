"""Pictures by their hash: validators, caching, types."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.web.caching import etag_of, is_not_modified

TAG = etag_of("ab")


@pytest.mark.parametrize(
    "header",
    [TAG, f"W/{TAG}", "*", " * ", f'"x", {TAG}', f'W/"x",W/{TAG} , "y"', f'"with, comma", {TAG}'],
)
def test_a_client_that_has_it_is_told_so(header: str) -> None:
    assert is_not_modified(header, TAG)


@pytest.mark.parametrize(
    "header", [None, "", "ab", '"x"', f"{TAG[:-1]}", f'"x {TAG}', "**", f'"x" {TAG}', ",,,"]
)
def test_a_client_that_does_not_is_sent_it(header: str | None) -> None:
    assert not is_not_modified(header, TAG)


@given(st.text())
def test_no_header_breaks_the_reading_of_tags(header: str) -> None:
    is_not_modified(header, TAG)


@pytest.fixture(scope="module")
def path(client: TestClient) -> str:
    unit = client.get("/api/v1/models/toy/layers/conv2d0/units/0").json()
    found: str = unit["visualizations"][0]["image"]
    return found


def test_a_picture_is_sent_with_its_type_and_kept_for_ever(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["etag"] == f'"{path.split("/")[-1].split(".")[0]}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in answer.headers, "pictures are compressed already"
    assert answer.content.startswith(b"\x89PNG")


def test_a_picture_that_the_client_has_is_not_sent_again(client: TestClient, path: str) -> None:
    etag = client.get(path).headers["etag"]
    answer = client.get(path, headers={"If-None-Match": f'"other", W/{etag}'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert "immutable" in answer.headers["cache-control"]


def test_the_head_of_a_picture_is_that_of_its_answer(client: TestClient, path: str) -> None:
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("wrong", [".jpg", ".webp", ".png/", ".PNG", "", ".png.png"])
def test_another_extension_is_another_address(client: TestClient, path: str, wrong: str) -> None:
    assert client.get(path.removesuffix(".png") + wrong).status_code in (404, 308)


@pytest.mark.parametrize("name", ["00" * 32, "nothing", "%00", "..%2f..%2fetc%2fpasswd"])
def test_unknown_pictures_are_not_found(client: TestClient, name: str) -> None:
    answer: Any = client.get(f"/img/{name}.png")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")
