"""A unit with all that data sets say of it as a JSON answer: paths are added, nothing left out."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby

from app.db.views import LabelView, UnitView
from app.db.views.evidence import (
    ArguerView,
    EffectView,
    ExampleView,
    NeighbourView,
    PlacedUnit,
    ScanView,
    StatisticsView,
    UnitDetail,
)
from app.unit_names import LOGITS
from app.web.api.schemas import evidence
from app.web.api.schemas import unit as schemas
from app.web.api.schemas.class_units import ClassUnit, ClassUnits
from app.web.api.schemas.lists import ClassSummary
from app.web.api.serializers import image_path, is_hidden, recipe, visualization
from app.web.urls import Urls


def unit(urls: Urls, found: PlacedUnit) -> schemas.Unit:
    model, layer, view = found.model, found.layer, found.unit
    examples, name = view.examples, layer.name
    return evidence.Unit(
        model=model.slug,
        layer=name,
        unit=view.index,
        title=view.title,
        branch=layer.branch_of(view.index),
        map_size=layer.map_size,
        weights_sha256=model.weights_sha256,
        labels=[label(name, each) for each in found.labels],
        visualizations=[visualization(urls, each, examples) for each in view.visualizations],
        examples=[example(urls, model.slug, name, view.index, each) for each in examples],
        scans=[scan(each) for each in view.scans],
        statistics=[statistics(each) for each in view.statistics],
        neighbours=[neighbour(urls, model.slug, each) for each in view.neighbours],
        effects=effects(urls, model.slug, view),
        class_units=class_units(urls, model.slug, view),
        page=urls.unit(model.slug, name, view.index),
        **evidence.evidence(view),
    )


def example(urls: Urls, model: str, layer: str, unit: int, view: ExampleView) -> schemas.Example:
    heat = urls.heat(model, layer, unit, view.dataset, view.kind, view.rank)
    return schemas.Example(
        kind=view.kind,
        rank=view.rank,
        activation=view.activation,
        y=view.y,
        x=view.x,
        dataset=view.dataset,
        path=view.path,
        label=view.label,
        image=image_path(urls, view.image),
        hidden=is_hidden(view.image),
        box=_box(view),
        heat=heat if view.has_heat and not is_hidden(view.image) else None,
    )


def label(layer: str, view: LabelView) -> schemas.Label:
    return schemas.Label(layer=layer, **asdict(view))


def class_summary(urls: Urls, model: str, view: UnitView) -> ClassSummary:
    return ClassSummary(
        output=view.index,
        title=view.title,
        image=image_path(urls, view.image),
        href=urls.api_unit(model, LOGITS, view.index),
        page=urls.unit(model, LOGITS, view.index),
    )


def _box(view: ExampleView) -> schemas.Box | None:
    if view.box is None:
        return None
    left, upper, right, lower = view.box
    return schemas.Box(left=left, upper=upper, right=right, lower=lower)


def scan(view: ScanView) -> schemas.Scan:
    return schemas.Scan(
        dataset=view.dataset,
        fingerprint=view.fingerprint,
        private=view.private,
        top=view.top,
        images=view.images,
        created=view.created,
        recipe=recipe(view.recipe),
    )


def statistics(view: StatisticsView) -> schemas.Statistics:
    return schemas.Statistics(
        **view.summary._asdict(),
        dataset=view.dataset,
        images=view.images,
        positions=view.positions,
        quantiles=[schemas.Quantile(share=share, value=value) for share, value in view.quantiles],
        histogram=schemas.Histogram.model_validate(view.histogram),
        intervals=[schemas.Interval.model_validate(each) for each in view.intervals],
        class_means=[schemas.ClassValue.model_validate(each) for each in view.class_means],
        class_shares=[schemas.ClassValue.model_validate(each) for each in view.class_shares],
        top_images=view.top_images,
    )


def neighbour(urls: Urls, model: str, view: NeighbourView) -> schemas.Neighbour:
    return schemas.Neighbour(
        dataset=view.dataset,
        layer=view.layer,
        unit=view.index,
        title=view.title,
        image=image_path(urls, view.image),
        hidden=is_hidden(view.image),
        within=view.within,
        rank=view.rank,
        correlation=view.correlation,
        href=urls.api_unit(model, view.layer, view.index),
        page=urls.unit(model, view.layer, view.index),
    )


def effects(urls: Urls, model: str, view: UnitDetail) -> list[schemas.Effects]:
    return [
        schemas.Effects(
            dataset=dataset,
            outputs=[_effect(urls, model, each) for each in own],
            recipe=recipe(view.effect_recipes[dataset]),
        )
        for dataset, own in groupby(view.effects, key=lambda each: each.dataset)
    ]


def _effect(urls: Urls, model: str, view: EffectView) -> schemas.Effect:
    return schemas.Effect(
        output=view.output,
        title=view.title,
        rank=view.rank,
        value=view.value,
        images=view.images,
        href=urls.api_unit(model, LOGITS, view.output),
        page=urls.unit(model, LOGITS, view.output),
    )


def class_units(urls: Urls, model: str, view: UnitDetail) -> list[ClassUnits]:
    return [
        ClassUnits(
            dataset=dataset,
            units=[_class_unit(urls, model, each) for each in own],
            recipe=recipe(view.effect_recipes[dataset]),
        )
        for dataset, own in groupby(view.arguers, key=lambda each: each.dataset)
    ]


def _class_unit(urls: Urls, model: str, view: ArguerView) -> ClassUnit:
    return ClassUnit(
        layer=view.layer,
        unit=view.index,
        image=image_path(urls, view.image),
        hidden=is_hidden(view.image),
        rank=view.rank,
        value=view.value,
        images=view.images,
        href=urls.api_unit(model, view.layer, view.index),
        page=urls.unit(model, view.layer, view.index),
    )
