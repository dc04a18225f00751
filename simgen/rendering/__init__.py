"""From a `SceneSpec` to arrays.

Comes in: a spec and its meshes.
Goes out: `RawFrame`: linear light, which thing each pixel's ray meets and how far away; images as a
    camera's sensor would give them. `rendering/blender/` is the only place that imports bpy.
May import: stages, assets, config, geometry, spec.
"""
