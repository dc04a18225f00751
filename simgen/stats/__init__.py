"""Statistics of datasets in any readable format, and comparisons between two of them.

Input: datasets.
Output: `stats.json`, `stats.html`, `gap.json`, `gap.html`, and adapted images.
May import: formats, report, dataset, labels, sampling, config, spec.
"""
