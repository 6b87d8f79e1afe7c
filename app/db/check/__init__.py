"""Checks a whole database, and repairs it by removing what is broken."""
