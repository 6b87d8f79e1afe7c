"""Run by test_added_kinds.py over a copy of the program to which two kinds were added.

It fills a database with them and prints, as JSON, where they are found.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, func, select

import app
from app.cli.status import gather, status_json
from app.config import Settings
from app.db.check.report import check
from app.db.copy.transfer import copy_database
from app.db.engine import open_for_reading, open_for_writing
from app.db.maintenance.prune import prune
from app.db.privacy import publish
from app.db.records import RecipeRecord
from app.db.transactions import writing
from app.db.writer.writer import Writer
from app.main import create_app
from app.tables import Base, Recipe
from tests.app.conftest import fill_database
from tests.app.export.copies import copy

strengths: Any = import_module("app.evidence.strengths")
wiring: Any = import_module("app.evidence.wiring")

RECIPE = RecipeRecord.from_body({"made": "up"})
UNIT = "/models/toy/mixed3b/2"


def silent(what: str, done: int, total: int) -> None:
    pass


def fill(path: str) -> None:
    fill_database(path)
    engine = open_for_writing(path)
    writer = Writer(engine)
    for dataset, partner in (("foxes", 3), ("secrets", 4)):
        rows = [
            strengths.StrengthRecord("mixed3b", 2, rank, "conv2d0", partner + rank, 2.5 / rank)
            for rank in (1, 2, 3)
        ]
        writer.put_evidence("strengths", "toy", rows, dataset, RECIPE)
    weights = bytes((100, 0, 256 - 50, *([1] * 13)))
    writer.put_evidence(
        "wiring", "toy", [wiring.WiringRecord("mixed3b", 2, "conv2d0", 0.5, weights)]
    )
    engine.dispose()


def served(path: str) -> dict[str, Any]:
    with TestClient(create_app(Settings(database=path))) as client:
        schema = client.get("/openapi.json").json()
        return {
            "page": client.get(UNIT).text,
            "source": client.get("/models/toy/conv2d0/0").text,
            "embedded": client.get(f"{UNIT}?embed=1&panels=strengths").text,
            "compared": client.get("/compare?u=toy/mixed3b/2&u=toy/conv2d0/0").text,
            "unit": client.get("/api/v1/models/toy/layers/mixed3b/units/2").json(),
            "column": client.get("/api/v1/models/toy/layers/conv2d0/units/2").json()["wiring"],
            "panel": client.get(f"{UNIT}/strengths.json").json(),
            "schemas": schema["components"]["schemas"],
            "about": client.get("/about").text,
            "reference": client.get("/docs").text,
        }


def counted(path: str) -> dict[str, int]:
    """What `microscope status` counts for the layer that has both kinds."""
    engine = open_for_reading(path)
    told = json.loads(status_json(gather(engine), datetime.now(UTC)))
    engine.dispose()
    (layer,) = (each for each in told["models"][0]["layers"] if each["name"] == "mixed3b")
    done: dict[str, int] = layer["done"]
    return done


def faults(engine: Engine) -> list[str]:
    return [fault.says for fault in check(engine, silent, is_quick=True).faults]


def checked(path: str) -> dict[str, list[str]]:
    """What `check` says: of all in order, of a gap in a list, of a partner that is gone."""
    engine = open_for_writing(path)
    table = strengths.Strength
    said = {"whole": faults(engine)}
    with writing(engine) as connection:
        connection.execute(delete(table).where(table.rank == 2))
    said["gap"] = faults(engine)
    damage(path)
    said["dangling"] = faults(engine)
    engine.dispose()
    return said


def damage(database: str) -> None:
    """Make references dangle, which both engines refuse unless they are told not to look."""
    statement = "UPDATE strength SET partner_id = 999999"
    if "://" not in database:
        with closing(sqlite3.connect(database)) as plain, plain:
            plain.execute(statement)
        return
    engine = open_for_writing(database)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(statement)
        connection.commit()
    engine.dispose()


def recipes(path: str) -> int:
    """How many recipes are left after `prune`."""
    engine = open_for_writing(path)
    prune(engine)
    with engine.connect() as connection:
        kept = connection.scalar(
            select(func.count()).select_from(Recipe).where(Recipe.sha256 == RECIPE.sha256)
        )
    engine.dispose()
    return kept or 0


def copied(path: str, target: str) -> dict[str, int]:
    copy_database(path, target, silent)
    engine = open_for_reading(target)
    with engine.connect() as connection:
        counts = {
            name: connection.scalar(select(func.count()).select_from(Base.metadata.tables[name]))
            for name in ("strength", "wiring")
        }
    engine.dispose()
    return {name: count or 0 for name, count in counts.items()}


def private_rows(path: str) -> dict[str, int]:
    """Rows of private data sets that an export sees, by table: those of all that have any."""
    engine = publish(open_for_reading(path))
    with engine.connect() as connection:
        home = "main"
        if connection.dialect.name == "postgresql":
            home = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
        found = {
            table.name: connection.exec_driver_sql(
                f"SELECT count(*) FROM {table.name} WHERE dataset_id IN "
                f"(SELECT id FROM {home}.dataset WHERE private)"
            ).scalar_one()
            for table in Base.metadata.sorted_tables
            if "dataset_id" in table.c
        }
    engine.dispose()
    return found


def exported(path: str, folder: Path) -> dict[str, Any]:
    import pyarrow.parquet as parquet

    copy(path, folder / "tables", format="parquet")
    copy(path, folder / "site", layers="mixed3b")
    pages = {each: each.read_text() for each in (folder / "site").rglob("*.html")}
    return {
        "rows": {
            name: parquet.read_table(folder / "tables" / f"{name}.parquet").to_pylist()
            for name in ("strengths", "wiring")
        },
        "readme": (folder / "tables" / "README.md").read_text(),
        "site": [text for text in pages.values() if 'id="strengths"' in text],
    }


def main(path: str, folder: Path) -> None:
    fill(path)
    answer = {
        "program": app.__file__,
        "served": served(path),
        "status": counted(path),
        "recipes": recipes(path),
        "copied": copied(path, str(folder / "copy.db")),
        "private": private_rows(path),
        "exported": exported(path, folder),
        "checked": checked(path),
    }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
