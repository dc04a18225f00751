"""Datasets as HTML pages that open from a folder, without a server or an installation.

Input: a dataset.
Output: pages. `app/` holds their HTML, CSS and JavaScript.
May import: training, stats, formats, report, dataset, labels, config, geometry, spec.
"""
