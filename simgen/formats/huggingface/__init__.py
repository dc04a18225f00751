"""Hugging Face: Parquet files and their card."""

WRITERS = {
    "huggingface": "write:HUGGINGFACE",
}

DETECTED = 40
