"""Sheets in the store, on both engines: made, left alone, made anew, and gone when they must be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import Engine, func, insert, select

from app import tables
from app.db.derived.sprites import outdated_sheets, renew_sheets
from app.db.queries import catalog, unit_list
from app.db.records import DatasetRecord, VisualizationRecord
from app.db.transactions import reading, writing
from app.db.views import SheetView
from app.db.writer.rows import now
from app.db.writer.writer import Writer
from app.drawing import sprite_sheet
from app.evidence.visualizations import Visualization

FOXES = DatasetRecord("foxes", "Foxes & friends", "CC0", "cd" * 32, 500, private=True)


@pytest.fixture
def writer(store_url: str, fill: Callable[[str], None], engine: Engine) -> Writer:
    fill(store_url)
    return Writer(engine)


def hide(engine: Engine, *hashes: str) -> None:
    rows = [{"sha256": each, "reason": "asked for", "created": now()} for each in hashes]
    with writing(engine) as connection:
        connection.execute(insert(tables.Hidden), rows)


def sheet(engine: Engine, layer: str, technique: str) -> SheetView:
    found = unit_list.unit_list(engine, "toy", layer, technique)
    assert found.technique == technique
    return found.sheets[0]


def count(engine: Engine, table: type[tables.Base]) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def is_blank(engine: Engine, view: SheetView, place: int) -> bool:
    """Whether a place of a stored sheet is grey all over."""
    picture = catalog.picture(engine, view.image.sha256)
    assert picture is not None
    with Image.open(BytesIO(picture.bytes)) as opened:
        row, column = divmod(place, sprite_sheet.ACROSS)
        x, y = column * sprite_sheet.SIDE, row * sprite_sheet.SIDE
        part = opened.convert("RGB").crop((x, y, x + sprite_sheet.SIDE, y + sprite_sheet.SIDE))
    inner = part.crop((8, 8, sprite_sheet.SIDE - 8, sprite_sheet.SIDE - 8)).getextrema()
    return all(low > 118 and high < 138 for low, high in inner)  # type: ignore[misc]


def test_each_technique_of_a_layer_has_its_sheets(writer: Writer) -> None:
    assert renew_sheets(writer, "toy") == 10
    engine = writer.engine
    assert sheet(engine, "mixed3b", "channel").present == "1" * 12 + "0" * 52
    assert sheet(engine, "mixed3b", "negative").present == "0001" + "0" * 60
    assert sheet(engine, "conv2d0", "diversity").present == "000001" + "0" * 58
    assert sheet(engine, "logits", "example").present == "1111" + "0" * 60
    assert unit_list.unit_list(engine, "toy", "conv2d0").techniques == (
        "channel", "neuron", "negative", "diversity", "example",
    )  # fmt: skip
    assert unit_list.unit_list(engine, "toy", "logits", "zebra").technique == "logit"


def test_what_is_up_to_date_is_left_alone(writer: Writer) -> None:
    renew_sheets(writer, "toy")
    before = {layer: sheet(writer.engine, layer, "example") for layer in ("conv2d0", "logits")}
    assert outdated_sheets(writer.engine, "toy") == ()
    assert renew_sheets(writer, "toy") == 0
    assert before == {layer: sheet(writer.engine, layer, "example") for layer in before}


def test_only_the_layers_that_are_named_are_renewed(writer: Writer) -> None:
    assert renew_sheets(writer, "toy", ["logits"]) == 2
    assert {each.layer for each in outdated_sheets(writer.engine, "toy")} == {"conv2d0", "mixed3b"}
    assert renew_sheets(writer, "none") == 0


def test_a_hidden_picture_leaves_every_sheet(writer: Writer) -> None:
    renew_sheets(writer, "toy")
    engine = writer.engine
    old = sheet(engine, "mixed3b", "channel")
    shown = unit_list.unit_list(engine, "toy", "mixed3b", "channel").units[7].source
    assert shown is not None
    assert not is_blank(engine, old, 7)
    hide(engine, shown.sha256)
    assert not unit_list.unit_list(engine, "toy", "mixed3b", "channel").sheets, "it is out of date"
    assert renew_sheets(writer, "toy") == 2, "conv2d0:7 has the same picture"
    new = sheet(engine, "mixed3b", "channel")
    assert new.present == "1111111" + "0" + "1111" + "0" * 52
    assert is_blank(engine, new, 7)
    assert catalog.picture(engine, old.image.sha256) is None, "the old sheet shows it still"


def test_a_sheet_of_which_all_is_hidden_is_gone(writer: Writer) -> None:
    renew_sheets(writer, "toy")
    before = count(writer.engine, tables.Sheet), count(writer.engine, tables.Image)
    units = unit_list.unit_list(writer.engine, "toy", "logits", "logit").units
    hide(writer.engine, *(each.source.sha256 for each in units if each.source))
    assert renew_sheets(writer, "toy") == 0
    assert count(writer.engine, tables.Sheet) == before[0] - 1
    assert count(writer.engine, tables.Image) == before[1] - 1
    assert not unit_list.unit_list(writer.engine, "toy", "logits", "logit").sheets


def test_a_replaced_picture_is_on_no_old_sheet(
    writer: Writer, make_visualization: Callable[..., VisualizationRecord]
) -> None:
    renew_sheets(writer, "toy")
    old = sheet(writer.engine, "mixed3b", "channel")
    record = make_visualization("mixed3b", 3)
    other = make_visualization("mixed3b", 23, 5)
    writer.put_visualizations("toy", [replace(record, image=other.image)], replace=True)
    assert not unit_list.unit_list(writer.engine, "toy", "mixed3b", "channel").sheets
    assert renew_sheets(writer, "toy") == 1
    assert sheet(writer.engine, "mixed3b", "channel").image != old.image


def test_the_lowest_seed_and_the_first_member_stand_for_a_unit(
    writer: Writer, make_visualization: Callable[..., VisualizationRecord]
) -> None:
    engine = writer.engine
    expected = make_visualization("mixed3b", 3).image.sha256
    found = unit_list.unit_list(engine, "toy", "mixed3b", "channel").units[3].source
    assert found is not None
    assert found.sha256 == expected
    told = [each for each in _pictures(engine) if each[0] == "diversity"]
    diverse = unit_list.unit_list(engine, "toy", "conv2d0", "diversity").units[5].source
    assert diverse is not None
    assert ("diversity", 0, diverse.sha256) in told


def _pictures(engine: Engine) -> Sequence[tuple[str, int, str]]:
    table = Visualization
    columns = (table.technique, table.member, table.image_sha256)
    with reading(engine) as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(select(*columns))]


def test_a_data_set_that_becomes_private_is_on_no_sheet_at_once(writer: Writer) -> None:
    renew_sheets(writer, "toy")
    engine = writer.engine
    old = sheet(engine, "mixed3b", "example")
    writer.put_dataset(FOXES)
    assert catalog.picture(engine, old.image.sha256) is None
    assert "example" not in unit_list.unit_list(engine, "toy", "mixed3b").techniques
    with reading(engine) as connection:
        left = set(connection.scalars(select(tables.Sheet.technique)))
    assert "example" not in left
    assert renew_sheets(writer, "toy") == 0


def test_what_is_hidden_while_a_sheet_is_drawn_is_not_on_it(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, draw = writer.engine, sprite_sheet.draw
    victim = unit_list.unit_list(engine, "toy", "logits", "logit").units[2].source
    assert victim is not None
    drawn: list[int] = []

    def slowly(*given: object) -> object:
        drawn.append(1)
        if len(drawn) == 1:
            hide(engine, victim.sha256)
        return draw(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sprite_sheet, "draw", slowly)
    renew_sheets(writer, "toy", ["logits"])
    found = sheet(engine, "logits", "logit")
    assert found.present == "1101" + "0" * 60
    assert is_blank(engine, found, 2)
