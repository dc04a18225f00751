"""Measures what a dataset is worth for training: loaders, detectors, evaluation and studies.

Input: a study's config; datasets, synthetic or photographs with boxes.
Output: training samples; scores of detectors with confidence intervals; a report.
May import: runs, stats, formats, report, dataset, labels, rendering, sampling, stages, assets,
    config, spec.

`detection` defines the plain data, `photographs` reads real images, `trainers` has one detector per
file, `evaluation` scores them with confidence intervals, `study` plans what is trained on what,
and `answer` writes the report.
"""
