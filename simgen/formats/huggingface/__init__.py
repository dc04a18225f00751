"""Hugging Face: Parquet files and a dataset card."""

WRITERS = {
    "huggingface": "write:HUGGINGFACE",
}

DETECTED = 40
