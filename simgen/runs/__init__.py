"""A run, from its first scene to its card."""
