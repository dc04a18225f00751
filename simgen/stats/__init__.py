"""Statistics of datasets, simgen's or other people's, and how two of them differ."""
