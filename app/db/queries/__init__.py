"""Reads, answered as the dataclasses of `views`."""
