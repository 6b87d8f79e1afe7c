"""The static copy of the explorer."""
