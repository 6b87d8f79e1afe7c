"""The Fourier parameterisation and its colours against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from precompute.render.parameterize import COLOUR_COVARIANCE_ROOT, Fourier, to_rgb
from precompute.render.randomness import generator

CPU = torch.device("cpu")


def in_numpy(spectrum: np.ndarray, size: int) -> np.ndarray:
    """Lucid's recipe, written out: scale the frequencies, transform, mix the colours, squash."""
    y = np.fft.fftfreq(size)[:, None]
    x = np.fft.rfftfreq(size)[None, :]
    scale = 1 / np.maximum(np.hypot(x, y), 1 / size)
    complex_spectrum = (spectrum[..., 0] + 1j * spectrum[..., 1]) * scale
    # NumPy's inverse divides by the number of pixels; orthonormal divides by its root.
    pixels = np.fft.irfft2(complex_spectrum, s=(size, size)) * size / 4
    root = np.array(COLOUR_COVARIANCE_ROOT)
    matrix = root / np.linalg.norm(root, axis=0).max()
    mixed = np.einsum("dc,nchw->ndhw", matrix, pixels)
    squashed: np.ndarray = 1 / (1 + np.exp(-mixed))
    return squashed


@pytest.mark.parametrize("size", [32, 48, 128])
def test_a_spectrum_becomes_the_picture_that_numpy_makes_of_it(size: int) -> None:
    fourier = Fourier(size)
    spectrum = torch.randn(2, 3, size, size // 2 + 1, 2, generator=generator("spectrum", size))
    ours = fourier.picture(spectrum).numpy()
    assert ours.std() > 0.01
    np.testing.assert_allclose(ours, in_numpy(spectrum.double().numpy(), size), atol=2e-5)


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


def test_colours_are_mixed_by_the_covariance_of_natural_images() -> None:
    one = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)
    red, green, blue = torch.logit(to_rgb(one)).flatten().tolist()
    largest = np.linalg.norm(np.array(COLOUR_COVARIANCE_ROOT), axis=0).max()
    assert (red, green, blue) == pytest.approx(tuple(np.array([0.26, 0.27, 0.27]) / largest))


def test_generators_differ_by_every_name() -> None:
    names: list[tuple[int | str, ...]] = [(0, 1), (1, 0), (0, "1x"), (0, 11), (0,)]
    assert len({generator(*each).initial_seed() for each in names}) == len(names)
    assert generator(0, "a", 1).initial_seed() == generator(0, "a", 1).initial_seed()
