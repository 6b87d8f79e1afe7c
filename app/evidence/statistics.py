"""What a unit does over all images of a data set: moments, quantiles, histogram, classes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.evidence.base import Kind, Panel
from app.statistics import STATISTICS
from app.tables.base import Base
from app.tables.fields import Field, exported, of_records, of_value

PLACE = "Place in its layer's order by similarity, from 0; null if unknown."


class Statistics(Base):
    """What a unit does over all images of a data set; numbers are before the ReLU.

    The numbers that lists ask for stand before the long columns, which lists never select: a
    layer's units are found by their index, and their rows by this key.
    """

    __tablename__ = "statistics"
    # Lists are answered from this index alone: rows are wide, and there are thousands.
    __table_args__ = (Index("ix_statistics_list", "dataset_id", "unit_id", *STATISTICS, "place"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    images: Mapped[int] = mapped_column(comment="How many images were read.")
    positions: Mapped[int] = mapped_column(BigInteger, comment="Cells of the map over all of them.")
    mean: Mapped[float] = mapped_column(comment=STATISTICS["mean"].help)
    deviation: Mapped[float] = mapped_column(comment=STATISTICS["deviation"].help)
    skew: Mapped[float] = mapped_column(comment=STATISTICS["skew"].help)
    maximum: Mapped[float] = mapped_column(comment=STATISTICS["maximum"].help)
    minimum: Mapped[float] = mapped_column(comment=STATISTICS["minimum"].help)
    density: Mapped[float] = mapped_column(comment=STATISTICS["density"].help)
    image_density: Mapped[float] = mapped_column(comment=STATISTICS["image_density"].help)
    place: Mapped[int | None] = mapped_column(comment=PLACE)
    top_images: Mapped[int] = mapped_column(comment="How many images the top 1 % are.")
    """`class_shares` counts their classes."""
    quantiles: Mapped[list[list[float]]] = mapped_column(
        JSON,
        info=exported(
            Field(
                "quantile_shares",
                "numbers",
                "Shares, each of the quantile at the same place.",
                lambda found: [share for share, _ in found],
            ),
            Field(
                "quantile_values",
                "numbers",
                "The quantiles.",
                lambda found: [value for _, value in found],
            ),
        ),
    )
    """`[[share, value], …]`."""
    histogram: Mapped[dict[str, Any]] = mapped_column(
        JSON,
        info=exported(
            of_value(
                "histogram_low", "number", "The lower end of the histogram's first bin.", "low"
            ),
            of_value("histogram_high", "number", "The upper end of its last.", "high"),
            of_value(
                "histogram_counts",
                "integers",
                "The counts of its bins, all equally wide.",
                "counts",
            ),
            of_value(
                "histogram_positions",
                "integer",
                "Positions of each map that it counts.",
                "positions",
            ),
        ),
    )
    """`{"low": …, "high": …, "counts": […], "positions": …}`."""
    intervals: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON,
        info=exported(
            of_records(
                "interval_lows",
                "numbers",
                "The lower ends of the intervals of the range.",
                "low",
            ),
            of_records("interval_highs", "numbers", "Their upper ends.", "high"),
            of_records(
                "interval_images", "integers", "How many images' maxima lie in each.", "images"
            ),
        ),
    )
    """`[{"low": …, "high": …, "images": …}, …]`, from the lowest."""
    class_means: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON,
        info=exported(
            of_records(
                "class_mean_labels",
                "texts",
                "Classes with the highest means, highest first.",
                "label",
            ),
            of_records("class_mean_values", "numbers", "Their means, after the ReLU.", "value"),
        ),
    )
    """`[{"label": …, "value": …}, …]`, the highest first."""
    class_shares: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON,
        info=exported(
            of_records(
                "class_share_labels",
                "texts",
                "Classes of the top 1 % of images, most first.",
                "label",
            ),
            of_records("class_share_values", "numbers", "Their shares of these images.", "value"),
        ),
    )
    """The same shape: the share of each class among the top 1 % of images."""


KIND = Kind(
    name="statistics",
    table=Statistics,
    help="What a unit does over all images of a data set; values are before the ReLU.",
    words="statistics",
    panels=(
        Panel(
            "range",
            "From the highest to the lowest",
            40,
            "How the range was cut",
            parts=frozenset({"examples", "scans"}),
            template="range.html",
            place="wide",
        ),
        Panel(
            "histogram",
            "How often it takes which value",
            50,
            "How the values were counted",
            parts=frozenset({"visualizations", "scans"}),
            template="histogram.html",
            place="grid",
        ),
        Panel(
            "classes",
            "Classes",
            60,
            "How the classes were compared",
            parts=frozenset({"scans"}),
            template="classes.html",
            place="grid",
        ),
    ),
    stage="examples",
    has_reader=True,
)
