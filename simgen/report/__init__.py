"""Presentation of datasets: drawings, previews, plots, notebook output and dataset cards.

Input: a dataset.
Output: images and pages; nothing that a model trains on.
May import: dataset, labels, assets, config, geometry, spec.
"""
