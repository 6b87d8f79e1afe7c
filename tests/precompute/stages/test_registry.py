"""A new kind of evidence is one module: it is found, validated, estimated, run, and resumed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import precompute.stages
from app.db.engine import open_for_reading
from app.db.queries.run_status import runs
from app.errors import InputError
from app.evidence import suits
from app.unit_names import LOGITS
from precompute import pipeline
from precompute.cli.estimate import estimate
from precompute.cli.summary import sentences
from precompute.network import Inception
from precompute.pipeline import run
from precompute.prepare import prepare
from precompute.request import Request
from precompute.stages import registry
from precompute.stages.registry import requested_stages, stages, technique_names
from precompute.validation import check
from tests.precompute.content import content

KNOWN = (
    "channel", "logit", "neuron", "negative", "diversity", "deepdream", "examples", "effects",
)  # fmt: skip
# A dot for each unit of the layers with a map: stored as a picture, so that no table is needed.
DOTS = """
from io import BytesIO

from PIL import Image

from app.db.queries.run_status import stored_visualizations
from app.db.records import ImageRecord, RecipeRecord, VisualizationRecord
from app.text import many
from precompute.missing import plan_scans
from precompute.stages.outcome import Outcome
from precompute.stages.stage import Cost, Stage, every_layer, has_map


def plan(work, store):
    stored = store.read(stored_visualizations, work.model.slug, "dots")
    tops = {(layer, unit): 1 for layer, unit, _ in stored}
    return plan_scans(work.suited_units(has_map), 1, tops, work.request.force)


def run(work, plan, writer, progress, executor):
    progress.begin("dots", plan.count)
    dot = BytesIO()
    Image.new("RGB", (1, 1)).save(dot, "png")
    image = ImageRecord.of(dot.getvalue(), "image/png", 1, 1)
    recipe = RecipeRecord.from_body({})
    for layer, units in plan.units.items():
        records = [
            VisualizationRecord(layer, unit, "dots", 0, image, recipe, 1.0, 1.0, 0.0)
            for unit in units
        ]
        writer.put_visualizations(work.model.slug, records)
    progress.update(plan.count)
    return Outcome(others=(f"drew {many(plan.count, 'dot')}",))


def cost(work, plan):
    return Cost(f"{many(plan.count, 'dot')} to draw ({plan.stored:,} stored)", 90.0, 2e6)


STAGES = (
    Stage("dots", has_map, plan, run, cost),
    Stage("lines", every_layer, plan, run, cost, needs_dataset=True, after=("dots",)),
)
"""


class Heard:
    """A reporter that keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int]] = []
        self.done: list[float] = []

    def begin(self, stage: str, total: int) -> None:
        self.stages.append((stage, total))

    def update(self, done: float) -> None:
        self.done.append(done)

    def message(self, text: str) -> None: ...


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the module of a made-up stage."""
    path = tmp_path_factory.mktemp("more")
    (path / "made_up.py").write_text(DOTS)
    return path


@pytest.fixture
def made_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The module is in the package, for the length of a test."""
    monkeypatch.setattr(precompute.stages, "__path__", [*precompute.stages.__path__, str(folder)])
    registry.stages.cache_clear()
    yield
    registry.stages.cache_clear()
    sys.modules.pop("precompute.stages.made_up", None)


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    return Request(
        "toy", database=str(tmp_path / "m.db"), layers=("conv2d0", "mixed4c", "logits"),
        units="0-2", techniques=("dots",),
    )  # fmt: skip


def python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )


def test_the_stages_are_those_of_the_modules_in_their_order() -> None:
    assert technique_names() == KNOWN
    assert list(stages()) == [*KNOWN[:6], "deepdream-photograph", *KNOWN[6:]]


def test_stages_are_listed_without_what_they_compute_with() -> None:
    code = (
        "import sys; from precompute.stages.registry import stages; stages(); "
        "print(*[m for m in ('torch', 'numpy', 'sqlalchemy') if m in sys.modules])"
    )
    done = python(code)
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_both_sides_know_which_layers_a_stage_suits(toy: Inception) -> None:
    for name, stage in stages().items():
        for layer in toy.layers:
            assert stage.suits(layer) == suits(name, layer.name == LOGITS), (name, layer.name)


