"""Sheets of thumbnails: each in its place, sharp where it is tiny, nothing of what is hidden."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from app.db.views import Box
from app.drawing import sprite_sheet
from app.drawing.sprite_sheet import ACROSS, SIDE, UNITS, ThumbnailSource

Colour = tuple[int, int, int]


def png(picture: Image.Image) -> bytes:
    data = BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def colour_of(place: int) -> Colour:
    return (4 * (place % 8) * 8, (place // 8) * 32, 200 - 3 * place)


def plain(place: int, is_hidden: bool = False) -> tuple[ThumbnailSource, bytes]:
    """A picture of one colour."""
    data = png(Image.new("RGB", (224, 224), colour_of(place)))
    return ThumbnailSource(f"{place:064}", is_hidden), data


def decoded(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def middle(sheet: Image.Image, place: int) -> Colour:
    """The colour in the middle of a place."""
    row, column = divmod(place, ACROSS)
    found = sheet.getpixel((column * SIDE + SIDE // 2, row * SIDE + SIDE // 2))
    assert isinstance(found, tuple)
    return (int(found[0]), int(found[1]), int(found[2]))


def near(one: Colour, other: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 12


def sheet_of(
    *places: int, hidden: tuple[int, ...] = ()
) -> tuple[dict[int, ThumbnailSource], bytes]:
    made = {place: plain(place, place in hidden) for place in places}
    pictured = {place: each for place, (each, _) in made.items()}
    return pictured, sprite_sheet.draw(
        pictured, {each.sha256: data for each, data in made.values()}
    )


def test_each_unit_stands_in_its_own_place() -> None:
    pictured, data = sheet_of(*range(UNITS))
    sheet = decoded(data)
    assert sheet.size == (ACROSS * SIDE, ACROSS * SIDE)
    assert all(near(middle(sheet, place), colour_of(place)) for place in range(UNITS))
    assert sprite_sheet.present(pictured) == "1" * UNITS


def test_nothing_is_shown_of_a_hidden_picture() -> None:
    pictured, data = sheet_of(0, 9, 63, hidden=(9,))
    sheet = decoded(data)
    assert near(middle(sheet, 9), sprite_sheet.GREY)
    assert near(middle(sheet, 63), colour_of(63))
    assert sprite_sheet.present(pictured) == "1" + "0" * 62 + "1"


def test_the_bytes_are_the_same_each_time() -> None:
    assert sheet_of(1, 2)[1] == sheet_of(2, 1)[1]


@pytest.mark.parametrize("side", [7, 11, 59])
def test_a_tiny_picture_keeps_its_pixels(side: int) -> None:
    board = Image.new("L", (side, side))
    board.putdata([255 * ((n % side + n // side) % 2) for n in range(side**2)])
    found = sprite_sheet.thumbnail(png(board)).convert("L")
    for number in range(side**2):
        row, column = divmod(number, side)
        x, y = (int((at + 0.5) * SIDE / side) for at in (column, row))
        assert (found.getpixel((x, y)) > 127) == ((row + column) % 2 == 1)  # type: ignore[operator]


def test_seven_pixels_are_enlarged_without_any_blur() -> None:
    board = Image.effect_noise((7, 7), 80).convert("RGB")
    found = sprite_sheet.thumbnail(png(board))
    whole = board.resize((SIDE, SIDE), Image.Resampling.NEAREST)
    assert ImageChops.difference(found, whole).getbbox() is None


@pytest.mark.parametrize(
    ("box", "corner"),
    [((100, 120, 107, 127), (79, 99)), ((0, 0, 7, 7), (0, 0)), ((10, 20, 110, 120), (10, 20))],
)
def test_an_example_is_cut_as_the_page_of_its_unit_cuts_it(
    box: Box, corner: tuple[int, int]
) -> None:
    side = max(box[2] - box[0], 48)
    view = Image.new("RGB", (224, 224), (255, 0, 0))
    view.paste((0, 0, 255), (*corner, corner[0] + side, corner[1] + side))
    found = sprite_sheet.thumbnail(png(view), box)
    assert found.size == (SIDE, SIDE)
    assert found.getcolors() == [(SIDE**2, (0, 0, 255))]


def test_a_cell_that_sees_everything_is_shown_everything() -> None:
    view = Image.linear_gradient("L").resize((224, 224)).convert("RGB")
    cut = sprite_sheet.thumbnail(png(view), (0, 0, 224, 224))
    whole = sprite_sheet.thumbnail(png(view))
    assert ImageChops.difference(cut, whole).getbbox() is None


places = st.dictionaries(st.integers(0, 63), st.tuples(st.sampled_from("abc"), st.booleans()))


def made_of(found: dict[int, tuple[str, bool]]) -> dict[int, ThumbnailSource]:
    return {
        place: ThumbnailSource(name * 64, is_hidden) for place, (name, is_hidden) in found.items()
    }


@given(places, places)
def test_what_is_made_of_other_pictures_has_another_fingerprint(
    one: dict[int, tuple[str, bool]], other: dict[int, tuple[str, bool]]
) -> None:
    first, second = made_of(one), made_of(other)
    assert (sprite_sheet.fingerprint(first) == sprite_sheet.fingerprint(second)) == (one == other)


def test_another_cut_has_another_fingerprint() -> None:
    cuts = [ThumbnailSource("00", False, box) for box in (None, (0, 0, 7, 7), (0, 0, 7, 8))]
    assert len({sprite_sheet.fingerprint({0: each}) for each in cuts}) == 3
