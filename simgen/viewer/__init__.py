"""Datasets as pages that open from a folder: nothing to install, no server needed.

Comes in: a dataset.
Goes out: pages. `app/` holds their HTML, style and scripts.
May import: stats, formats, report, dataset, labels, config, geometry, spec.
"""
