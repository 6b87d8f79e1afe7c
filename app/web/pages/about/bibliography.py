"""The work of others that the methods come from, as the page about the data lists it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication or a program, and where it stands."""

    authors: str
    title: str
    year: int
    use: str
    """What was taken from it."""
    address: str


SOURCES = (
    Reference(
        "Szegedy et al.",
        "Going Deeper with Convolutions",
        2014,
        "the network",
        "https://arxiv.org/abs/1409.4842",
    ),
    Reference(
        "Olah, Mordvintsev, Schubert",
        "Feature Visualization",
        2017,
        "the method",
        "https://distill.pub/2017/feature-visualization/",
    ),
    Reference(
        "Olah, Mordvintsev, Schubert",
        "Feature Visualization, appendix",
        2017,
        "units of every layer of an InceptionV1 beside their examples",
        "https://distill.pub/2017/feature-visualization/appendix/",
    ),
    Reference(
        "Google and contributors",
        "Lucid",
        2018,
        "the parameterisation, the transformations and the objectives",
        "https://github.com/tensorflow/lucid",
    ),
    Reference(
        "Borowski et al.",
        "Exemplary Natural Images Explain CNN Activations Better than State-of-the-Art Feature "
        "Visualization",
        2020,
        "why examples stand beside every picture",
        "https://arxiv.org/abs/2010.12606",
    ),
)
