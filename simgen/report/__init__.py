"""Presents datasets to people: drawings, previews, plots, notebooks and dataset cards.

Input: a dataset.
Output: images and pages; nothing that a model trains on.
May import: dataset, labels, assets, config, geometry, spec.
"""
