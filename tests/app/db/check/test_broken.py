"""Pictures, references and networks that are not what they were are named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from app.db.check.issues import Remedies
from app.db.check.references import foreign_keys, references
from app.db.check.report import check
from app.evidence.visualizations import Visualization
from app.tables import Image, Layer, Unit
from tests.app.db.check.samples import (
    AGAIN,
    broken,
    first,
    found,
    mends,
    run,
    silent,
    spoil,
    stretch,
)


def test_a_database_that_precompute_made_is_well(toy: Engine) -> None:
    report = check(toy, silent)
    assert report.faults == ()
    assert report.pictures > 30


def forge(connection: Connection) -> None:
    """A picture whose hash is right, and which is none."""
    data = b"no picture"
    name = sha256(data).hexdigest()
    head = {"media_type": "image/avif", "width": 32, "height": 32}
    connection.execute(insert(Image).values(sha256=name, bytes=data, **head))
    one = first(connection, Visualization.id)
    connection.execute(
        update(Visualization).where(Visualization.id == one).values(image_sha256=name)
    )


@pytest.mark.parametrize(
    ("damage", "kind", "place"),
    [
        (spoil, "picture-bytes", " of toy "),
        (forge, "picture-decoding", " of toy "),
        (stretch, "picture-size", "the view of "),
    ],
)
def test_a_picture_that_is_not_what_it_was_is_named(
    toy: Engine, damage: Callable[[Connection], None], kind: str, place: str
) -> None:
    with broken(toy) as connection:
        damage(connection)
        fault = found(connection, is_quick=False)[kind]
        assert kind not in found(connection)
    assert fault.count == 1
    assert place in fault.places[0]
    assert mends(fault, *AGAIN)


def test_each_reference_to_nothing_is_named(toy: Engine) -> None:
    tried = set()
    for key in foreign_keys():
        column, table = key.parent, key.parent.table
        nothing = "f" * 64 if column.name == "image_sha256" else 999_999
        with broken(toy) as connection:
            one = next(iter(table.primary_key.columns))
            changed = connection.execute(
                update(table)
                .where(one == select(func.min(one)).scalar_subquery(), column.is_not(None))
                .values({column.name: nothing})
            ).rowcount
            faults = list(references(connection, Remedies("toy.db", ())))
        if changed:
            says = rf"rows? of {table.name} refers? to a row of {key.column.table.name} "
            assert any(re.search(says, fault.says) for fault in faults), key
            tried.add((table.name, column.name))
    assert len(tried) > 20


def test_a_picture_on_the_wrong_layer_is_named(toy: Engine) -> None:
    with broken(toy) as connection:
        one = first(connection, Visualization.id, Visualization.unit_id.is_not(None))
        other = connection.scalar(select(func.max(Layer.id)))
        statement = update(Visualization).where(Visualization.id == one)
        connection.execute(statement.values(layer_id=other))
        fault = found(connection)["reference"]
    assert "another layer" in fault.says
    assert mends(fault, *AGAIN)


def test_a_network_that_lacks_a_unit_comes_from_a_backup(toy: Engine) -> None:
    with broken(toy) as connection:
        last = connection.scalar(select(func.max(Unit.id)))
        connection.execute(delete(Unit).where(Unit.id == last))
        fault = found(connection)["units"]
    assert fault.places == ("toy logits: 51 of 52 units",)
    assert "backup" in fault.mend[0]


def test_a_damaged_file_is_told_with_all_that_can_be_read(toy_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    data = bytearray(toy_file.read_bytes())
    page = 4096
    for number in range(len(data) // page // 2, len(data) // page, 7):
        data[number * page : number * page + 200] = b"\xff" * 200
    path.write_bytes(bytes(data))
    done = run("check", "--json", "--database", str(path))
    assert done.returncode == 1, done.stderr
    faults = json.loads(done.stdout)["faults"]
    assert faults[0]["kind"] == "file"
    assert "backup" in faults[0]["mend"][0]
