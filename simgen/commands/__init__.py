"""The subcommands of `simgen`: parse arguments, print one line per error, return an exit code.

Input: command-line arguments.
Output: files, printed text and an exit code, produced by the packages below.
May import: viewer, training, runs, stats, formats, report, dataset, labels, rendering, sampling,
    stages, assets, config, geometry, spec.
"""
