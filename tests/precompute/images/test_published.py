"""Data sets that others publish: found by name, fetched through torchvision, refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
import torchvision

from app.errors import InputError
from precompute.images.find_dataset import find_dataset
from precompute.stimuli import DrawnCollection


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MICROSCOPE_HOME", str(tmp_path))
    return tmp_path


def publisher(below: str, asked: list[object]) -> type:
    """A publisher whose data set is two drawn images in two folders of ImageNet's names."""

    class Publisher:
        def __init__(self, root: Path, **options: object) -> None:
            asked.append(options)
            for number, wnid in enumerate(("n01440764", "n02102040")):
                folder = root / below / wnid
                folder.mkdir(parents=True, exist_ok=True)
                DrawnCollection(1).image(number).save(folder / "a.png")

    return Publisher


def test_imagenette_is_fetched_once_and_labelled(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    kind = publisher("imagenette2-320/val", asked)
    monkeypatch.setattr(torchvision.datasets, "Imagenette", kind)
    found = find_dataset("imagenette")
    assert (found.slug, found.title) == ("imagenette", "imagenette")
    assert "research" in found.licence
    assert [item.label for item in found.items] == ["tench", "English springer"]
    find_dataset("imagenette")
    assert [options["download"] for options in asked] == [True, False]  # type: ignore[index]


def test_imagenet_is_unpacked_from_its_publishers_archives(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(torchvision.datasets, "ImageNet", publisher("val", asked))
    found = find_dataset("imagenet")
    assert len(found.items) == 2
    assert asked == [{"split": "val"}]


def test_without_imagenets_archives_it_is_said_where_they_go(home: Path) -> None:
    with pytest.raises(InputError, match=r"image-net\.org: put ILSVRC2012_devkit_t12\.tar\.gz"):
        find_dataset("imagenet")


def test_a_fetch_that_fails_is_told_with_what_can_be_done(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object, **more: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torchvision.datasets, "Imagenette", refuse)
    with pytest.raises(InputError, match=r"no route to host.*or name a folder"):
        find_dataset("imagenette")


def test_a_folder_of_that_name_is_taken_as_it_is(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "imagenette").mkdir()
    DrawnCollection(1).image(0).save(home / "imagenette" / "a.png")
    monkeypatch.chdir(home)
    assert [item.path for item in find_dataset("imagenette").items] == ["a.png"]


def test_a_licence_and_privacy_can_be_said_of_any(home: Path) -> None:
    DrawnCollection(1).image(0).save(home / "a.png")
    found = find_dataset(str(home), "mine", licence="ours alone", private=True)
    assert (found.licence, found.private) == ("ours alone", True)
    assert not find_dataset("drawn").private
