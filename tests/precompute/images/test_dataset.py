"""Data sets: which files are images of them, in which order, under which names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from app.errors import InputError
from precompute.images.dataset import ImageFolder, Sample
from precompute.images.find_dataset import check_slug, find_dataset
from precompute.stimuli import CLASSES


def put(root: Path, name: str, colour: str = "red") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 20), colour).save(path)
    return path


def test_items_are_sorted_by_path_and_labelled_by_their_first_folder(tmp_path: Path) -> None:
    for name in ("b/two.png", "a/deep/one.jpg", "n01440764/x.png", "top.webp"):
        put(tmp_path, name)
    (tmp_path / "a" / "notes.txt").write_text("not an image")
    items = ImageFolder(tmp_path, "set").items
    assert [item.path for item in items] == [
        "a/deep/one.jpg", "b/two.png", "n01440764/x.png", "top.webp",
    ]  # fmt: skip
    assert [item.label for item in items] == ["a", "b", "tench", None]


def test_each_item_opens_its_own_image(tmp_path: Path) -> None:
    for colour in ("red", "green", "blue"):
        put(tmp_path, f"{colour}.png", colour)
    dataset = ImageFolder(tmp_path, "set")
    assert [dataset.source(i).open().getpixel((0, 0)) for i in range(3)] == [
        (0, 0, 255), (0, 128, 0), (255, 0, 0),
    ]  # fmt: skip


def test_a_loop_of_links_is_walked_once(tmp_path: Path) -> None:
    put(tmp_path, "a/one.png")
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert [item.path for item in ImageFolder(tmp_path, "set").items] == ["a/one.png"]


def test_a_pipe_that_is_called_an_image_is_not_waited_for(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    os.mkfifo(tmp_path / "b.jpg")
    assert [item.path for item in ImageFolder(tmp_path, "set").items] == ["a.png"]


def test_a_sample_is_fair_in_order_and_does_not_depend_on_the_rest(tmp_path: Path) -> None:
    for number in range(12):
        put(tmp_path, f"{number:02d}.png")
    whole = ImageFolder(tmp_path, "set")
    sample = Sample(whole, 5, "set")
    paths = [item.path for item in sample.items]
    assert len(paths) == 5
    assert paths == sorted(paths)
    assert sample.source(3).open().size == (20, 20)
    assert sample.fingerprint not in {whole.fingerprint, Sample(whole, 4, "set").fingerprint}
    for item in whole.items:
        if item.path not in paths:
            (tmp_path / item.path).unlink()
            break
    assert [item.path for item in Sample(ImageFolder(tmp_path, "set"), 5, "set").items] == paths


def test_a_sample_opens_its_own_images(tmp_path: Path) -> None:
    for colour in ("red", "green", "blue", "white", "black"):
        put(tmp_path, f"{colour}.png", colour)
    sample = Sample(ImageFolder(tmp_path, "set"), 3, "set")
    for place, item in enumerate(sample.items):
        expected = Image.new("RGB", (1, 1), item.path.removesuffix(".png")).getpixel((0, 0))
        assert sample.source(place).open().getpixel((0, 0)) == expected


def test_more_than_there_are_is_all_of_them(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    assert find_dataset(str(tmp_path), "set", images=9).fingerprint == (
        ImageFolder(tmp_path, "set").fingerprint
    )


def test_names_that_are_not_utf8_are_shown_and_can_be_opened(tmp_path: Path) -> None:
    put(tmp_path, "plain.png").rename(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    dataset = ImageFolder(tmp_path, "set")
    assert dataset.items[0].path == r"caf\xe9.png"
    folder = tmp_path / os.fsdecode(b"f\xff")
    put(folder, "a.png")
    assert ImageFolder(folder, "set").title == r"f\xff"
    assert dataset.source(0).open().size == (20, 20)


@pytest.mark.parametrize("change", ["added", "removed", "grown"])
def test_another_list_of_images_has_another_fingerprint(tmp_path: Path, change: str) -> None:
    first, second = put(tmp_path, "a.png"), put(tmp_path, "b.png")
    before = ImageFolder(tmp_path, "set").fingerprint
    assert ImageFolder(tmp_path, "other-name").fingerprint == before
    if change == "added":
        put(tmp_path, "c.png")
    elif change == "removed":
        second.unlink()
    else:
        first.write_bytes(first.read_bytes() + b"\0")
    assert ImageFolder(tmp_path, "set").fingerprint != before


def test_a_folder_of_the_cache_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "images/My Photos/a.png")
    monkeypatch.setenv("MICROSCOPE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    dataset = find_dataset("My Photos")
    assert (dataset.slug, len(dataset.items)) == ("my-photos", 1)
    assert find_dataset("images/My Photos", "other").slug == "other"


def test_the_drawn_images_are_always_there() -> None:
    dataset = find_dataset("drawn")
    paths = [item.path for item in dataset.items]
    assert paths == sorted(paths)
    assert {item.folder for item in dataset.items} == {entry.slug for entry in CLASSES}
    assert dataset.source(0).open().size == (256, 256)
    assert dataset.fingerprint == find_dataset("drawn").fingerprint


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see")
    with pytest.raises(InputError, match="no image"):
        find_dataset(str(tmp_path))


def test_a_missing_folder_is_refused_with_both_places_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"images.nowhere"):
        find_dataset("nowhere")
    with pytest.raises(InputError, match="no data set"):
        find_dataset("x" * 300)


@pytest.mark.parametrize("slug", ["", "a/b", "A", "../x", "é", "-a", "a" * 81])
def test_a_slug_that_cannot_stand_in_an_address_is_refused(slug: str) -> None:
    with pytest.raises(InputError, match="address"):
        check_slug(slug)
