"""simgen's own dataset format, in a folder or in object storage.

Input: frames with their labels; files.
Output: scenes, each committed atomically; `Dataset` and `Sample`, which read them.
May import: labels, sampling, stages, assets, config, geometry, spec.
"""
