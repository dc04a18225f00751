"""Transforms, camera models, meshes, ray casting, deformation, colour: arrays in, arrays out.

Comes in: arrays, and the cameras and motions of a spec.
Goes out: arrays; `MeshData`, the form that every mesh takes.
May import: spec.
"""
