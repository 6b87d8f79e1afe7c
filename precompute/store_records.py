"""From what the network and the scan say to the store's records: the pipeline's translator."""

from __future__ import annotations

from collections.abc import Sequence

from app.db.records import (
    BranchRecord,
    DatasetRecord,
    ImageRecord,
    LayerRecord,
    ModelRecord,
    RecipeRecord,
    VisualizationRecord,
)
from precompute.images.dataset import Dataset
from precompute.images.view import BadImageError, View
from precompute.missing import RenderBatch
from precompute.network import LOGITS, Inception, Layer, Weights, map_sizes
from precompute.render.picture import Encoding, encode
from precompute.render.render import Picture

# A view of 224 px at this quality takes about 9 KB and shows no artefact that the eye finds.
VIEW_ENCODING = Encoding("image/webp", quality=85, effort=4, lossless_side=0)


def model_record(
    slug: str, weights: Weights, network: Inception, names: Sequence[str]
) -> ModelRecord:
    """The model as the store keeps it; `names` are its classes', empty where only numbered."""
    variant = weights.variant
    title = variant.title if slug == variant.slug else f"{slug} · {variant.title}"
    sizes = map_sizes(variant, variant.input_size)
    layers = tuple(_layer_record(layer, sizes[layer.name], names) for layer in network.layers)
    return ModelRecord(
        slug, title, variant.slug, weights.sha256, weights.path.name, weights.licence,
        variant.input_size, layers,
    )  # fmt: skip


def _layer_record(layer: Layer, map_size: int, names: Sequence[str]) -> LayerRecord:
    titles = tuple(names) if layer.name == LOGITS and names else None
    branches = tuple(BranchRecord(b.name, b.start, b.stop) for b in layer.branches)
    return LayerRecord(
        layer.name, layer.channels, map_size, layer.stride, layer.receptive_field, branches, titles
    )


def dataset_record(dataset: Dataset) -> DatasetRecord:
    """The data set as the store keeps it."""
    return DatasetRecord(
        dataset.slug,
        dataset.title,
        dataset.licence,
        dataset.fingerprint,
        len(dataset.items),
        dataset.private,
    )


def visualization_records(
    batch: RenderBatch, technique: str, recipe: RecipeRecord, pictures: Sequence[Picture]
) -> list[VisualizationRecord]:
    """A rendered batch as the store keeps it."""
    return [
        VisualizationRecord(
            batch.layer, picture.unit, technique, batch.seed,
            ImageRecord.of(picture.bytes, picture.media_type, picture.width, picture.height),
            recipe, picture.activation, picture.maximum, picture.seconds,
            picture.member, picture.minimum, picture.note,
        )
        for picture in pictures
    ]  # fmt: skip


def view_record(dataset: Dataset, index: int, view: View) -> ImageRecord | None:
    """An image's view as it is stored and shown; `None` if it can no longer be read."""
    try:
        image = view.of(dataset.source(index).open())
    except BadImageError:
        return None
    return ImageRecord.of(encode(image, VIEW_ENCODING), VIEW_ENCODING.media_type, *image.size)
