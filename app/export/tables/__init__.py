"""The Parquet export."""
