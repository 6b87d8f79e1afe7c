"""The single writer of the database."""
