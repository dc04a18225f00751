"""Validation: recognising a dataset's format and checking its rules."""
