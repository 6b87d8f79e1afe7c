"""The only code that reads and writes the database."""

from app.evidence import kinds

# The tables of all kinds are in the metadata before anything is read, copied or checked.
kinds()
