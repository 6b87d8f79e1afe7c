"""The offline half: renders feature visualizations, finds dataset examples, fills the database."""
