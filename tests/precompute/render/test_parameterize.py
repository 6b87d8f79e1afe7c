"""The Fourier parameterisation and its colours against NumPy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from precompute.render.parameterize import COLOUR_COVARIANCE_ROOT, Fourier, from_rgb, to_rgb
from precompute.render.seeding import generator

CPU = torch.device("cpu")
SIDES = st.integers(4, 48)
Array = npt.NDArray[np.float64]


def colours_in_numpy(spectrum: Array, size: int, decay: float = 1.4, divisor: float = 4.0) -> Array:
    """Each frequency over its distance from zero to the power of `decay`, then transformed."""
    y = np.fft.fftfreq(size)[:, None]
    x = np.fft.rfftfreq(size)[None, :]
    scale = 1 / np.maximum(np.hypot(x, y), 1 / size) ** decay
    complex_spectrum = (spectrum[..., 0] + 1j * spectrum[..., 1]) * scale
    # NumPy's inverse divides by the number of pixels; orthonormal divides by its root.
    pixels: Array = np.fft.irfft2(complex_spectrum, s=(size, size)) * size / divisor
    return pixels


def rgb_in_numpy(colours: Array) -> Array:
    """Lucid's: mixed by the covariance's root over its largest column, then squashed."""
    root = np.array(COLOUR_COVARIANCE_ROOT)
    matrix = root / np.linalg.norm(root, axis=0).max()
    squashed: Array = 1 / (1 + np.exp(-np.einsum("dc,nchw->ndhw", matrix, colours)))
    return squashed


def spectra(size: int, count: int = 2) -> Tensor:
    chance = generator("spectrum", size)
    return torch.randn(count, 3, size, size // 2 + 1, 2, generator=chance)


@settings(deadline=None, max_examples=30, derandomize=True)
@given(SIDES, st.sampled_from([0.0, 1.0, 1.3, 2.0]), st.sampled_from([1.0, 4.0]))
def test_a_spectrum_becomes_the_colours_that_numpy_makes_of_it(
    size: int, decay: float, divisor: float
) -> None:
    spectrum = spectra(size)
    ours = Fourier(size, decay=decay, divisor=divisor).colours(spectrum).numpy()
    wanted = colours_in_numpy(spectrum.double().numpy(), size, decay, divisor)
    assert ours.shape == (2, 3, size, size)
    np.testing.assert_allclose(ours, wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("size", [32, 48, 128])
def test_a_spectrum_becomes_the_picture_that_numpy_makes_of_it(size: int) -> None:
    spectrum = 0.05 * spectra(size)
    ours = Fourier(size).picture(spectrum).numpy()
    assert ours.std() > 0.01
    wanted = rgb_in_numpy(colours_in_numpy(spectrum.double().numpy(), size))
    np.testing.assert_allclose(ours, wanted, atol=2e-5)


@settings(deadline=None, max_examples=30, derandomize=True)
@given(SIDES, st.sampled_from([1.0, 1.3]))
def test_the_spectrum_of_colours_becomes_these_colours_again(size: int, decay: float) -> None:
    fourier = Fourier(size, decay=decay)
    colours = torch.randn(2, 3, size, size, generator=generator("colours", size))
    spectrum = fourier.spectrum(colours)
    assert spectrum.shape == (2, 3, size, size // 2 + 1, 2)
    torch.testing.assert_close(fourier.colours(spectrum), colours, atol=2e-5, rtol=0)


@settings(deadline=None, max_examples=30, derandomize=True)
@given(SIDES)
def test_the_colours_of_a_spectrum_have_that_spectrum_again(size: int) -> None:
    """All of it but the columns in which a real picture's spectrum is its own mirror image."""
    fourier, spectrum = Fourier(size), spectra(size)
    again = fourier.spectrum(fourier.colours(spectrum))
    free = (..., slice(1, (size + 1) // 2), slice(None))
    torch.testing.assert_close(again[free], spectrum[free], atol=1e-3, rtol=0)


def test_one_frequency_becomes_one_wave() -> None:
    size, cycles = 64, 5
    spectrum = torch.zeros(1, 3, size, size // 2 + 1, 2)
    spectrum[0, 0, 0, cycles, 0] = 10.0
    picture = Fourier(size).picture(spectrum)[0, 0]
    energy = torch.fft.rfft2(picture - picture.mean()).abs()
    assert divmod(int(energy.argmax()), energy.shape[1]) == (0, cycles)


def test_an_empty_spectrum_is_grey() -> None:
    picture = Fourier(32).picture(torch.zeros(1, 3, 32, 17, 2))
    assert torch.equal(picture, torch.full((1, 3, 32, 32), 0.5))


def test_the_noise_has_the_stated_deviation_and_is_each_generators_own() -> None:
    noise = Fourier(64).start([generator(0, "mixed4c", unit) for unit in (1, 2)], CPU)
    assert noise.std().item() == pytest.approx(0.01, rel=0.05)
    assert not torch.equal(noise[0], noise[1])
    again = Fourier(64).start([generator(0, "mixed4c", 2)], CPU)
    assert torch.equal(noise[1], again[0])


@pytest.mark.parametrize("spread", [0.1, 1.0, 5.0])
def test_colours_become_the_rgb_that_numpy_makes_of_them(spread: float) -> None:
    colours = spread * torch.randn(2, 3, 5, 7, generator=generator("colours"))
    wanted = rgb_in_numpy(colours.double().numpy())
    np.testing.assert_allclose(to_rgb(colours).numpy(), wanted, atol=1e-6)


@settings(deadline=None, max_examples=30, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 9))
def test_a_pictures_colours_are_that_picture_again(seed: int, height: int, width: int) -> None:
    picture = torch.rand(1, 3, height, width, generator=generator("picture", seed))
    inside = picture * (1 - 2 / 512) + 1 / 512
    torch.testing.assert_close(to_rgb(from_rgb(inside)), inside, atol=2e-5, rtol=0)


def test_black_and_white_become_finite_colours_within_a_512th() -> None:
    extremes = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2).expand(1, 3, 1, 2)
    colours = from_rgb(extremes)
    assert colours.isfinite().all()
    torch.testing.assert_close(to_rgb(colours), extremes, atol=1 / 512 + 1e-5, rtol=0)


def test_a_picture_taken_apart_and_put_together_is_the_same_to_half_a_grey_value() -> None:
    pixels = torch.randint(0, 256, (1, 3, 48, 48), generator=generator("pixels"))
    picture, fourier = pixels.clamp(1, 254) / 255, Fourier(48)
    again = fourier.picture(fourier.spectrum(from_rgb(picture)))
    assert (again - picture).abs().max() < 0.5 / 255


def test_generators_differ_by_every_name() -> None:
    names: list[tuple[int | str, ...]] = [(0, 1), (1, 0), (0, "1x"), (0, 11), (0,)]
    assert len({generator(*each).initial_seed() for each in names}) == len(names)
    assert generator(0, "a", 1).initial_seed() == generator(0, "a", 1).initial_seed()
