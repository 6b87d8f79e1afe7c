"""The fields hold what their parameters say: measured from the pixels, by other means."""

import inspect
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.stimuli import periodic, radial, shapes, texture
from precompute.stimuli.grid import Field, axes, cover, square_wave

SIZE = 256


def spectral_peak(field: Field) -> tuple[float, float]:
    """Angle (degrees, 0..180, y up) and wavelength (sides) of the strongest component."""
    padded = 2048  # the transform's steps are an eighth of a period per side
    size = len(field)
    window = np.hanning(size)[:, None] * np.hanning(size)[None, :]
    power = np.abs(np.fft.fft2((field - field.mean()) * window, (padded, padded)))
    row, column = np.unravel_index(int(power.argmax()), power.shape)
    frequencies = np.fft.fftfreq(padded, d=1.0 / size)
    # Rows run downward: a frequency along them points the other way than y.
    right, up = frequencies[column], -frequencies[row]
    return math.degrees(math.atan2(up, right)) % 180.0, 1.0 / math.hypot(right, up)


def apart(one: float, other: float, period: float = 180.0) -> float:
    return abs((one - other + period / 2) % period - period / 2)


def pixels_of(field: Field) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the pixels that are more inside than outside, counted from rows and columns."""
    rows, columns = np.nonzero(field > 0.5)
    size = len(field)
    return (columns + 0.5) / size - 0.5, 0.5 - (rows + 0.5) / size


def fitted_circle(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Centre and radius of the circle nearest to points, by linear least squares."""
    system = np.stack([x, y, np.ones_like(x)], axis=1)
    (a, b, c), *_ = np.linalg.lstsq(system, x**2 + y**2, rcond=None)
    return a / 2, b / 2, math.sqrt(c + (a / 2) ** 2 + (b / 2) ** 2)


@settings(deadline=None, max_examples=25)
@given(angle=st.floats(0.0, 180.0), wavelength=st.floats(0.03, 0.15), phase=st.floats(0.0, 1.0))
def test_a_gratings_energy_lies_at_its_angle_and_wavelength(
    angle: float, wavelength: float, phase: float
) -> None:
    found_angle, found_wavelength = spectral_peak(periodic.grating(SIZE, angle, wavelength, phase))
    assert apart(found_angle, angle) < 1.5
    assert found_wavelength == pytest.approx(wavelength, rel=0.03)


@pytest.mark.parametrize("size", [64, 128, 512])
def test_a_grating_looks_alike_at_any_size(size: int) -> None:
    angle, wavelength = spectral_peak(periodic.grating(size, 30.0, 0.1))
    assert apart(angle, 30.0) < 1.5
    assert wavelength == pytest.approx(0.1, rel=0.03)


def test_a_gratings_crest_passes_through_the_centre_at_phase_zero() -> None:
    field = periodic.grating(255, 70.0, 0.1)
    assert field[127, 127] == pytest.approx(1.0)


def test_the_fine_and_the_hard_stripes_keep_their_mean() -> None:
    for field in (periodic.grating(SIZE, 0.0, 1 / 8), periodic.checkerboard(SIZE, 1 / 8, 0.0)):
        assert float(field.mean()) == pytest.approx(0.5, abs=1e-3)


def test_four_squares_of_a_checkerboard_meet_at_its_centre() -> None:
    field = periodic.checkerboard(SIZE, 0.25, 0.0)
    near = field[[120, 120, 136, 136], [120, 136, 120, 136]]
    np.testing.assert_allclose(near, [0.0, 1.0, 1.0, 0.0], atol=1e-6)


@settings(deadline=None, max_examples=20)
@given(
    pitch=st.floats(0.1, 0.2),
    arms=st.integers(1, 3),
    hand=st.sampled_from([1, -1]),
    phase=st.floats(0.0, 1.0),
)
def test_a_spirals_arms_turn_the_way_its_hand_says(
    pitch: float, arms: int, hand: int, phase: float
) -> None:
    field = radial.spiral(SIZE, pitch, hand, arms, phase=phase)
    turns = np.linspace(0.0, 2 * math.pi, 720, endpoint=False)

    def around(radius: float) -> np.complex128:
        columns = ((radius * np.cos(turns) + 0.5) * SIZE).astype(int)
        rows = ((0.5 - radius * np.sin(turns)) * SIZE).astype(int)
        return np.complex128(np.fft.fft(field[rows, columns])[arms])

    # One eighth of the pitch further out, a crest has moved by an eighth of its period.
    moved = np.angle(around(0.3) / around(0.3 + pitch / 8))
    assert np.sign(moved) == hand
    assert abs(moved) == pytest.approx(2 * math.pi / 8, abs=0.15)


