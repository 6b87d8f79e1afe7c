"""The view: what a network sees of a file, and that no file can stop a scan."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from precompute.images.view import BadImageError, View, open_image, to_rgb

VIEW = View()


def gradient(width: int, height: int) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    bands = [x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), (x + y) % 256]
    return Image.fromarray(np.stack(bands, axis=2).astype(np.uint8))


def saved(image: Image.Image, kind: str, **options: object) -> io.BytesIO:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    buffer.seek(0)
    return buffer


@given(st.integers(1, 700), st.integers(1, 700))
@settings(max_examples=60, deadline=None)
def test_the_view_is_the_middle_of_the_scaled_image(width: int, height: int) -> None:
    image = gradient(width, height)
    scale = 256 / min(width, height)
    scaled = image.resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC)
    left, top = round((scaled.width - 224) / 2), round((scaled.height - 224) / 2)
    expected = np.asarray(scaled)[top : top + 224, left : left + 224]
    assert np.array_equal(np.asarray(VIEW.of(image)), expected)


def test_an_image_is_turned_upright() -> None:
    image = gradient(60, 40)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    upright = open_image(saved(image, "PNG", exif=exif))
    assert upright.size == (40, 60)
    assert np.array_equal(np.asarray(upright), np.rot90(np.asarray(image), 3))


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "CMYK", "YCbCr"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    kind = {"CMYK": "TIFF", "YCbCr": "TIFF"}.get(mode, "PNG")
    image = open_image(saved(gradient(32, 24).convert("L" if mode == "LA" else mode), kind))
    assert (image.mode, image.size) == ("RGB", (32, 24))


def test_cmyk_photographs_keep_their_colours() -> None:
    red = Image.new("RGB", (64, 64), (220, 30, 30)).convert("CMYK")
    colour = np.asarray(open_image(saved(red, "JPEG"))).reshape(-1, 3).mean(0)
    assert colour[0] > 180 > 80 > colour[1:].max()


def test_a_palette_with_transparency_is_read() -> None:
    image = gradient(16, 16).convert("P")
    assert open_image(saved(image, "PNG", transparency=bytes(range(256)))).mode == "RGB"


def test_sixteen_bits_keep_their_upper_eight() -> None:
    values = (np.arange(64, dtype=np.uint16) * 1024).reshape(8, 8)
    image = open_image(saved(Image.fromarray(values), "PNG"))
    assert np.array_equal(np.asarray(image)[..., 0], values >> 8)


def test_a_floating_point_picture_in_0_to_1_is_stretched_and_one_in_0_to_255_is_not() -> None:
    values = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)
    assert np.asarray(to_rgb(Image.fromarray(values))).max() == 255
    assert np.asarray(to_rgb(Image.fromarray(values * 200))).max() == 200


def test_an_animation_shows_its_first_frame() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert np.asarray(open_image(data))[0, 0].tolist() == [255, 0, 0]


def test_a_single_pixel_is_a_view() -> None:
    assert VIEW.of(gradient(1, 1)).size == (224, 224)


def bomb(width: int, height: int) -> io.BytesIO:
    """A PNG's head that promises this many pixels, with next to nothing behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + body)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [10_000, 30_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(BadImageError, match="too large"):
        open_image(bomb(side, side))


def test_a_thread_of_pixels_is_refused_before_it_is_scaled() -> None:
    with pytest.raises(BadImageError, match="long and narrow"):
        VIEW.of(Image.new("RGB", (1, 30_000)))


def damaged() -> dict[str, bytes]:
    photograph = saved(gradient(300, 200), "JPEG").getvalue()
    return {
        "empty": b"",
        "text": b"these are not pixels",
        "truncated": photograph[: len(photograph) // 2],
        "corrupt": photograph[:200] + b"\xff\xd9" + b"\0" * 400,
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    }


@pytest.mark.parametrize("kind", ["empty", "text", "truncated", "corrupt", "postscript"])
def test_a_damaged_file_is_refused_with_a_reason(kind: str) -> None:
    with pytest.raises(BadImageError) as refusal:
        open_image(io.BytesIO(damaged()[kind]))
    assert str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_gone_is_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(BadImageError, match="No such file"):
        open_image(tmp_path / "gone.jpg")
