"""The commands of `simgen`: arguments in, one line for each error, an exit code out.

Comes in: words of a command line.
Goes out: what the rooms below make of them.
May import: viewer, training, runs, stats, formats, report, dataset, labels, rendering, sampling,
    stages, assets, config, geometry, spec.
"""