def test_the_two_hands_are_mirror_images() -> None:
    left, right = (radial.spiral(SIZE, 0.12, hand, 2) for hand in (1, -1))
    np.testing.assert_allclose(left[::-1], right, atol=1e-4)


def test_a_spiral_has_a_left_or_a_right_hand() -> None:
    with pytest.raises(ValueError, match="hand"):
        radial.spiral(SIZE, 0.12, 0)


@settings(deadline=None, max_examples=20)
@given(
    radius=st.floats(0.1, 0.35),
    width=st.floats(0.02, 0.06),
    x=st.floats(-0.1, 0.1),
    y=st.floats(-0.1, 0.1),
)
def test_a_rings_radius_and_width_are_those_of_its_pixels(
    radius: float, width: float, x: float, y: float
) -> None:
    field = shapes.ring(SIZE, radius, width, (x, y))
    found_x, found_y, found_radius = fitted_circle(*pixels_of(field))
    assert (found_x, found_y) == pytest.approx((x, y), abs=0.003)
    assert found_radius == pytest.approx(radius, abs=0.004)
    assert float(field.mean()) == pytest.approx(2 * math.pi * radius * width, rel=0.02)


@settings(deadline=None, max_examples=20)
@given(
    radius=st.floats(0.08, 0.36),
    orientation=st.floats(0.0, 360.0),
    x=st.floats(-0.1, 0.1),
    y=st.floats(-0.1, 0.1),
)
def test_a_curve_has_its_radius_and_bulges_its_way(
    radius: float, orientation: float, x: float, y: float
) -> None:
    span, width = 110.0, 0.02
    field = shapes.curve(SIZE, radius, orientation, span, width, (x, y))
    back = np.radians(orientation + 180.0)
    across, up = pixels_of(field)
    # Seen from where the circle's centre must be, the stroke lies at one distance ...
    across, up = across - x - radius * np.cos(back), up - y - radius * np.sin(back)
    assert float(np.abs(np.hypot(across, up) - radius).max()) < width / 2 + 1 / SIZE
    # ... to both sides of its orientation, half of the span and a round end away.
    bearing = (np.degrees(np.arctan2(up, across)) - orientation + 180.0) % 360.0 - 180.0
    reach = span / 2 + math.degrees(width / 2 / radius)
    margin = math.degrees(1.5 / SIZE / radius)
    assert float(bearing.max()) == pytest.approx(reach, abs=margin)
    assert float(bearing.min()) == pytest.approx(-reach, abs=margin)


@pytest.mark.parametrize(("corners", "area"), [(3, 1.299), (4, 2.0), (6, 2.598)])
def test_a_polygon_has_its_area(corners: int, area: float) -> None:
    field = shapes.polygon(SIZE, corners, 0.3, 17.0)
    assert float(field.mean()) == pytest.approx(area * 0.3**2, rel=0.01)


def test_a_polygons_first_corner_lies_at_its_angle() -> None:
    x, y = pixels_of(shapes.polygon(SIZE, 3, 0.35, 90.0))
    assert float(y.max()) == pytest.approx(0.35, abs=0.02)
    assert abs(float(x[y.argmax()])) < 0.01


def test_a_star_reaches_its_tips_and_its_notches() -> None:
    field = shapes.star(SIZE, 5, 0.4, 0.16, 90.0)
    x, y = pixels_of(field)
    assert float(np.hypot(x, y).max()) == pytest.approx(0.4, abs=0.02)
    # Five pairs of triangles between a tip and a notch.
    area = 5 * 0.4 * 0.16 * math.sin(math.pi / 5)
    assert float(field.mean()) == pytest.approx(area, rel=0.01)


