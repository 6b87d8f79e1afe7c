"""Pictures to bytes and back."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from precompute.render.picture import Encoding, encode, from_uint8, media_type, to_uint8
from precompute.render.seeding import generator

AVIF = Encoding()


def image(width: int, height: int, smooth: int = 1) -> Image.Image:
    """Random colours, `smooth` pixels wide."""
    shape = (1, 3, -(-height // smooth), -(-width // smooth))
    (small,) = to_uint8(torch.rand(shape, generator=generator("image", width, height)))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def error(data: bytes, original: Image.Image) -> float:
    """The root of the mean square, in grey values."""
    pair = [
        np.asarray(picture.convert("RGB"), dtype=float) for picture in (decoded(data), original)
    ]
    return float(np.sqrt(((pair[0] - pair[1]) ** 2).mean()))


def test_pictures_and_tensors_convert_there_and_back() -> None:
    values = torch.arange(256).float().div(255).view(1, 1, 16, 16).expand(1, 3, 16, 16)
    (image,) = to_uint8(values)
    assert torch.equal(from_uint8([image]), values)


def test_values_are_rounded_to_the_nearest_and_bounded() -> None:
    values = torch.tensor([-0.5, 0.49 / 255, 0.51 / 255, 254.49 / 255, 254.51 / 255, 1.5])
    (image,) = to_uint8(values.view(1, 1, 1, 6).expand(1, 3, 1, 6))
    assert np.asarray(image)[0, :, 0].tolist() == [0, 0, 1, 254, 255, 255]


def test_a_pixel_keeps_its_place_and_its_colour() -> None:
    values = torch.zeros(2, 3, 4, 5)
    values[1, 0, 1, 3], values[1, 2, 2, 0] = 1.0, 1.0
    first, second = to_uint8(values)
    assert first.getcolors() == [(20, (0, 0, 0))]
    assert second.size == (5, 4)
    assert second.getpixel((3, 1)) == (255, 0, 0)
    assert second.getpixel((0, 2)) == (0, 0, 255)
    assert torch.equal(from_uint8([first, second]), values)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(st.integers(1, 96), st.integers(1, 96))
def test_a_small_picture_loses_nothing(width: int, height: int) -> None:
    original = image(width, height)
    data = encode(original, AVIF)
    assert decoded(data).format == "WEBP"
    assert media_type(original.size, AVIF) == "image/webp"
    assert decoded(data).convert("RGB").tobytes() == original.tobytes()


@pytest.mark.parametrize("size", [(97, 97), (97, 20), (20, 97), (128, 128), (224, 224)])
def test_a_large_picture_is_an_avif_that_looks_the_same(size: tuple[int, int]) -> None:
    original = image(*size, smooth=8)
    data = encode(original, AVIF)
    assert decoded(data).format == "AVIF"
    assert decoded(data).size == size
    assert media_type(size, AVIF) == "image/avif"
    assert error(data, original) < 4
    assert len(data) < size[0] * size[1]


def test_colour_keeps_its_full_resolution() -> None:
    """Columns of red and green of one brightness: at half the resolution they would be one."""
    columns = np.zeros((128, 128, 3), dtype=np.uint8)
    columns[:, ::2], columns[:, 1::2] = (200, 40, 90), (40, 121, 90)
    back = np.asarray(decoded(encode(Image.fromarray(columns), AVIF)).convert("RGB"), dtype=float)
    contrast = abs(back[:, ::2].mean((0, 1)) - back[:, 1::2].mean((0, 1)))
    assert contrast[0] > 120
    assert contrast[1] > 60


def test_the_same_picture_has_the_same_bytes() -> None:
    original = image(160, 160, smooth=4)
    assert encode(original, AVIF) == encode(original, AVIF)


@pytest.mark.parametrize("kind", ["image/avif", "image/webp"])
def test_more_quality_takes_more_bytes_and_is_nearer(kind: str) -> None:
    original = image(128, 128, smooth=4)
    low, high = (encode(original, Encoding(kind, quality)) for quality in (40, 90))
    assert len(low) < len(high)
    assert error(high, original) < error(low, original)


def test_webp_can_be_asked_for() -> None:
    webp = Encoding("image/webp", 90, 4)
    data = encode(image(128, 128, smooth=8), webp)
    assert decoded(data).format == "WEBP"
    assert media_type((128, 128), webp) == "image/webp"
    assert error(data, image(128, 128, smooth=8)) > 0


def test_the_side_up_to_which_nothing_is_lost_can_be_set() -> None:
    original = image(128, 128)
    assert error(encode(original, Encoding(lossless_side=128)), original) == 0
    assert decoded(encode(image(32, 32), Encoding(lossless_side=16))).format == "AVIF"
