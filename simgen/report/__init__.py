"""Datasets shown to people: drawings, previews, figures, notebooks, cards.

Comes in: a dataset.
Goes out: pictures and pages. Nothing to train on.
May import: dataset, labels, assets, config, geometry, spec.
"""