def test_a_cross_covers_two_bars() -> None:
    field = shapes.cross(SIZE, 0.5, 0.1, 20.0)
    assert float(field.mean()) == pytest.approx(2 * 0.5 * 0.1 - 0.1**2, rel=0.01)


def test_a_corner_points_its_way() -> None:
    x, y = pixels_of(shapes.corner(SIZE, 90.0, 90.0, 0.3))
    assert abs(float(x.mean())) < 0.01
    assert float(y.max()) == pytest.approx(0.015, abs=0.01)
    assert float(y.min()) == pytest.approx(-0.3 / math.sqrt(2), abs=0.02)


def test_dots_and_cells_cover_what_their_lattices_say() -> None:
    square = periodic.dot_lattice(SIZE, 1 / 16, 0.02, 0.0)
    assert float(square.mean()) == pytest.approx(math.pi * 0.02**2 * 16**2, rel=0.02)
    cell = math.sqrt(3) / 2 * (1 / 16) ** 2
    polka = periodic.polka_dots(SIZE, 1 / 16, 0.02, 10.0)
    assert float(polka.mean()) == pytest.approx(math.pi * 0.02**2 / cell, rel=0.02)


def test_bricks_are_parted_by_mortar() -> None:
    field = periodic.bricks(SIZE, 1 / 4, 1 / 8, 1 / 64, 0.0)
    assert float(field.mean()) == pytest.approx((15 / 16) * (7 / 8), rel=0.01)


@pytest.mark.parametrize("grain", [0.02, 0.06, 0.2])
def test_noise_has_its_energy_around_its_grain(grain: float) -> None:
    field = texture.noise(SIZE, grain, np.random.default_rng(3))
    power = np.abs(np.fft.fft2(field - field.mean())) ** 2
    line = np.fft.fftfreq(SIZE, d=1 / SIZE)
    frequency = np.maximum(np.hypot(line[None, :], line[:, None]), 1e-9)
    middle = float((power * np.log2(frequency)).sum() / power.sum())
    assert 2.0**-middle == pytest.approx(grain, rel=0.25)


def test_scattered_dots_keep_their_distance_and_their_area() -> None:
    points = texture.apart(20, 0.12, np.random.default_rng(5))
    gaps = [math.dist(a, b) for i, a in enumerate(points) for b in points[:i]]
    assert min(gaps) >= 0.12
    inner = [point for point in points if max(map(abs, point)) < 0.45]
    field = texture.scattered(SIZE, inner, 0.03)
    assert float(field.mean()) == pytest.approx(len(inner) * math.pi * 0.03**2, rel=0.02)


def test_the_grid_counts_from_the_centre_with_y_upward() -> None:
    x, y = axes(4)
    np.testing.assert_allclose(x[0], [-0.375, -0.125, 0.125, 0.375])
    np.testing.assert_allclose(y[:, 0], [0.375, 0.125, -0.125, -0.375])


def test_edges_are_one_pixel_wide() -> None:
    line = np.linspace(-0.1, 0.1, 2001, dtype=np.float32)
    inside = cover(line, 100)
    assert float(((inside > 0) & (inside < 1)).mean()) * 0.2 == pytest.approx(0.01, rel=0.03)
    wave = square_wave(line / 0.4, 0.4, 100)
    assert float((np.abs(wave) < 1).mean()) * 0.2 == pytest.approx(0.01, rel=0.03)


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 px"):
        axes(0)


def test_every_public_field_is_documented() -> None:
    for module in (periodic, radial, shapes, texture):
        own = [f for f in vars(module).values() if getattr(f, "__module__", "") == module.__name__]
        assert all(inspect.getdoc(function) for function in own)


def test_a_ramp_rises_over_its_length_around_its_offset() -> None:
    field = shapes.ramp(SIZE, 0.0, 0.5, 0.1)
    x = axes(SIZE)[0]
    rising = (field > 0) & (field < 1)
    assert float(x[rising].min()) == pytest.approx(-0.15, abs=1 / SIZE)
    assert float(x[rising].max()) == pytest.approx(0.35, abs=1 / SIZE)
