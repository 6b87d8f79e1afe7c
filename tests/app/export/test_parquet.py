"""The tables of an export, read back with pyarrow and held against the store's own reads."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
from sqlalchemy import Engine, insert

from app.db.bulk.tables import tables
from app.db.engine import open_for_reading, open_for_writing
from app.db.privacy import publish
from app.db.queries import catalog, run_status, unit_detail
from app.db.transactions import writing
from app.errors import InputError
from app.evidence.labels import Label
from app.export.tables import parquet as exporter
from app.export.tables.schema import columns_table
from tests.app.export.copies import copy, files_of

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def exported(database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tables") / "tables"
    copy(database, out, format="parquet", images=True)
    return out


@pytest.fixture(scope="module")
def engine(database: str) -> Iterator[Engine]:
    engine = publish(open_for_reading(database))
    yield engine
    engine.dispose()


def rows(root: Path, name: str, **where: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parquet.read_table(root / f"{name}.parquet").to_pylist()
    return [row for row in found if all(row[key] == value for key, value in where.items())]


def test_models_layers_and_units_are_those_of_the_store(exported: Path, engine: Engine) -> None:
    model = catalog.model(engine, "toy")
    (told,) = rows(exported, "models")
    assert (told["model"], told["title"], told["created"]) == (
        model.slug,
        model.title,
        model.created,
    )
    layers = catalog.layers(engine, "toy")
    assert [row["layer"] for row in rows(exported, "layers")] == [each.name for each in layers]
    assert rows(exported, "layers", layer="mixed3b")[0]["branch_stops"] == [8, 20, 24]
    for layer in layers:
        found = rows(exported, "units", layer=layer.name)
        units = catalog.units(engine, "toy", layer.name)
        assert [(row["unit"], row["title"]) for row in found] == [
            (unit.index, unit.title) for unit in units
        ]
        assert [row["density"] for row in found] == [
            unit.statistics and unit.statistics.density for unit in units
        ]
        assert [row["branch"] for row in found] == [layer.branch_of(unit.index) for unit in units]


def test_all_that_is_known_of_a_unit_is_in_the_tables(exported: Path, engine: Engine) -> None:
    unit = unit_detail.unit(engine, "toy", "mixed3b", 2)
    key = {"model": "toy", "layer": "mixed3b", "unit": 2}
    (picture,) = rows(exported, "visualizations", **key)
    view = unit.visualizations[0]
    assert picture["image_sha256"] == view.image.sha256
    assert (picture["activation"], picture["created"]) == (view.activation, view.created)
    examples = {(each.kind, each.rank): each for each in unit.examples}
    found = rows(exported, "examples", **key)
    assert len(found) == len(examples)
    for row in found:
        own = examples[row["kind"], row["rank"]]
        assert (row["path"], row["label"], row["y"], row["x"]) == (
            own.path,
            own.label,
            own.y,
            own.x,
        )
        assert (row["left"], row["upper"], row["right"], row["lower"]) == own.box
        assert row["image_sha256"] == (own.image and own.image.sha256)
    (told,) = rows(exported, "statistics", **key)
    own_statistics = unit.statistics[0]
    assert told["histogram_counts"] == list(own_statistics.histogram.counts)
    assert list(zip(told["quantile_shares"], told["quantile_values"], strict=True)) == list(
        own_statistics.quantiles
    )
    assert told["class_mean_labels"] == [each.label for each in own_statistics.class_means]
    assert told["interval_images"] == [each.images for each in own_statistics.intervals]
    similar = {(e.within, e.rank): (e.layer, e.index, e.correlation) for e in unit.neighbours}
    assert {
        (row["within"], row["rank"]): (row["other_layer"], row["other_unit"], row["correlation"])
        for row in rows(exported, "neighbours", **key)
    } == similar
    assert {
        (row["rank"], row["output"], row["value"]) for row in rows(exported, "effects", **key)
    } == {(each.rank, each.output, each.value) for each in unit.effects}


def test_every_recipe_that_is_referred_to_is_there(exported: Path, engine: Engine) -> None:
    recipes = {row["sha256"]: json.loads(row["body"]) for row in rows(exported, "recipes")}
    for name in ("visualizations", "effects"):
        assert {row["recipe_sha256"] for row in rows(exported, name)} <= recipes.keys()
    view = unit_detail.unit(engine, "toy", "conv2d0", 5).visualizations[0]
    assert recipes[view.recipe.sha256] == view.recipe.body


def test_pictures_are_named_by_their_hash(exported: Path) -> None:
    files = {path.stem: path for path in (exported / "images").iterdir()}
    for name in ("visualizations", "examples"):
        hashes = {row["image_sha256"] for row in rows(exported, name)} - {None}
        assert hashes
        assert hashes <= files.keys()
    for name, path in files.items():
        assert sha256(path.read_bytes()).hexdigest() == name


def test_nothing_of_a_private_data_set_is_in_a_table(exported: Path) -> None:
    assert [row["dataset"] for row in rows(exported, "datasets")] == ["foxes"]
    for table in tables():
        text = repr(rows(exported, table.name))
        assert "secrets" not in text
        assert "me.jpg" not in text


def test_a_second_export_changes_nothing(database: str, tmp_path: Path) -> None:
    copy(database, tmp_path / "t", format="parquet")
    before = files_of(tmp_path / "t")
    again = copy(database, tmp_path / "t", format="parquet")
    assert not again.changed
    assert files_of(tmp_path / "t") == before
    assert not (tmp_path / "t" / "images").exists()


def test_a_layer_alone(database: str, tmp_path: Path) -> None:
    copy(database, tmp_path / "t", format="parquet", layers="logits")
    for name in ("layers", "units", "visualizations", "examples", "statistics"):
        assert {row["layer"] for row in rows(tmp_path / "t", name)} == {"logits"}
    with pytest.raises(InputError, match="no layer 'mixed9z'"):
        copy(database, tmp_path / "u", format="parquet", layers="mixed9z")
    assert not (tmp_path / "u").exists()


def test_labels_stay_what_they_are(database: str, tmp_path: Path) -> None:
    own = tmp_path / "own.db"
    own.write_bytes(Path(database).read_bytes())
    engine = open_for_writing(str(own))
    hostile = "<script>\u202e\"'" + "x" * 10_000
    row = {"layer_id": 2, "start": 1, "stop": 3, "label": hostile, "source": "s"}
    with writing(engine) as connection:
        connection.execute(insert(Label), [row])
    engine.dispose()
    copy(str(own), tmp_path / "t", format="parquet")
    (told,) = rows(tmp_path / "t", "labels")
    assert (told["layer"], told["start"], told["stop"], told["label"]) == ("mixed3b", 1, 3, hostile)
    assert (told["family"], told["note"]) == (None, None)


def test_rows_leave_in_groups(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.bulk.tables.PART", 10)
    monkeypatch.setattr(exporter, "GROUP", 40)
    copy(database, tmp_path / "t", format="parquet")
    file = parquet.ParquetFile(tmp_path / "t" / "examples.parquet")
    assert file.num_row_groups > 2
    assert file.metadata.row_group(0).num_rows <= 50
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    file.close()


def test_columns_are_told_as_they_are(exported: Path) -> None:
    readme = (exported / "README.md").read_text()
    for table in tables():
        names = parquet.read_schema(exported / f"{table.name}.parquet").names
        assert names == [each.name for each in table.columns]
        assert f"### {table.name}.parquet" in readme
    assert columns_table() in readme
    assert columns_table() in (ROOT / "docs" / "export.md").read_text()


def test_without_pyarrow_one_is_told_what_to_install(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'inception-microscope\[export\]'"):
        copy(database, tmp_path / "t", format="parquet")
    assert not (tmp_path / "t").exists()


def test_counts_and_sums_are_told(exported: Path, engine: Engine) -> None:
    manifest = json.loads((exported / "manifest.json").read_text())
    assert manifest["counts"]["units"] == catalog.model(engine, "toy").units
    assert manifest["counts"]["datasets"] == len(run_status.datasets(engine))
    for name, told in manifest["files"].items():
        assert sha256((exported / name).read_bytes()).hexdigest() == told["sha256"]
