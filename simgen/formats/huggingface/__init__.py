"""Hugging Face: Parquet files and their card."""
