"""The commands precompute, demo and weights."""
