"""Labels: pure functions from a rendered frame's arrays and its spec to what models train on.

`registry` lists the labels. Each is an entry of its own module, which says what the label needs and
how it is made, stored, read, drawn and checked.

Input: a spec, its meshes, and the arrays of a render.
Output: the labels of each frame; `FrameRecord`, the labels that are numbers rather than images.
May import: rendering, stages, assets, config, geometry, spec.
"""

IGNORE = 65535
"""Value of `semantic` in regions to be ignored."""
