"""Lucent as its users have it: run in its own environment by `benchmarks.render`.

    python lucent_worker.py WEIGHTS THREADS OUT LAYER:UNIT …

The network is the plain PyTorch one that people write: `nn.LocalResponseNorm`, float32, its whole
forward pass, weights that require gradients. Prints a line of JSON for each unit and keeps its
picture as `OUT/LAYER-UNIT.npy`, `[h, w, 3]`, RGB in 0..1. Importing is not timed.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from lucent.optvis import objectives, render
from plain import GoogLeNet
from safetensors.torch import load_file


def main() -> None:
    weights, threads, out, *units = sys.argv[1:]
    torch.set_num_threads(int(threads))
    network = GoogLeNet(load_file(weights)).eval()
    for address in units:
        layer, _, unit = address.partition(":")
        seed_everything(int(unit))
        begun = time.perf_counter()
        images = render.render_vis(
            network, objectives.channel(layer, int(unit)), preprocess=False, progress=False,
            show_image=False,
        )  # fmt: skip
        seconds = time.perf_counter() - begun
        np.save(Path(out) / f"{layer}-{unit}.npy", images[-1][0])
        sys.stdout.write(json.dumps({"unit": address, "seconds": seconds}) + "\n")
        sys.stdout.flush()


def seed_everything(seed: int) -> None:
    """Lucent draws from three global generators."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


if __name__ == "__main__":
    main()
