"""The first released schema: models, pictures, examples and runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "dataset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dataset"),
        sa.UniqueConstraint("slug", name="uq_dataset_slug"),
    )
    op.create_table(
        "image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_image"),
        sa.UniqueConstraint("sha256", name="uq_image_sha256"),
    )
    op.create_index("ix_image_head", "image", ["sha256", "media_type", "width", "height"])
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
        sa.PrimaryKeyConstraint("id", name="pk_model"),
        sa.UniqueConstraint("slug", name="uq_model_slug"),
    )
    op.create_table(
        "recipe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recipe"),
        sa.UniqueConstraint("sha256", name="uq_recipe_sha256"),
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
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_table(
        "dataset_image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("image_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="fk_dataset_image_dataset_id_dataset"
        ),
        sa.ForeignKeyConstraint(
            ["image_sha256"], ["image.sha256"], name="fk_dataset_image_image_sha256_image"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dataset_image"),
        sa.UniqueConstraint("dataset_id", "path", name="uq_dataset_image_dataset_id_path"),
    )
    op.create_index(
        "ix_dataset_image_image_sha256", "dataset_image", ["image_sha256"], unique=False
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
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name="fk_layer_model_id_model"),
        sa.PrimaryKeyConstraint("id", name="pk_layer"),
        sa.UniqueConstraint("model_id", "name", name="uq_layer_model_id_name"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer_id", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["layer_id"], ["layer.id"], name="fk_unit_layer_id_layer"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("layer_id", "index", name="uq_unit_layer_id_index"),
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
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="fk_example_dataset_id_dataset"
        ),
        sa.ForeignKeyConstraint(
            ["dataset_image_id"],
            ["dataset_image.id"],
            name="fk_example_dataset_image_id_dataset_image",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_example_unit_id_unit"),
        sa.PrimaryKeyConstraint("unit_id", "dataset_id", "kind", "rank", name="pk_example"),
    )
    op.create_index("ix_example_dataset_image_id", "example", ["dataset_image_id"], unique=False)
    op.create_table(
        "scan",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("recipe_id", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name="fk_scan_dataset_id_dataset"),
        sa.ForeignKeyConstraint(["recipe_id"], ["recipe.id"], name="fk_scan_recipe_id_recipe"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_scan_unit_id_unit"),
        sa.PrimaryKeyConstraint("unit_id", "dataset_id", name="pk_scan"),
    )
    op.create_table(
        "visualization",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("technique", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("image_sha256", sa.String(length=64), nullable=False),
        sa.Column("recipe_id", sa.Integer(), nullable=False),
        sa.Column("activation", sa.Double(), nullable=False),
        sa.Column("maximum", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_sha256"], ["image.sha256"], name="fk_visualization_image_sha256_image"
        ),
        sa.ForeignKeyConstraint(
            ["recipe_id"], ["recipe.id"], name="fk_visualization_recipe_id_recipe"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_visualization_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_visualization"),
        sa.UniqueConstraint(
            "unit_id", "technique", "seed", name="uq_visualization_unit_id_technique_seed"
        ),
    )
    op.create_index(
        "ix_visualization_image_sha256", "visualization", ["image_sha256"], unique=False
    )
