"""Finds out what a dataset is, and checks it against the rules of its format."""
