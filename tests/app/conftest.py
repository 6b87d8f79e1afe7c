"""What the tests of the web side share: a small database of drawn pictures, a client, a browser.

The network is made up: two ordinary layers, one with branches, and classes. Its pictures are
gradients, each unlike the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from app.config import Settings
from app.db.engine import open_for_writing
from app.db.records import (
    BranchRecord,
    DatasetRecord,
    ExampleRecord,
    ImageRecord,
    LayerRecord,
    ModelRecord,
    RecipeRecord,
    ScanRecord,
    VisualizationRecord,
)
from app.db.writer.writer import Writer
from app.main import create_app
from app.web.server import Server
from tests.app.findings import (
    EFFECT_RECIPE,
    SECRET,
    STUDIED,
    effects,
    interval_examples,
    neighbours,
    secret_scan,
    seen,
    statistics,
)
from tests.app.watching import watch
from tests.browser import find_system

Draw = Callable[..., ImageRecord]
MakeModel = Callable[..., ModelRecord]
Fill = Callable[..., None]

BRANCHES = (BranchRecord("1x1", 0, 8), BranchRecord("3x3", 8, 20), BranchRecord("pool", 20, 24))
RECIPE = RecipeRecord.from_body({"steps": 256, "size": 128, "transforms": [{"jitter": 8}]})
DARK = "This unit cannot be excited: its output is never above 0 on anything that was tried."
SCAN_RECIPE = RecipeRecord.from_body({"view": "crop 224", "top": 3})


def draw_picture(seed: int, size: int = 32) -> ImageRecord:
    """A gradient in two colours that depend on the seed."""
    first, second = ((seed * 37) % 256, (seed * 91) % 256, 200), (255, (seed * 53) % 256, 20)
    gradient = Image.linear_gradient("L").resize((size, size)).rotate(seed * 17)
    picture = Image.composite(
        Image.new("RGB", (size, size), first), Image.new("RGB", (size, size), second), gradient
    )
    data = BytesIO()
    picture.save(data, "PNG", compress_level=1)
    return ImageRecord.of(data.getvalue(), "image/png", size, size)


def made_up_model(slug: str = "toy", weights: str = "ab" * 32, **changed: Any) -> ModelRecord:
    layers = (
        LayerRecord("conv2d0", 16, 112, 2, 7),
        LayerRecord("mixed3b", 24, 28, 8, 139, BRANCHES),
        LayerRecord("logits", 4, 1, unit_titles=("tabby", "<b>&\"'", "grey fox", "stäbchen")),
    )
    fields: dict[str, Any] = {
        "slug": slug,
        "title": "A toy network",
        "variant": "toy",
        "weights_sha256": weights,
        "weights_file": "toy.safetensors",
        "licence": "Apache-2.0",
        "input_size": 224,
        "layers": layers,
    }
    return ModelRecord(**fields | changed)


def visualization(
    layer: str, unit: int | None, seed: int = 0, technique: str = "channel", **changed: Any
) -> VisualizationRecord:
    """A picture of a unit, unlike those of its neighbours; without a unit, of the layer."""
    index = unit or 0
    number = index + 100 * seed + len(layer) * 1000 + len(technique)
    record = VisualizationRecord(
        layer, unit, technique, seed, draw_picture(number), RECIPE, 12.5 + index, 90.0, 1.5
    )
    return replace(record, **changed)


def pictures_of_a_unit(layer: str, unit: int) -> list[VisualizationRecord]:
    """What the other techniques make of a unit; the centre of its map sees 7 px."""
    small = draw_picture(unit, 7)
    return [
        visualization(layer, unit, 0, "neuron", image=small, minimum=-3.0, note=DARK),
        visualization(layer, unit, 0, "negative", minimum=-60.0, recipe=recipe_of("negative")),
        *(
            visualization(layer, unit, 0, "diversity", image=draw_picture(90 + each), member=each)
            for each in range(4)
        ),
    ]


def pictures_of_a_layer(layer: str) -> list[VisualizationRecord]:
    """What DeepDream makes of noise and of two photographs; the noise is stored last."""
    starts = [{"kind": "photograph", "name": name} for name in ("fox.jpg", "<hen>.jpg")]
    return [
        visualization(
            layer,
            None,
            0,
            "deepdream",
            member=member,
            image=draw_picture(70 + member, 96),
            recipe=recipe_of("deepdream", start=start),
        )
        for member, start in enumerate([*starts, {"kind": "noise"}])
    ]


def recipe_of(technique: str, **body: Any) -> RecipeRecord:
    return RecipeRecord.from_body({"technique": technique, "steps": 64, **body})


def examples_of(layer: str, unit: int, cells: int) -> list[ExampleRecord]:
    return [
        seen(
            ExampleRecord(
                layer,
                unit,
                "top",
                rank,
                f"fox/{rank}.jpg",
                "fox",
                40.0 / rank,
                3 % cells,
                5 % cells,
            )
        )
        for rank in (1, 2, 3)
    ]


def minimum_example(layer: str, unit: int) -> ExampleRecord:
    return seen(ExampleRecord(layer, unit, "minimum", 1, "fox/3.jpg", "fox", -20.0, 1, 1))


def fill_database(database: str, slug: str = "toy") -> None:
    """A model, of which conv2d0, half of mixed3b, and the classes are done.

    mixed3b:3 has another seed and a negative picture; conv2d0:5 has every technique, and conv2d0
    itself has dreams. mixed3b:11 cannot be excited. Of mixed3b:2 data sets say everything.
    """
    engine = open_for_writing(database)
    writer = Writer(engine)
    writer.put_model(made_up_model(slug))
    done = [("conv2d0", unit) for unit in range(16)] + [("mixed3b", unit) for unit in range(12)]
    dark = {("mixed3b", 11): DARK}
    writer.put_visualizations(slug, [visualization(*unit, note=dark.get(unit)) for unit in done])
    classes = [("logits", unit) for unit in range(4)]
    writer.put_visualizations(slug, [visualization(*unit, 0, "logit") for unit in classes])
    done += classes
    writer.put_visualizations(slug, pictures_of_a_unit("conv2d0", 5))
    writer.put_visualizations(slug, pictures_of_a_layer("conv2d0"))
    writer.put_visualizations(
        slug, [visualization("mixed3b", 3, 1), visualization("mixed3b", 3, 0, "negative")]
    )
    writer.put_dataset(DatasetRecord("foxes", "Foxes & friends", "CC0", "cd" * 32, 500))
    cells = {"conv2d0": 112, "mixed3b": 28, "logits": 1}
    writer.put_examples(
        slug,
        "foxes",
        SCAN_RECIPE,
        [
            *(each for layer, unit in done for each in examples_of(layer, unit, cells[layer])),
            minimum_example("conv2d0", 5),
            *interval_examples(*STUDIED),
        ],
        [ScanRecord(layer, unit, 3, 500) for layer, unit in done],
        {
            f"{folder}/{rank}.jpg": draw_picture(rank + len(folder) * number, 224)
            for number, folder in enumerate(("fox", "odd"))
            for rank in (1, 2, 3)
        },
        statistics(done),
        neighbours(*STUDIED),
    )
    writer.put_effects(slug, "foxes", EFFECT_RECIPE, effects(*STUDIED))
    writer.put_dataset(SECRET)
    found, scans, told = secret_scan()
    writer.put_examples(slug, "secrets", SCAN_RECIPE, found, scans, {}, told)
    run = writer.start_run(slug, {}, "0.1.0")
    writer.end_run(run, "finished", skipped=["broken.jpg: truncated"])
    engine.dispose()


@pytest.fixture(scope="session")
def draw() -> Draw:
    return draw_picture


@pytest.fixture(scope="session")
def make_model() -> MakeModel:
    return made_up_model


@pytest.fixture(scope="session")
def make_visualization() -> Callable[..., VisualizationRecord]:
    return visualization


@pytest.fixture(scope="session")
def fill() -> Fill:
    return fill_database


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A filled database; tests that change one make their own."""
    path = str(tmp_path_factory.mktemp("filled") / "microscope.db")
    fill_database(path)
    return path


