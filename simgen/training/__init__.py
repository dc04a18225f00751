"""Datasets as trainers take them: arrays of boxes, masks and classes, loaders of PyTorch.

Comes in: a dataset.
Goes out: samples for training.
May import: formats, dataset, labels, spec.
"""
