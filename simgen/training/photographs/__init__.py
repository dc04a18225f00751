"""Real data: read, mapped to the classes of a study, split by group, and cut into tiles."""
