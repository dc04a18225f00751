"""From a config and an index to a `SceneSpec`: everything drawn, every object at rest.

Comes in: a config, a scene's index, assets and stages.
Goes out: a `SceneSpec`. Nothing here knows Blender.
May import: stages, assets, config, geometry, spec.
"""
