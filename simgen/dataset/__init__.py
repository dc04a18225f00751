"""The canonical form of a dataset, in a folder or in object storage.

Comes in: frames with their labels; files.
Goes out: scenes committed whole; `Dataset` and `Sample`, which read them.
May import: labels, sampling, stages, assets, config, geometry, spec.
"""
