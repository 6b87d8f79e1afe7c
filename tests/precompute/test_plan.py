"""Plans: wanted minus stored, in batches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from precompute.missing import plan_renders, plan_scans

LAYERS = st.sampled_from(["conv2d0", "mixed4c"])
THIS = {"conv2d0": "this", "mixed4c": "this"}
WANTED = st.dictionaries(LAYERS, st.sets(st.integers(0, 20)).map(sorted))
STORED = st.dictionaries(
    st.tuples(LAYERS, st.integers(0, 20), st.integers(0, 2)), st.sampled_from(["this", "other"])
)


@given(WANTED, st.integers(1, 3), STORED, st.integers(1, 9))
def test_a_plan_is_what_is_wanted_and_not_stored_each_once(
    wanted: dict[str, list[int]],
    seeds: int,
    stored: dict[tuple[str, int | None, int], str],
    batch: int,
) -> None:
    plan = plan_renders(wanted, seeds, stored, THIS, dict.fromkeys(THIS, batch))
    planned = [(b.layer, u, b.seed) for b in plan.batches for u in b.units]
    everything = {(n, u, s) for n, units in wanted.items() for u in units for s in range(seeds)}
    assert len(planned) == len(set(planned)) == plan.pictures
    assert set(planned) == everything - set(stored)
    assert plan.stored == len(everything & set(stored))
    assert plan.other_recipe == sum(stored[key] == "other" for key in everything & set(stored))
    assert all(1 <= len(b.units) <= batch for b in plan.batches)


@given(WANTED, STORED)
def test_force_plans_all_of_it(
    wanted: dict[str, list[int]], stored: dict[tuple[str, int | None, int], str]
) -> None:
    plan = plan_renders(wanted, 1, stored, THIS, dict.fromkeys(THIS, 8), force=True)
    assert plan.pictures == sum(map(len, wanted.values()))


def test_each_layer_has_its_own_recipe_and_its_own_batches() -> None:
    stored: dict[tuple[str, int | None, int], str]
    stored = {("conv2d0", 0, 0): "early", ("mixed4c", 0, 0): "early"}
    recipes, batches = {"conv2d0": "early", "mixed4c": "late"}, {"conv2d0": 3, "mixed4c": 1}
    plan = plan_renders(
        {"conv2d0": [0, 1, 2, 3], "mixed4c": [0, 1, 2]}, 1, stored, recipes, batches
    )
    assert [(b.layer, b.units) for b in plan.batches] == [
        ("conv2d0", (1, 2, 3)), ("mixed4c", (1,)), ("mixed4c", (2,)),
    ]  # fmt: skip
    assert (plan.stored, plan.other_recipe) == (2, 1)


def test_a_layer_as_a_whole_is_planned_like_a_unit() -> None:
    recipes, batches = {"mixed4c": "this"}, {"mixed4c": 1}
    plan = plan_renders({"mixed4c": [None]}, 2, {("mixed4c", None, 0): "this"}, recipes, batches)
    assert [(b.units, b.seed) for b in plan.batches] == [((None,), 1)]


def test_a_unit_with_fewer_examples_than_asked_for_is_scanned_again() -> None:
    stored = {("mixed4c", 0): 24, ("mixed4c", 1): 12}
    plan = plan_scans({"mixed4c": [0, 1, 2], "conv2d0": []}, 24, stored)
    assert (plan.units, plan.stored, plan.count) == ({"mixed4c": (1, 2)}, 1, 2)
    assert plan_scans({"mixed4c": [0]}, 24, stored, force=True).units == {"mixed4c": (0,)}
