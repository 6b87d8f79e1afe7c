"""Heat maps: drawn as stored, with validators, and absent where there is none."""

from __future__ import annotations

import zlib
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.drawing.heatmap import COLD, SIDE, WARM, cells, draw

PATH = "/heat/toy/mixed3b/2/foxes/top/1.png"


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def test_a_heat_map_is_clear_in_silence_and_brightest_at_its_maximum() -> None:
    side = 128  # as many cells as pixels, so that nothing is between them
    values = bytearray(side * side)
    values[side * 30 + 50] = 255
    values[side * 60 + 70] = 128
    picture = opened(draw(bytes(values), WARM))
    assert (picture.mode, picture.size) == ("RGBA", (side, side))
    assert picture.getpixel((0, 0)) == WARM[0]
    assert picture.getpixel((50, 30)) == WARM[-1]
    assert picture.getpixel((70, 60)) == pytest.approx(WARM[2], abs=1)


@pytest.mark.parametrize("ramp", [WARM, COLD])
def test_a_hotter_cell_is_lighter_and_more_opaque(ramp: list[tuple[int, int, int, int]]) -> None:
    picture = opened(draw(bytes(range(256)) * 256, ramp))
    row = [picture.getpixel((x, 9)) for x in range(256)]
    seen = [pixel for pixel in row if isinstance(pixel, tuple)]
    light = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue, _ in seen]
    assert light == sorted(light)
    assert [pixel[3] for pixel in seen] == sorted(pixel[3] for pixel in seen)


def test_a_small_map_is_enlarged_in_place() -> None:
    picture = opened(draw(bytes([0, 0, 0, 0, 0, 0, 0, 255, 0]), WARM)).getchannel("A")
    assert picture.size == (SIDE, SIDE)
    box = picture.point([255 if value > 150 else 0 for value in range(256)]).getbbox()
    assert box is not None
    assert (box[0] + box[2]) / 2 == pytest.approx(SIDE / 2, abs=1)
    assert (box[1] + box[3]) / 2 == pytest.approx(SIDE * 5 / 6, abs=4)


@pytest.mark.parametrize("data", [b"", b"not zlib", zlib.compress(b""), zlib.compress(b"12345")])
def test_bytes_that_are_no_square_map_are_no_heat(data: bytes) -> None:
    assert cells(data) is None


def test_a_heat_map_is_sent_with_validators(client: TestClient) -> None:
    answer = client.get(PATH, headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert "content-encoding" not in answer.headers
    assert "max-age" in answer.headers["cache-control"]
    assert "immutable" not in answer.headers["cache-control"], "another scan has other heat"
    assert opened(answer.content).size == (SIDE, SIDE)
    again = client.get(
        PATH, headers={"If-None-Match": answer.headers["etag"], "Accept-Encoding": "gzip"}
    )
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(PATH)
    assert (head.status_code, head.headers["content-type"]) == (200, "image/png")


def test_what_suppresses_is_cold(client: TestClient) -> None:
    kinds = [
        client.get(f"/heat/toy/conv2d0/5/foxes/{kind}/1.png").content for kind in ("top", "minimum")
    ]
    hottest = [opened(data).getchannel("B").getextrema()[1] for data in kinds]
    assert hottest == [140, 255]


@pytest.mark.parametrize(
    "path",
    [
        "/heat/toy/mixed3b/2/foxes/top/9.png",
        "/heat/toy/mixed3b/2/foxes/none/1.png",
        "/heat/toy/mixed3b/2/secrets/top/1.png",
        "/heat/toy/logits/2/foxes/top/1.png",
        "/heat/toy/mixed3b/24/foxes/top/1.png",
        "/heat/none/mixed3b/2/foxes/top/1.png",
        "/heat/toy/mixed3b/2/foxes/top/01.png",
        "/heat/toy/mixed3b/2/foxes/top/-1.png",
        "/heat/toy/mixed3b/2/foxes/top/99999999999.png",
        "/heat/toy/mixed3b/2/foxes%00/top/1.png",
        "/heat/toy/mixed3b/x/foxes/top/1.png",
        "/heat/toy/mixed3b/2/foxes/top/1.webp",
    ],
)
def test_where_there_is_no_heat_nothing_is_found(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "max-age" not in answer.headers.get("cache-control", "")
