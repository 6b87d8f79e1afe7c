"""The algebra of objectives: numbers per picture that add, multiply and print themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from precompute.render.objective import Activations, Constant, Objective, as_objective

FINITE = st.floats(-1e3, 1e3)
PER_PICTURE = st.lists(FINITE, min_size=3, max_size=3)


@dataclass(frozen=True)
class Read(Objective):
    """What a layer holds of each picture, as it is."""

    layer: str

    @property
    def layers(self) -> frozenset[str]:
        return frozenset((self.layer,))

    def __call__(self, activations: Activations) -> Tensor:
        return activations[self.layer]

    def __str__(self) -> str:
        return self.layer


A, B = Read("a"), Read("b")

# What is written with objectives must be what it means for numbers.
EXPRESSIONS: dict[str, Callable[..., object]] = {
    "a + b": lambda a, b, c: a + b,
    "a - b": lambda a, b, c: a - b,
    "a * b": lambda a, b, c: a * b,
    "-a": lambda a, b, c: -a,
    "a + c": lambda a, b, c: a + c,
    "c + a": lambda a, b, c: c + a,
    "a - c": lambda a, b, c: a - c,
    "c - a": lambda a, b, c: c - a,
    "a * c": lambda a, b, c: a * c,
    "c * a": lambda a, b, c: c * a,
    "a - c * (b - 2) * -a": lambda a, b, c: a - c * (b - 2) * -a,
    "(a + b) * (a - b) + c": lambda a, b, c: (a + b) * (a - b) + c,
    "sum": lambda a, b, c: sum([a, b, a]),
}


def written(name: str, c: float = 0.5) -> Objective:
    made = EXPRESSIONS[name](A, B, c)
    assert isinstance(made, Objective)
    return made


@pytest.mark.parametrize("name", EXPRESSIONS)
@settings(deadline=None, max_examples=20, derandomize=True)
@given(a=PER_PICTURE, b=PER_PICTURE, c=FINITE)
def test_arithmetic_is_that_of_each_pictures_numbers(
    name: str, a: list[float], b: list[float], c: float
) -> None:
    activations = {"a": torch.tensor(a).double(), "b": torch.tensor(b).double()}
    wanted = EXPRESSIONS[name](activations["a"].numpy(), activations["b"].numpy(), c)
    ours = written(name, c)(activations).numpy()
    np.testing.assert_allclose(ours, np.asarray(wanted), rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a + b", "a + b"),
        ("a - b", "a + -1 · b"),
        ("a * b", "a · b"),
        ("-a", "-1 · a"),
        ("c * a", "0.5 · a"),
        ("c - a", "0.5 + -1 · a"),
        ("(a + b) * (a - b) + c", "(a + b) · (a + -1 · b) + 0.5"),
    ],
)
def test_an_objective_prints_what_it_does_with_brackets_where_they_count(
    name: str, text: str
) -> None:
    assert str(written(name)) == text


def test_an_objective_reads_the_layers_of_all_its_parts() -> None:
    assert (A + 2 * A).layers == {"a"}
    assert (A * B - 3).layers == (-(B + A)).layers == {"a", "b"}
    assert Constant(3.0).layers == frozenset()


def test_the_gradient_follows_the_rules_of_sums_and_products() -> None:
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    b = torch.tensor([5.0, 7.0], requires_grad=True)
    torch.autograd.backward((A * B - 4 * A)({"a": a, "b": b}).sum())
    assert a.grad is not None
    assert b.grad is not None
    assert a.grad.tolist() == [1.0, 3.0]
    assert b.grad.tolist() == [2.0, 3.0]


def test_a_number_is_the_same_for_every_picture_and_in_the_activations_precision() -> None:
    values = as_objective(2)({"a": torch.zeros(3, 4, 2, 2, dtype=torch.float64)})
    assert values.tolist() == [2.0, 2.0, 2.0]
    assert values.dtype == torch.float64


def test_an_objective_is_taken_as_it_is_where_a_number_would_do() -> None:
    assert as_objective(A) is A
    assert as_objective(2) == Constant(2.0)


def test_objectives_of_the_same_parts_are_equal() -> None:
    assert Read("a") + 2 * Read("b") == A + 2 * B
    assert A + B != A * B
