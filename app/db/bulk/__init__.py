"""Whole tables with natural keys, for exports."""
