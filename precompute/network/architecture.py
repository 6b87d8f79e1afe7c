"""InceptionV1 as data: its layers in order, and what differs between its published trainings.

Everything that reads or draws the network reads this table; `inception.py` builds the module from
it. Layer names are Lucid's and Microscope's. Sources: Szegedy et al. 2014 (arXiv 1409.4842,
table 1), the published graph of inception5h, Caffe's deploy.prototxt, torchvision's googlenet.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Conv:
    """A convolution with bias; `kernel` and `stride` in cells of its input."""

    name: str
    inputs: int
    channels: int
    kernel: int
    stride: int = 1


@dataclass(frozen=True)
class MaxPool:
    """Max pooling between layers."""

    kernel: int = 3
    stride: int = 2


@dataclass(frozen=True)
class ResponseNorm:
    """Local response normalisation: x / (k + alpha / size · Σ x²)^beta over `size` channels."""

    size: int
    alpha: float
    beta: float
    k: float


@dataclass(frozen=True)
class Mixed:
    """An inception module: four branches that read the same input, concatenated in this order."""

    name: str
    inputs: int
    one: int
    three_reduce: int
    three: int
    five_reduce: int
    five: int
    pool: int
    five_kernel: int = 5

    @property
    def channels(self) -> int:
        return self.one + self.three + self.five + self.pool

    @property
    def branches(self) -> tuple[tuple[Conv, ...], ...]:
        """The convolutions of each branch; the last one's first step is a 3×3 pool, stride 1."""
        n, i = self.name, self.inputs
        return (
            (Conv(f"{n}_1x1", i, self.one, 1),),
            (
                Conv(f"{n}_3x3_bottleneck", i, self.three_reduce, 1),
                Conv(f"{n}_3x3", self.three_reduce, self.three, 3),
            ),
            (
                Conv(f"{n}_5x5_bottleneck", i, self.five_reduce, 1),
                Conv(f"{n}_5x5", self.five_reduce, self.five, self.five_kernel),
            ),
            (Conv(f"{n}_pool_reduce", i, self.pool, 1),),
        )


Step = Conv | Mixed | MaxPool | ResponseNorm


@dataclass(frozen=True)
class Normalisation:
    """What the network was trained on: `(image · scale − mean)`, image in RGB 0..1.

    `mean` is in the order of the network's own channels: blue first where `bgr` is set.
    """

    scale: float
    mean: tuple[float, float, float]
    bgr: bool = False


@dataclass(frozen=True)
class Variant:
    """One training of InceptionV1: its steps, its padding, its input, its number of classes."""

    slug: str
    title: str
    steps: tuple[Step, ...]
    normalisation: Normalisation
    classes: int
    same_padding: bool = False
    """TensorFlow's SAME for the actual input size; else symmetric, with ceil-mode pooling."""
    input_size: int = 224
    shorter_side: int = 256

    @property
    def features(self) -> int:
        """Channels of the last layer, which the classifier reads."""
        return [step.channels for step in self.steps if isinstance(step, Conv | Mixed)][-1]

    def convolutions(self) -> Iterator[Conv]:
        """Every convolution, in the order of the network."""
        for step in self.steps:
            if isinstance(step, Conv):
                yield step
            elif isinstance(step, Mixed):
                yield from (conv for branch in step.branches for conv in branch)


def _stem(norm: ResponseNorm | None) -> tuple[Step, ...]:
    norms: tuple[Step, ...] = (norm,) if norm else ()
    return (
        Conv("conv2d0", 3, 64, 7, 2),
        MaxPool(),
        *norms,
        Conv("conv2d1", 64, 64, 1),
        Conv("conv2d2", 64, 192, 3),
        *norms,
        MaxPool(),
    )


