"""A kind of evidence is added by a module and a template; everything else finds it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import running_postgres

ROOT = Path(__file__).parents[3]
ADDED = Path(__file__).parent / "added"

Report = dict[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What a copy of the program with two more kinds says; see report.py."""
    folder = tmp_path_factory.mktemp("added")
    program = added_program(tmp_path_factory)
    if request.param == "sqlite":
        return run_report(program, str(folder / "added.db"), folder)
    with running_postgres() as server:
        return run_report(program, server.new_schema(), folder)


def added_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("program")
    for name in ("app", "templates", "static"):
        shutil.copytree(ROOT / name, program / name)
    (program / "tests").symlink_to(ROOT / "tests")
    for name in ("strengths.py", "wiring.py"):
        shutil.copy(ADDED / name, program / "app" / "evidence")
    versions = program / "app" / "db" / "migrations" / "versions"
    shutil.copy(ADDED / "migration.py", versions / "0100_added.py")
    for template in (ADDED / "panels").iterdir():
        shutil.copy(template, program / "templates" / "panels")
    return program


def run_report(program: Path, database: str, folder: Path) -> Report:
    done = subprocess.run(
        [sys.executable, "-m", "tests.app.evidence.report", database, str(folder)],
        cwd=program, env=os.environ | {"PYTHONPATH": str(program)},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: Report = json.loads(done.stdout)
    assert found["program"].startswith(str(program))
    return found


def test_the_page_has_its_panel_for_each_data_set(report: Report) -> None:
    page = report["served"]["page"]
    assert page.count("Made-up strengths") >= 2
    assert "Nobody measured them." in page
    assert 'id="strengths"' in page
    assert 'id="strengths-secrets"' in page
    assert '<span class="name">conv2d0:4</span> <span class="amount">2.5' in page
    assert page.index('id="similar"') < page.index('id="strengths"') < page.index('id="provenance"')


def test_a_frame_shows_the_panel_alone(report: Report) -> None:
    frame = report["served"]["embedded"]
    assert "Made-up strengths" in frame
    assert "Similar units" not in frame


def test_a_matrix_is_shown_along_both_axes(report: Report) -> None:
    page, source = report["served"]["page"], report["served"]["source"]
    assert "From conv2d0" in page
    assert page.index("conv2d0:0</a> +50") < page.index("conv2d0:2</a> −25")
    assert "To mixed3b" in source
    assert "mixed3b:2</a> +50" in source


def test_the_json_of_a_unit_and_of_a_panel_has_its_rows(report: Report) -> None:
    served = report["served"]
    first = served["unit"]["strengths"][0]
    assert first == {
        "dataset": "foxes",
        "rank": 1,
        "partner_layer": "conv2d0",
        "partner_unit": 4,
        "strength": 2.5,
        "recipe_sha256": first["recipe_sha256"],
    }
    assert served["panel"]["strengths"] == served["unit"]["strengths"]
    (row,) = served["unit"]["wiring"]
    assert (row["layer"], row["axis"]) == ("conv2d0", "row")
    assert row["values"] == [50.0, 0.0, -25.0, *([0.5] * 13)]
    (column,) = served["column"]
    assert (column["layer"], column["axis"]) == ("mixed3b", "column")
    assert [value for value in column["values"] if value is not None] == [-25.0]
    assert column["values"][2] == -25.0


def test_the_reference_describes_its_columns(report: Report) -> None:
    schemas = report["served"]["schemas"]
    assert schemas["Unit"]["properties"]["strengths"]["description"] == (
        "A unit that goes with another."
    )
    assert schemas["Strengths"]["properties"]["strength"]["description"] == "How strong it is."
    assert 'id="Strengths"' in report["served"]["reference"]
    assert "How strong it is." in report["served"]["reference"]


def test_a_comparison_shows_its_numbers(report: Report) -> None:
    compared = report["served"]["compared"]
    assert compared.count("Made-up strengths") == 2
    assert '<bdi class="name">conv2d0:4</bdi><span class="amount">2.5' in compared
    assert compared.count("Made-up wiring") == 2


def test_the_parquet_export_has_its_table(report: Report) -> None:
    rows = report["exported"]["rows"]
    assert {row["dataset"] for row in rows["strengths"]} == {"foxes"}
    assert [(row["partner_layer"], row["partner_unit"]) for row in rows["strengths"]] == [
        ("conv2d0", 4),
        ("conv2d0", 5),
        ("conv2d0", 6),
    ]
    (row,) = rows["wiring"]
    assert (row["layer"], row["unit"], row["source"], row["scale"]) == (
        "mixed3b",
        2,
        "conv2d0",
        0.5,
    )
    assert row["weights"][:3] == [100, 0, -50]
    assert "### strengths.parquet" in report["exported"]["readme"]
    assert "| `strength` | double | How strong it is. |" in report["exported"]["readme"]


def test_the_static_site_has_its_panel_without_private_rows(report: Report) -> None:
    (page,) = report["exported"]["site"]
    assert "conv2d0:4" in page
    assert "strengths-secrets" not in page


def test_no_row_of_a_private_data_set_is_exported(report: Report) -> None:
    private = report["private"]
    assert {"strength", "example", "statistics"} <= private.keys()
    assert set(private.values()) == {0}


def test_a_copy_has_its_rows(report: Report) -> None:
    assert report["copied"] == {"strength": 6, "wiring": 1}


def test_a_check_finds_gaps_and_what_is_missing(report: Report) -> None:
    checked = report["checked"]
    assert not [says for says in checked["whole"] if "strength" in says]
    assert "Lists of strengths have gaps in their ranks" in checked["gap"]
    assert [says for says in checked["dangling"] if "of strength refer to a row of unit" in says]


def test_pruning_keeps_its_recipe(report: Report) -> None:
    assert report["recipes"] == 1


def test_the_page_about_the_data_says_how_it_was_made(report: Report) -> None:
    about = report["served"]["about"]
    assert "Made-up strengths, Foxes &amp; friends" in about
    assert "Nobody measured them." in about


def test_the_status_counts_its_units(report: Report) -> None:
    assert (report["status"]["strengths"], report["status"]["wiring"]) == (1, 1)
