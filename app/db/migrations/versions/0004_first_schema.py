"""The first schema: what version 0.1 made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = None


def upgrade() -> None:
    op.create_table(
        "dataset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("private", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("slug", name=op.f("uq_dataset_slug")),
    )
    op.create_table(
        "hidden",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_hidden")),
    )
    op.create_table(
        "image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image")),
        sa.UniqueConstraint("sha256", name=op.f("uq_image_sha256")),
    )
    op.create_index(
        "ix_image_head", "image", ["sha256", "media_type", "width", "height"], unique=False
    )
    op.create_table(
        "model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("variant", sa.String(length=80), nullable=False),
        sa.Column("weights_sha256", sa.String(length=64), nullable=False),
        sa.Column("weights_file", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("input_size", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
        sa.UniqueConstraint("slug", name=op.f("uq_model_slug")),
    )
    op.create_table(
        "recipe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe")),
        sa.UniqueConstraint("sha256", name=op.f("uq_recipe_sha256")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_table(
        "dataset_image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("image_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_dataset_image_dataset_id_dataset")
        ),
        sa.ForeignKeyConstraint(
            ["image_sha256"], ["image.sha256"], name=op.f("fk_dataset_image_image_sha256_image")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_image")),
        sa.UniqueConstraint("dataset_id", "path", name=op.f("uq_dataset_image_dataset_id_path")),
    )
    op.create_index(
        op.f("ix_dataset_image_image_sha256"), "dataset_image", ["image_sha256"], unique=False
    )
    op.create_table(
        "layer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("map_size", sa.Integer(), nullable=False),
        sa.Column("stride", sa.Integer(), nullable=True),
        sa.Column("receptive_field", sa.Integer(), nullable=True),
        sa.Column("branches", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_layer_model_id_model")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer")),
        sa.UniqueConstraint("model_id", "name", name=op.f("uq_layer_model_id_name")),
    )
    op.create_table(
        "label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["layer_id"], ["layer.id"], name=op.f("fk_label_layer_id_layer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
    )
    op.create_index(op.f("ix_label_layer_id"), "label", ["layer_id"], unique=False)
    op.create_table(
        "sheet",
        sa.Column("layer_id", sa.Integer(), nullable=False),
        sa.Column("technique", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("image_sha256", sa.String(length=64), nullable=False),
        sa.Column("present", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_sha256"], ["image.sha256"], name=op.f("fk_sheet_image_sha256_image")
        ),
        sa.ForeignKeyConstraint(["layer_id"], ["layer.id"], name=op.f("fk_sheet_layer_id_layer")),
        sa.PrimaryKeyConstraint("layer_id", "technique", "number", name=op.f("pk_sheet")),
    )
    op.create_index(op.f("ix_sheet_image_sha256"), "sheet", ["image_sha256"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer_id", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["layer_id"], ["layer.id"], name=op.f("fk_unit_layer_id_layer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("layer_id", "index", name=op.f("uq_unit_layer_id_index")),
    )
    op.create_table(
        "effect",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("output_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("recipe_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_effect_dataset_id_dataset")
        ),
        sa.ForeignKeyConstraint(["output_id"], ["unit.id"], name=op.f("fk_effect_output_id_unit")),
        sa.ForeignKeyConstraint(
            ["recipe_id"], ["recipe.id"], name=op.f("fk_effect_recipe_id_recipe")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_effect_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "dataset_id", "rank", name=op.f("pk_effect")),
    )
    op.create_index(
        op.f("ix_effect_output_id_value"), "effect", ["output_id", "value"], unique=False
    )
    op.create_table(
        "example",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("dataset_image_id", sa.Integer(), nullable=False),
        sa.Column("activation", sa.Double(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=True),
        sa.Column("upper", sa.Integer(), nullable=True),
        sa.Column("right", sa.Integer(), nullable=True),
        sa.Column("lower", sa.Integer(), nullable=True),
        sa.Column("heat", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_example_dataset_id_dataset")
        ),
        sa.ForeignKeyConstraint(
            ["dataset_image_id"],
            ["dataset_image.id"],
            name=op.f("fk_example_dataset_image_id_dataset_image"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_example_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "dataset_id", "kind", "rank", name=op.f("pk_example")),
    )
    op.create_index(
        op.f("ix_example_dataset_image_id"), "example", ["dataset_image_id"], unique=False
    )
    op.create_table(
        "highlight",
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_highlight_model_id_model")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_highlight_unit_id_unit")),
        sa.PrimaryKeyConstraint("model_id", "rank", name=op.f("pk_highlight")),
    )
    op.create_table(
        "neighbour",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("within", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("correlation", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_neighbour_dataset_id_dataset")
        ),
        sa.ForeignKeyConstraint(["other_id"], ["unit.id"], name=op.f("fk_neighbour_other_id_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_neighbour_unit_id_unit")),
        sa.PrimaryKeyConstraint(
            "unit_id", "dataset_id", "within", "rank", name=op.f("pk_neighbour")
        ),
    )
    op.create_table(
        "scan",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("recipe_id", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_scan_dataset_id_dataset")
        ),
        sa.ForeignKeyConstraint(
            ["recipe_id"], ["recipe.id"], name=op.f("fk_scan_recipe_id_recipe")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_scan_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "dataset_id", name=op.f("pk_scan")),
    )
    op.create_table(
        "statistics",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("positions", sa.BigInteger(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("deviation", sa.Double(), nullable=False),
        sa.Column("skew", sa.Double(), nullable=False),
        sa.Column("maximum", sa.Double(), nullable=False),
        sa.Column("minimum", sa.Double(), nullable=False),
        sa.Column("density", sa.Double(), nullable=False),
        sa.Column("image_density", sa.Double(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("top_images", sa.Integer(), nullable=False),
        sa.Column("quantiles", sa.JSON(), nullable=False),
        sa.Column("histogram", sa.JSON(), nullable=False),
        sa.Column("intervals", sa.JSON(), nullable=False),
        sa.Column("class_means", sa.JSON(), nullable=False),
        sa.Column("class_shares", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_statistics_dataset_id_dataset")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_statistics_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "dataset_id", name=op.f("pk_statistics")),
    )
    op.create_index(
        "ix_statistics_list",
        "statistics",
        [
            "dataset_id",
            "unit_id",
            "mean",
            "deviation",
            "skew",
            "maximum",
            "minimum",
            "density",
            "image_density",
            "place",
        ],
        unique=False,
    )
    op.create_table(
        "visualization",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("technique", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("image_sha256", sa.String(length=64), nullable=False),
        sa.Column("recipe_id", sa.Integer(), nullable=False),
        sa.Column("activation", sa.Double(), nullable=False),
        sa.Column("maximum", sa.Double(), nullable=False),
        sa.Column("minimum", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_sha256"], ["image.sha256"], name=op.f("fk_visualization_image_sha256_image")
        ),
        sa.ForeignKeyConstraint(
            ["layer_id"], ["layer.id"], name=op.f("fk_visualization_layer_id_layer")
        ),
        sa.ForeignKeyConstraint(
            ["recipe_id"], ["recipe.id"], name=op.f("fk_visualization_recipe_id_recipe")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_visualization_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visualization")),
        sa.UniqueConstraint(
            "unit_id",
            "technique",
            "seed",
            "member",
            name=op.f("uq_visualization_unit_id_technique_seed_member"),
        ),
    )
    op.create_index(
        op.f("ix_visualization_image_sha256"), "visualization", ["image_sha256"], unique=False
    )
    op.create_index(
        op.f("ix_visualization_layer_id_technique_seed_member"),
        "visualization",
        ["layer_id", "technique", "seed", "member"],
        unique=True,
        sqlite_where=sa.text("unit_id IS NULL"),
        postgresql_where=sa.text("unit_id IS NULL"),
    )