def _trunk(
    last_pool: MaxPool, five_kernel: int, mixed4a_three: int, mixed5a_five_reduce: int
) -> tuple[Step, ...]:
    """The nine inception modules: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection."""
    four_a = 192 + mixed4a_three + 48 + 64
    rows: tuple[Step, ...] = (
        Mixed("mixed3a", 192, 64, 96, 128, 16, 32, 32),
        Mixed("mixed3b", 256, 128, 128, 192, 32, 96, 64),
        MaxPool(),
        Mixed("mixed4a", 480, 192, 96, mixed4a_three, 16, 48, 64),
        Mixed("mixed4b", four_a, 160, 112, 224, 24, 64, 64),
        Mixed("mixed4c", 512, 128, 128, 256, 24, 64, 64),
        Mixed("mixed4d", 512, 112, 144, 288, 32, 64, 64),
        Mixed("mixed4e", 528, 256, 160, 320, 32, 128, 128),
        last_pool,
        Mixed("mixed5a", 832, 256, 160, 320, mixed5a_five_reduce, 128, 128),
        Mixed("mixed5b", 832, 384, 192, 384, 48, 128, 128),
    )
    return tuple(
        replace(row, five_kernel=five_kernel) if isinstance(row, Mixed) else row for row in rows
    )


def _steps(
    norm: ResponseNorm | None = None,
    last_pool: MaxPool = MaxPool(),
    five_kernel: int = 5,
    mixed4a_three: int = 208,
    mixed5a_five_reduce: int = 32,
) -> tuple[Step, ...]:
    trunk = _trunk(last_pool, five_kernel, mixed4a_three, mixed5a_five_reduce)
    return _stem(norm) + trunk


def _narrowed(steps: tuple[Step, ...], factor: int) -> tuple[Step, ...]:
    """The same topology with every width divided by `factor`; the picture keeps its 3 colours."""

    def narrow(step: Step) -> Step:
        if isinstance(step, Conv):
            inputs = step.inputs if step.inputs == 3 else step.inputs // factor
            return replace(step, inputs=inputs, channels=step.channels // factor)
        if isinstance(step, Mixed):
            fields = ("inputs", "one", "three_reduce", "three", "five_reduce", "five", "pool")
            return replace(step, **{f: getattr(step, f) // factor for f in fields})
        return step

    return tuple(narrow(step) for step in steps)


# inception5h divides alpha by nothing where PyTorch divides it by the size: 11 · 1e-4.
_LUCID_NORM = ResponseNorm(size=11, alpha=11e-4, beta=0.5, k=2.0)
_CAFFE_NORM = ResponseNorm(size=5, alpha=1e-4, beta=0.75, k=1.0)

VARIANTS: dict[str, Variant] = {
    variant.slug: variant
    for variant in (
        Variant(
            "inceptionv1",
            "InceptionV1 (inception5h)",
            _steps(_LUCID_NORM, mixed4a_three=204, mixed5a_five_reduce=48),
            Normalisation(255.0, (117.0, 117.0, 117.0)),
            classes=1008,
            same_padding=True,
        ),
        Variant(
            "googlenet-bvlc",
            "GoogLeNet (BVLC, Caffe)",
            _steps(_CAFFE_NORM),
            Normalisation(255.0, (104.0, 117.0, 123.0), bgr=True),
            classes=1000,
        ),
        Variant(
            "googlenet-torchvision",
            "GoogLeNet (torchvision)",
            # Its 5×5 branch is 3×3 (pytorch/vision issue 906), its last pool 2×2.
            _steps(last_pool=MaxPool(2, 2), five_kernel=3),
            # ImageNet's normalisation followed by `transform_input` is exactly 2x − 1.
            Normalisation(2.0, (1.0, 1.0, 1.0)),
            classes=1000,
        ),
        Variant(
            "toy",
            "Toy InceptionV1 (drawn images)",
            _narrowed(_steps(), 4),
            Normalisation(2.0, (1.0, 1.0, 1.0)),
            classes=0,  # as many as there are drawn classes: the file says
        ),
    )
}
