"""Finding units by criteria."""
