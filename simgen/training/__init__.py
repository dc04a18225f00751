"""Datasets as trainers take them."""
