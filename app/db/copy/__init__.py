"""Copies a database into another, of either engine."""
