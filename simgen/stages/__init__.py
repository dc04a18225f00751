"""Stages: what stands around the objects of a scene.

Comes in: a stage's name and drawn parameters; the files in `scenes/`, .blend files, plugins.
Goes out: parts, supports, rooms and places for lamps, and the meshes behind a spec's names.
May import: assets, config, geometry, spec.
"""