@pytest.fixture
def own(database: str, tmp_path: Path) -> str:
    """A copy of the filled database, which a test may change."""
    path = str(tmp_path / "own.db")
    shutil.copy(database, path)
    return path


@pytest.fixture
def two_models(tmp_path: Path) -> Iterator[TestClient]:
    """A client of a database with the models `first` and `second`."""
    path = str(tmp_path / "two.db")
    fill_database(path, "first")
    fill_database(path, "second")
    with TestClient(create_app(Settings(database=path))) as client:
        yield client


@pytest.fixture(scope="session")
def client(database: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database=database)), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def site(database: str) -> Iterator[str]:
    """The address of a real server over the filled database, below a prefix."""
    server = Server(Settings(database=database, port=0, root_path="/lab"))
    server.start()
    yield server.address.rstrip("/")
    server.stop()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium where there is one, else Playwright's; it phones nobody."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync", "--no-first-run"]
    found = find_system()
    own = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, **own, "args": quiet}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile. The plugin's own fixture of this name warns on pytest 9."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(params=[(width, theme) for width in (390, 1440) for theme in ("light", "dark")])
def tried(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page on a phone and on a desk, light and dark; the browser complains of nothing."""
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    complaints = watch(page)
    yield page
    context.close()
    assert not complaints


@pytest.fixture
def empty_database(tmp_path: Path) -> str:
    path = str(tmp_path / "empty.db")
    open_for_writing(path).dispose()
    return path


@pytest.fixture
def empty_layer(tmp_path: Path) -> Iterator[TestClient]:
    """A client of a model of which nothing is scanned."""
    path = str(tmp_path / "unscanned.db")
    engine = open_for_writing(path)
    Writer(engine).put_model(made_up_model())
    engine.dispose()
    with TestClient(create_app(Settings(database=path)), follow_redirects=False) as client:
        yield client
