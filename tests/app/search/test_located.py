"""Addresses answered: the unit is right, and what an index means is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.views import BranchView
from app.db.views.search import LayerPlace, ModelPlace, UnitPlace
from app.search.address_lookup import Located, locate
from app.search.place_names import find_layer, scopes
from app.search.query import Term
from app.unit_names import Address, pasted, typed

SIZES = {"1x1": 128, "3x3": 256, "5x5": 64, "pool": 64}
MICROSCOPE = "https://microscope.openai.com/models/inceptionv1/mixed4c_0/447"


def branches() -> tuple[BranchView, ...]:
    found, start = [], 0
    for name, size in SIZES.items():
        found.append(BranchView(name, start, start + size))
        start += size
    return tuple(found)


def model(slug: str, variant: str, width: int = 512) -> ModelPlace:
    layers = (
        LayerPlace("conv2d0", 64, ()),
        LayerPlace("mixed4a", width, ()),
        LayerPlace("mixed4c", 512, branches()),
        LayerPlace("logits", 1000, ()),
    )
    return ModelPlace(slug, f"The {slug}", variant, layers)


BVLC = model("caffe", "googlenet-bvlc")
LUCID = model("lucid", "inceptionv1", 508)


def located(text: str, *models: ModelPlace) -> Located:
    address = pasted(text) or typed(text)
    assert isinstance(address, Address)
    return locate(address, models)


@given(st.sampled_from(list(SIZES)), st.data())
def test_a_number_inside_a_branch_becomes_the_index_in_the_layer(
    branch: str, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, SIZES[branch] - 1))
    names = list(SIZES)
    index = sum(SIZES[name] for name in names[: names.index(branch)]) + number
    found = located(f"4c_{branch}:{number}", LUCID)
    assert found.units == (UnitPlace("lucid", "mixed4c", index),)
    told = branch.replace("x", "×")
    assert found.notes == (f"Unit {number} of the {told} branch is mixed4c:{index}.",)


@pytest.mark.parametrize("name", ["mixed4c", "4c", "MIXED4C", "inception_4c", "mixed4c_0"])
def test_a_layer_goes_by_several_names(name: str) -> None:
    found = find_layer(BVLC, name)
    assert found is not None
    assert found.layer is not None
    assert (found.layer.name, found.branch) == ("mixed4c", None)


@pytest.mark.parametrize("name", ["4c_pool", "mixed4c_pool_reduce", "inception_4c/pool_proj"])
def test_the_branch_of_the_pooling_goes_by_several_names(name: str) -> None:
    found = find_layer(BVLC, name)
    assert found is not None
    assert found.branch is not None
    assert found.branch.name == "pool"


def test_in_several_models_there_is_one_unit_each_the_papers_first() -> None:
    found = located("4c:447", BVLC, LUCID)
    assert [unit.model for unit in found.units] == ["lucid", "caffe"]
    assert not found.notes


def test_an_address_of_microscope_means_its_own_training_where_that_is_stored() -> None:
    found = located(MICROSCOPE, BVLC, LUCID)
    assert found.units == (UnitPlace("lucid", "mixed4c", 447),)
    assert not found.notes


@pytest.mark.parametrize(
    "text", [MICROSCOPE, "mixed4c_3x3_pre_relu/conv:12", "inceptionv1/mixed4c/447"]
)
def test_an_index_of_another_training_is_told_not_to_carry_over(text: str) -> None:
    found = located(text, BVLC)
    assert [unit.model for unit in found.units] == ["caffe"]
    note = found.notes[-1]
    assert "means the training inceptionv1" in note
    assert "The caffe is another" in note
    assert "does not carry over" in note


def test_a_typed_address_is_told_what_papers_mean_by_it() -> None:
    (note,) = located("4c:447", BVLC).notes
    assert note.startswith("In papers")
    assert not located("4c:447", LUCID).notes


def test_an_index_out_of_range_is_told_with_the_range() -> None:
    found = located("4a:510", LUCID)
    assert not found.units
    assert found.problems == ("There is no unit 510: mixed4a has units 0 to 507.",)
    assert [place.layer.name for place in found.places if place.layer] == ["mixed4a"]
    branch = located("4c_5x5:64", LUCID)
    assert branch.problems == ("There is no unit 64: the 5×5 branch of mixed4c has units 0 to 63.",)


def test_a_range_is_told_of_each_model_where_they_differ() -> None:
    found = located("4a:510", LUCID, BVLC)
    assert found.units == (UnitPlace("caffe", "mixed4a", 510),)
    assert found.problems == ("There is no unit 510: mixed4a of The lucid has units 0 to 507.",)


def test_convolutions_inside_a_module_are_no_units_of_it() -> None:
    found = located(
        "https://microscope.openai.com/models/inceptionv1/mixed4c_3x3_bottleneck_0/3", LUCID
    )
    assert not found.units
    assert "inside the module" in found.problems[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("9z:1", "There is no layer “9z” here. There are conv2d0, mixed4a, mixed4c, logits."),
        ("4c_9x9:1", "mixed4c has the branches 1x1, 3x3, 5x5, pool, and no “4c_9x9”."),
        ("other/mixed4c/1", "There is no model “other” here. There are: caffe."),
        ("microscope.openai.com/models/alexnet/conv1/3", "“alexnet” of OpenAI Microscope's"),
        (f"4c:{10**30}", "There is no unit 100000000000…: mixed4c has units 0 to 511."),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(text: str, told: str) -> None:
    found = located(text, BVLC)
    assert not found.units
    assert told in found.problems[0]


terms = st.builds(
    Term,
    st.sampled_from(["layer", "branch", "model"]),
    st.sampled_from(["4c", "mixed4c_3x3", "conv2d0", "3x3", "1×1", "caffe", "none"]),
    st.booleans(),
)


@given(st.lists(terms, min_size=1, max_size=4))
def test_places_to_look_in_are_the_units_for_which_they_hold(asked: list[Term]) -> None:
    found = {
        (scope.layer, index)
        for scope in scopes([BVLC], asked) or ()
        for index in range(scope.start, scope.stop)
    }
    expected = {
        (layer.name, index)
        for layer in BVLC.layers
        for index in range(layer.channels)
        if all_hold(layer.name, branch_of(layer, index), asked)
    }
    assert found == expected


def branch_of(layer: LayerPlace, index: int) -> str:
    inside = (each.name for each in layer.branches if each.start <= index < each.stop)
    return next(inside, "")


def all_hold(layer: str, branch: str, asked: list[Term]) -> bool:
    """Slowly and plainly: one of each kind, and none that is excluded."""

    def holds(term: Term) -> bool:
        if term.kind == "model":
            return term.text == "caffe"
        if term.kind == "branch":
            return branch == term.text.replace("×", "x")
        return {"4c": "mixed4c"}.get(term.text, term.text) in (layer, f"{layer}_{branch}")

    for kind in ("model", "layer", "branch"):
        own = [term for term in asked if term.kind == kind and not term.is_excluded]
        if own and not any(map(holds, own)):
            return False
    return not any(holds(term) for term in asked if term.is_excluded)
