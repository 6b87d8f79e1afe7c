"""The page of a model, and the list of models."""
