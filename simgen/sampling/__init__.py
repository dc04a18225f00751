"""Samples a `SceneSpec` from a config and a scene index, with every object placed and at rest.

Input: a config, a scene's index, assets and stages.
Output: a `SceneSpec`. Nothing here depends on Blender.
May import: stages, assets, config, geometry, spec.
"""
