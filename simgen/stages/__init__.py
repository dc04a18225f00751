"""Stages: the surroundings of the objects in a scene.

Input: a stage's name and its sampled parameters; files in `scenes/`, .blend files, plugins.
Output: parts, supports, rooms, positions for lamps, and the meshes that the names in a spec
    refer to.
May import: assets, config, geometry, spec.
"""
