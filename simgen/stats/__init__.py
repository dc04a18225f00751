"""Statistics of datasets, of simgen or of others, and how two of them differ.

Comes in: datasets, in any format that can be read.
Goes out: `stats.json`, `stats.html`.
May import: formats, report, dataset, labels, sampling, config, spec.
"""
