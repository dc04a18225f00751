"""Generation of datasets, from the first scene to the dataset card: locally, on Ray or on Slurm.

Input: a config.
Output: a dataset, and reports of progress.
May import: stats, formats, report, dataset, labels, rendering, sampling, stages, assets,
    config, spec.
"""
