"""The tour of a model: remarkable units, chosen and read."""
