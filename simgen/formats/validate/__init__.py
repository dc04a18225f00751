"""Whether a dataset is what trainers silently assume: files, numbers, and labels that agree."""
