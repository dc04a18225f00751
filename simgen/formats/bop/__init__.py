"""BOP, as folders and as tar files."""
