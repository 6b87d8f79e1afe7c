"""How good a toy network is: its accuracy on held-out pictures, and how much of it is in use."""

from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor

from precompute.network import LOGITS, Inception
from precompute.stimuli import CLASSES
from precompute.toy.pictures import Pictures

_BATCH = 64


@dataclass(frozen=True)
class Measurement:
    """What a network does with pictures that it has not seen."""

    accuracy: float
    dead: dict[str, float]
    """Per layer, the share of channels that no picture makes fire anywhere."""
    confusions: tuple[tuple[str, str, int], ...]
    """True class, class given, how often; the most frequent first."""


@torch.inference_mode()
def measure(network: Inception, pictures: Pictures) -> Measurement:
    """Runs the network in float32 over the pictures' centre crops."""
    names = [layer.name for layer in network.layers]
    highest: dict[str, Tensor] = {}
    given = []
    for images, _ in pictures.centred(_BATCH):
        found = network(images, layers=names, pre_relu=True)
        given.append(found.pop(LOGITS).argmax(1))
        for name, values in found.items():
            most = values.amax((0, 2, 3))
            highest[name] = torch.maximum(highest.get(name, most), most)
    return _summed_up(torch.cat(given), pictures.labels, highest)


def _summed_up(given: Tensor, truth: Tensor, highest: dict[str, Tensor]) -> Measurement:
    pairs = zip(truth.tolist(), given.tolist(), strict=True)
    wrong = Counter((CLASSES[t].slug, CLASSES[g].slug) for t, g in pairs if t != g)
    return Measurement(
        accuracy=float((given == truth).float().mean()),
        dead={name: float((most <= 0).float().mean()) for name, most in highest.items()},
        confusions=tuple((t, g, n) for (t, g), n in wrong.most_common()),
    )
