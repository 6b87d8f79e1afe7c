"""The shapes of the JSON answers."""
