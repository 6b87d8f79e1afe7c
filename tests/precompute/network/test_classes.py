"""The names of a network's outputs: ImageNet's, the drawn ones, one's own, or only numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from torchvision.models import GoogLeNet_Weights

from app.errors import InputError
from precompute.network.class_names import class_indices, class_names, imagenet
from precompute.stimuli import CLASSES

IN_WNID_ORDER = ("googlenet-bvlc", "googlenet-torchvision")


def test_imagenet_has_a_thousand_classes_in_the_order_of_their_wnids() -> None:
    wnids = list(imagenet())
    assert len(wnids) == len(set(wnids)) == 1000
    assert wnids == sorted(wnids)
    assert all(wnid[0] == "n" and wnid[1:].isdecimal() and len(wnid) == 9 for wnid in wnids)


def test_known_wnids_have_their_names() -> None:
    known = {"n01440764": "tench", "n02123045": "tabby", "n15075141": "toilet tissue"}
    assert {wnid: imagenet()[wnid] for wnid in known} == known


@pytest.mark.parametrize("variant", IN_WNID_ORDER)
def test_the_names_are_torchvisions_in_its_order(variant: str) -> None:
    wanted = tuple(GoogLeNet_Weights.IMAGENET1K_V1.meta["categories"])
    assert class_names(variant, 1000) == wanted


@pytest.mark.parametrize("variant", IN_WNID_ORDER)
def test_a_folder_named_by_its_wnid_has_its_output(variant: str) -> None:
    indices = class_indices(variant, 1000)
    assert (indices["n01440764"], indices["n02123045"], indices["n15075141"]) == (0, 281, 999)
    assert list(indices.values()) == list(range(1000))


def test_inception5h_has_numbers_and_no_names() -> None:
    assert class_names("inceptionv1", 1008) == ()
    assert class_names("inceptionv1", 1000) == ()
    with pytest.raises(InputError, match="1008"):
        class_indices("inceptionv1", 1008)


def test_the_toy_has_the_names_of_what_is_drawn() -> None:
    count = len(CLASSES)
    assert count >= 40
    assert class_names("toy", count) == tuple(entry.title for entry in CLASSES)
    wanted = {entry.slug: index for index, entry in enumerate(CLASSES)}
    assert class_indices("toy", count) == wanted


@pytest.mark.parametrize("variant", [*IN_WNID_ORDER, "toy", "inceptionv1"])
def test_a_fine_tuned_head_has_numbers_and_no_names(variant: str) -> None:
    assert class_names(variant, 7) == ()
    with pytest.raises(InputError, match="7"):
        class_indices(variant, 7)


@pytest.mark.parametrize("variant", [*IN_WNID_ORDER, "toy", "inceptionv1"])
def test_ones_own_names_go_before_what_is_known(tmp_path: Path, variant: str) -> None:
    own = tmp_path / "classes.txt"
    own.write_text("eins\n zwei \n\ndrei und vier\n", encoding="utf-8")
    assert class_names(variant, 3, own) == ("eins", "zwei", "drei und vier")
    assert class_names(variant, 3, str(own)) == ("eins", "zwei", "drei und vier")


def test_names_in_any_script_and_with_windows_line_ends_are_read(tmp_path: Path) -> None:
    own = tmp_path / "classes.txt"
    own.write_bytes("Bär\r\n猫\r\n".encode())
    assert class_names("toy", 2, own) == ("Bär", "猫")


def test_the_mark_that_windows_editors_begin_with_is_no_part_of_a_name(tmp_path: Path) -> None:
    own = tmp_path / "classes.txt"
    own.write_bytes("Bär\nRabe\n".encode("utf-8-sig"))
    assert class_names("toy", 2, own) == ("Bär", "Rabe")


@pytest.mark.parametrize(("count", "said"), [(0, "0 classes"), (1, "1 class"), (4, "4 classes")])
def test_a_file_with_another_number_of_names_is_refused(
    tmp_path: Path, count: int, said: str
) -> None:
    own = tmp_path / "classes.txt"
    own.write_text("name\n" * count)
    with pytest.raises(InputError, match=r"classes\.txt") as refused:
        class_names("googlenet-bvlc", 3, own)
    assert f"names {said}, but" in str(refused.value)
    assert "3" in str(refused.value)


def test_a_file_that_is_no_text_or_not_there_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00a")
    for name in ("binary.txt", "absent.txt", "."):
        with pytest.raises(InputError, match="cannot be read") as refused:
            class_names("toy", 1, tmp_path / name)
        assert str(tmp_path / name) in str(refused.value)
