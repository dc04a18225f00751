"""Datasets as trainers take them, and how well detectors do that were trained on them.

Comes in: datasets.
Goes out: samples for training; scores, comparisons and pages about them.
May import: runs, stats, formats, report, dataset, labels, sampling, config, spec.
"""
