"""Labels: pure functions from the arrays of a rendered frame and its spec to training labels.

`registry` lists the labels. Each is an entry, defined in the module of the label, that states what
the label requires and how it is computed, stored, read, drawn and checked.

Input: a spec, its meshes, and the arrays of a render.
Output: the labels of each frame; `FrameRecord`, the labels that are numbers rather than images.
May import: rendering, stages, assets, config, geometry, spec.
"""

IGNORE = 65535
"""Value of `semantic` in ignore regions."""
