"""Rendering of a `SceneSpec` to arrays.

Input: a spec and its meshes.
Output: `RawFrame`: linear light, and for each pixel the object that its ray hits and its
distance; images as a camera's sensor would record them. Only `rendering/blender/` imports bpy.
May import: stages, assets, config, geometry, spec.
"""
