"""What a training picture suffers: other light, a slight tint, and noise of every scale.

The noise is there for what is asked of the network later: pictures are optimised from noise whose
spectrum falls as 1/f, and a network that has only seen clean drawings gives them no direction.
It stays weaker than the patterns of the noise classes. Nothing mirrors, turns or scales.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

# What one knows a picture by is left alone: brighter or darker by a sixth, a little tinted.
_GAIN, _TINT, _OFFSET = 0.16, 0.04, 0.06
# Standard deviation of the noise at most; it is squared in probability, so most get little.
_NOISE = 0.09
# The colours of the noise, as a share of its lightness.
_COLOUR = 0.4
# Exponents of the noise's amplitude over frequency: white, between, and natural images' 1/f.
_SLOPES = (0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Augmentation:
    """Changes batches of images; `fields` `[m, size, size]` are noises of unit deviation.

    Drawing new noise for each batch would take as long as the network itself; any two fields
    mixed in any strength are new enough.
    """

    fields: Tensor

    def __call__(self, images: Tensor, rng: torch.Generator) -> Tensor:
        """Images `[n, 3, size, size]`, 0..1 before and after."""
        return (lit(images, rng) + self._noise(len(images), rng)).clamp_(0.0, 1.0)

    def _noise(self, n: int, rng: torch.Generator) -> Tensor:
        chosen = torch.randint(0, len(self.fields), (n, 4), generator=rng)
        strength = _NOISE * torch.rand(n, 1, 1, 1, generator=rng) ** 2
        light, colours = self.fields[chosen[:, :1]], self.fields[chosen[:, 1:]]
        return strength * (light + _COLOUR * colours)


def augmentation(rng: torch.Generator, size: int, fields: int = 48) -> Augmentation:
    """An augmentation for images of `size` pixels, with that many fields of noise."""
    noises = [_noise_field(size, _SLOPES[i % len(_SLOPES)], rng) for i in range(fields)]
    return Augmentation(torch.stack(noises))


def lit(images: Tensor, rng: torch.Generator) -> Tensor:
    """Each image `[n, 3, h, w]` a little brighter or darker and tinted; it may leave 0..1."""

    def spread(channels: int, amount: float) -> Tensor:
        return amount * (2.0 * torch.rand(len(images), channels, 1, 1, generator=rng) - 1.0)

    gain = 1.0 + spread(1, _GAIN) + spread(3, _TINT)
    return images * gain + spread(1, _OFFSET)


def _noise_field(size: int, slope: float, rng: torch.Generator) -> Tensor:
    """Noise `[size, size]` whose amplitude falls as frequency to the power of -`slope`."""
    spectrum = torch.fft.rfft2(torch.randn(size, size, generator=rng))
    frequency = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None, :])
    frequency[0, 0] = 1.0
    spectrum = spectrum / frequency**slope
    spectrum[0, 0] = 0.0  # no mean: that is the light's affair
    field: Tensor = torch.fft.irfft2(spectrum, s=(size, size))
    scaled: Tensor = field / field.std()
    return scaled