def test_the_help_of_techniques_names_a_new_stage(folder: Path) -> None:
    code = (
        "import sys, precompute.stages; precompute.stages.__path__.append(sys.argv.pop(1)); "
        "from precompute.cli import commands; from typer import Typer; "
        "app = Typer(); app.callback()(lambda: None); commands.register(app); app()"
    )
    done = python(code, str(folder), "precompute", "--help")
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.replace("│", " ").split())
    assert "deepdream, examples, effects, dots, lines" in words


@pytest.mark.usefixtures("made_up")
def test_a_request_for_a_new_stage_is_validated(request_: Request) -> None:
    check(request_)
    with pytest.raises(InputError, match=r"'magic' is none of channel, .*, effects, dots, lines"):
        check(replace(request_, techniques=("magic",)))
    with pytest.raises(InputError, match="The technique lines needs images: add --dataset"):
        check(replace(request_, techniques=("dots", "lines")))
    with pytest.raises(InputError, match=r"none of them is for the layers logits"):
        prepare(replace(request_, layers=("logits",)))


def test_a_stage_that_is_no_longer_there_is_refused(request_: Request) -> None:
    with pytest.raises(InputError, match=r"'dots' is none of .*, effects\.$"):
        check(request_)


@pytest.mark.usefixtures("made_up")
def test_a_dry_run_estimates_a_new_stage(request_: Request) -> None:
    told = list(estimate(prepare(request_)).sentences())
    assert told[1:3] == [
        "  6 dots to draw (0 stored), about 1 min 30 s;",
        "  together about 1 min 30 s on this machine and 2.0 MB on disk.",
    ]
    assert not Path(request_.database).exists()


@pytest.mark.usefixtures("made_up")
def test_a_new_stage_is_run_reported_and_summed_up(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "outdated_sheets", lambda *_: ())  # no stage comes after
    heard = Heard()
    outcome = run(prepare(request_), heard)
    assert (heard.stages, heard.done[-1]) == ([("dots", 6)], 6)
    assert {(row[0], row[1]) for row in content(request_.database)["visualization"]} == {
        (layer, unit) for layer in ("conv2d0", "mixed4c") for unit in range(3)
    }
    assert "; drew 6 dots; 0 were stored already." in next(sentences(outcome, request_))
    engine = open_for_reading(request_.database)
    (record,) = runs(engine)
    engine.dispose()
    assert (record.state, record.stage, record.done) == ("finished", "dots", 6)


@pytest.mark.usefixtures("made_up")
def test_of_a_new_stage_only_what_is_missing_is_done(request_: Request) -> None:
    run(prepare(replace(request_, units="0-1")))
    more, again, forced = Heard(), Heard(), Heard()
    assert run(prepare(request_), more).stored == 4
    assert run(prepare(request_), again).stored == 6
    assert ("dots", 2) in more.stages
    assert not again.stages
    told = list(estimate(prepare(request_)).sentences())
    assert told[1].startswith("  0 dots to draw (6 stored)")
    assert run(prepare(replace(request_, force=True)), forced).stored == 0
    assert ("dots", 6) in forced.stages


@pytest.mark.usefixtures("made_up")
def test_a_stage_follows_those_whose_results_it_reads() -> None:
    def order(*techniques: str, photograph: Path | None = None) -> list[str]:
        request = Request("toy", techniques=techniques, photograph=photograph)
        return [stage.name for stage in requested_stages(request)]

    assert order("effects", "channel") == ["effects", "channel"]
    assert order("lines", "channel") == ["lines", "channel"]
    assert order("lines", "channel", "dots") == ["dots", "lines", "channel"]
    assert order("deepdream", "channel", photograph=Path("a.png")) == [
        "deepdream", "deepdream-photograph", "channel",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ('Stage("channel", *of)', "same name"),
        ('Stage("a", *of, after=("b",)), Stage("b", *of, after=("a",))', "cycle"),
    ],
)
def test_stages_that_cannot_be_told_apart_or_ordered_are_refused(
    declared: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wrong.py").write_text(
        "from precompute.stages.stage import Stage, every_layer\n"
        f"of = every_layer, None, None, None\nSTAGES = ({declared},)\n"
    )
    path = [*precompute.stages.__path__, str(tmp_path)]
    monkeypatch.setattr(precompute.stages, "__path__", path)
    registry.stages.cache_clear()
    with pytest.raises(ValueError, match=said):
        stages()
    monkeypatch.undo()
    sys.modules.pop("precompute.stages.wrong")
    assert tuple(stages())[:8] == (*KNOWN[:6], "deepdream-photograph", "examples")
