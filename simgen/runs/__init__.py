"""A run, from its first scene to its card: here, on Ray, on Slurm.

Comes in: a config.
Goes out: a dataset, and reports on how far it is.
May import: stats, formats, report, dataset, labels, rendering, sampling, stages, assets,
    config, spec.
"""
