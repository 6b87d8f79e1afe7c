"""The tables of networks, data sets and the explorer; `app.evidence` adds those of evidence.

Public addresses (model, layer, unit) are unique keys. The integer ids behind them keep the large
tables narrow and never leave `app.db`. Images are stored once, by hash. A column's comment is its
help text: exports and the documentation show it.
"""

from app.tables.base import Base
from app.tables.datasets import Dataset, DatasetImage
from app.tables.explorer import Hidden, Highlight, Revision, Sheet
from app.tables.network import Image, Layer, Model, Recipe, Run, Unit

__all__ = [
    "Base",
    "Dataset",
    "DatasetImage",
    "Hidden",
    "Highlight",
    "Image",
    "Layer",
    "Model",
    "Recipe",
    "Revision",
    "Run",
    "Sheet",
    "Unit",
]
