"""The tables of the database, and nothing else.

Public addresses (model, layer, unit) are unique keys. The integer ids behind them keep the large
tables narrow and never leave `app.db`. Images are stored once, by hash.
"""

from app.db.tables.base import Base
from app.db.tables.evidence import (
    Dataset,
    DatasetImage,
    Effect,
    Example,
    Neighbour,
    Scan,
    Statistics,
)
from app.db.tables.explorer import Hidden, Highlight, Label, Revision, Sheet
from app.db.tables.network import Image, Layer, Model, Recipe, Run, Unit, Visualization

# The newest migration; a database of another revision is not touched.
REVISION = "0005"

__all__ = [
    "REVISION",
    "Base",
    "Dataset",
    "DatasetImage",
    "Effect",
    "Example",
    "Hidden",
    "Highlight",
    "Image",
    "Label",
    "Layer",
    "Model",
    "Neighbour",
    "Recipe",
    "Revision",
    "Run",
    "Scan",
    "Sheet",
    "Statistics",
    "Unit",
    "Visualization",
]
