"""Feature visualization: pictures that excite units, made by gradient ascent.

A visualization is four independent values: a parameterisation (`parameterize.py`), transformations
(`transform.py`), an objective (`objective.py`) and an optimiser (`optimize.py`); `recipe.py` holds
every number of them as data.
"""
