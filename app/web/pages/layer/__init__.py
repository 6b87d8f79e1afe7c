"""The page of a layer."""
