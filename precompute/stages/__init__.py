"""The stages of a run: a module for each kind of evidence.

A new kind is one module here with `STAGES`, a tuple of `Stage`s; `registry` finds it. Its top
imports nothing heavy, PyTorch and SQLAlchemy least of all: the help of `--techniques` names every
stage wherever the package is installed. What a stage computes with is imported by its functions.
"""
