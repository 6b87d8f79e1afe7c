"""Trains the toy network on the drawn images, folds its batch norms, and writes its weights.

`python -m precompute.toy.train` takes about 20 minutes of one core, and 3.5 GB of memory.
The same seed on the same machine and number of threads gives the same network.
"""

import argparse
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from precompute.network import LOGITS, Inception
from precompute.network.published_weights import TOY_WEIGHTS
from precompute.stimuli import CLASSES
from precompute.toy.augment import augmentation
from precompute.toy.batch_norm import build, folded, plain
from precompute.toy.evaluate import Measurement, measure
from precompute.toy.pictures import CROP, Pictures, held_out, training

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """Every number that the training depends on."""

    epochs: int = 8
    per_class: int = 200  # 2 GB in memory; fewer are learnt by heart
    held_out_per_class: int = 25
    batch: int = 64
    rate: float = 4e-3  # the highest; one cycle rises to it and falls to nothing
    warm_up: float = 0.15  # share of the steps in which it rises
    decay: float = 0.05
    smoothing: float = 0.05
    seed: int = 0

    @property
    def steps(self) -> int:
        return self.epochs * (self.per_class * len(CLASSES) // self.batch)


def fit(network: Inception, pictures: Pictures, plan: Plan, rng: torch.Generator) -> list[float]:
    """Trains the network in place; returns the loss of every step."""
    network.train()
    optimizer = _optimizer(network, plan)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, plan.rate, total_steps=max(plan.steps, 1), pct_start=plan.warm_up
    )
    losses: list[float] = []
    start = time.monotonic()
    for images, labels in _batches(pictures, plan, rng):
        losses.append(_step(network, optimizer, images, labels, plan.smoothing))
        schedule.step()
        if len(losses) % 25 == 0:
            _report(losses, plan.steps, time.monotonic() - start)
    return losses


def save(file: Path, tensors: dict[str, Tensor], plan: Plan, result: Measurement) -> None:
    """Writes the weights, with what they are and what they reach as the file's metadata."""
    metadata = {
        "variant": "toy",
        "classes": ",".join(entry.slug for entry in CLASSES),
        "held_out_accuracy": f"{result.accuracy:.4f}",
        "held_out_images": str(plan.held_out_per_class * len(CLASSES)),
        "training_images": str(plan.per_class * len(CLASSES)),
        "steps": str(plan.steps),
        "seed": str(plan.seed),
    }
    save_file(tensors, file, metadata)
    file.chmod(0o644)  # safetensors lets its owner alone read it, and this one is shipped
    log.info("wrote %s (%.2f MB)", file, file.stat().st_size / 1e6)


def run(plan: Plan, file: Path) -> Measurement:
    """Draws, trains, folds, measures and writes."""
    rng = torch.Generator().manual_seed(plan.seed)
    network = build(rng)
    fit(network, training(plan.per_class), plan, rng)
    tensors = folded(network)
    result = measure(plain(tensors), held_out(plan.held_out_per_class))
    _tell(result)
    save(file, tensors, plan, result)
    return result


def _optimizer(network: Inception, plan: Plan) -> torch.optim.Optimizer:
    """AdamW; only kernels decay, for a batch norm's scale that decays makes dead channels."""
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [
        {"params": kernels, "weight_decay": plan.decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=plan.rate)


def _batches(
    pictures: Pictures, plan: Plan, rng: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    change = augmentation(rng, CROP)
    for _ in range(plan.epochs):
        for images, labels in pictures.shuffled(plan.batch, rng):
            yield change(images, rng), labels


def _step(
    network: Inception,
    optimizer: torch.optim.Optimizer,
    images: Tensor,
    labels: Tensor,
    smoothing: float,
) -> float:
    # bfloat16 takes two thirds of float32's time on CPUs that have it.
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = network(images)[LOGITS]
    loss = nn.functional.cross_entropy(logits.float(), labels, label_smoothing=smoothing)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return float(loss.detach())


def _report(losses: list[float], steps: int, seconds: float) -> None:
    recent = sum(losses[-25:]) / 25
    left = seconds / len(losses) * (steps - len(losses))
    log.info("step %d of %d · loss %.3f · %.0f s left", len(losses), steps, recent, left)


def _tell(result: Measurement) -> None:
    log.info("held-out accuracy %.2f %%", 100.0 * result.accuracy)
    for name, share in result.dead.items():
        log.info("%s: %.1f %% of its channels never fire", name, 100.0 * share)
    for truth, given, times in result.confusions[:10]:
        log.info("%s taken for %s: %d", truth, given, times)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m precompute.toy.train", description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=TOY_WEIGHTS, help="the safetensors file to write"
    )
    parser.add_argument("--epochs", type=int, default=Plan.epochs)
    parser.add_argument("--per-class", type=int, default=Plan.per_class, help="training pictures")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    # One core alone takes 20 minutes. With two, each waits for the other in every layer, and where
    # a third program wants one of them, training takes ten times as long.
    parser.add_argument("--threads", type=int, default=1, help="more only on an idle machine")
    return parser.parse_args()


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    plan = Plan(epochs=arguments.epochs, per_class=arguments.per_class, seed=arguments.seed)
    run(plan, arguments.out)


if __name__ == "__main__":
    main()
