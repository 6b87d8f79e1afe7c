"""Pictures are the same everywhere, differ where they should, and say what their class says."""

import hashlib
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.stimuli import CLASSES, StimulusClass, draw, find
from precompute.stimuli.color import RED, near_pair, srgb

SLUGS = [entry.slug for entry in CLASSES]

_DIGEST = """
import hashlib
from precompute.stimuli import CLASSES, draw
print(hashlib.sha256(b"".join(draw(c, 7, 64).tobytes() for c in CLASSES)).hexdigest())
"""


def test_another_process_draws_the_same_bytes() -> None:
    here = hashlib.sha256(b"".join(draw(c, 7, 64).tobytes() for c in CLASSES)).hexdigest()
    command = [sys.executable, "-c", _DIGEST]
    there = subprocess.run(command, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


@settings(deadline=None, max_examples=60)
@given(
    slug=st.sampled_from(SLUGS),
    seed=st.integers(0, 2**40),
    size=st.sampled_from([32, 33, 64, 100]),
)
def test_any_seed_and_size_gives_a_picture(slug: str, seed: int, size: int) -> None:
    picture = draw(slug, seed, size)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.uint8
    assert np.array_equal(picture, draw(find(slug), seed, size))


@pytest.mark.parametrize("entry", CLASSES, ids=SLUGS)
def test_a_field_is_float32_from_zero_to_one(entry: StimulusClass) -> None:
    for seed in range(3):
        field = entry.draw(96, np.random.default_rng(seed))
        assert field.dtype == np.float32
        assert field.shape == (96, 96)
        assert field.min() >= 0.0
        assert field.max() <= 1.0


def test_seeds_and_classes_give_different_pictures() -> None:
    digests = {draw(slug, seed, 64).tobytes() for slug in SLUGS for seed in range(3)}
    assert len(digests) == 3 * len(SLUGS)


def test_there_are_at_least_forty_classes_with_names_of_their_own() -> None:
    assert len(CLASSES) >= 40
    assert len(set(SLUGS)) == len({entry.title for entry in CLASSES}) == len(CLASSES)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) for slug in SLUGS)


def test_the_figure_stands_out_from_the_ground() -> None:
    for slug in SLUGS:
        spread = draw(slug, 11, 128).astype(np.float32).std((0, 1)).max()
        assert spread > 5.0 or slug == "plain", slug


@pytest.mark.parametrize("angle", [0.0, 22.5, 45.0, 67.5, 90.0, 112.5, 135.0, 157.5])
def test_a_gratings_class_keeps_its_angle_in_colour(angle: float) -> None:
    for seed in range(8):
        picture = draw(f"grating-{int(angle):03d}", seed).astype(np.float64)
        channel = picture[:, :, int(picture.std((0, 1)).argmax())]
        power = np.abs(np.fft.fft2(channel - channel.mean())) ** 2
        power[:3, :3] = power[-2:, :3] = power[:3, -2:] = power[-2:, -2:] = 0.0  # shading
        row, column = np.unravel_index(int(power.argmax()), power.shape)
        line = np.fft.fftfreq(len(channel))
        found = np.degrees(np.arctan2(-line[row], line[column])) % 180.0
        assert abs((found - angle + 90.0) % 180.0 - 90.0) < 8.0


def test_a_class_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(KeyError, match="grating-045"):
        draw("zebra", 0)


def test_grey_has_equal_channels_and_the_ends_are_black_and_white() -> None:
    np.testing.assert_allclose(srgb(0.0, 0.0, 0.0), 0.0, atol=1e-6)
    np.testing.assert_allclose(srgb(1.0, 0.0, 0.0), 1.0, atol=1e-4)
    assert float(np.ptp(srgb(0.6, 0.0, 123.0))) < 1e-4


def test_srgbs_red_is_found_where_its_author_puts_it() -> None:
    # OKLab of #ff0000 by the paper's own converter: L 0.6280, C 0.2577, h 29.23°.
    np.testing.assert_allclose(srgb(0.6280, 0.2577, 29.23), [1.0, 0.0, 0.0], atol=0.01)


def test_a_colour_pair_stays_near_its_colours() -> None:
    for seed in range(20):
        first, _ = near_pair((RED, RED), np.random.default_rng(seed))
        assert first.argmax() == 0
        assert first[0] > first[1] + 0.3
