"""Transforms, camera models, meshes, ray casting, deformation and colour spaces, on NumPy arrays.

Input: arrays, and the cameras and motions of a spec.
Output: arrays; `MeshData`, the one representation of a mesh.
May import: spec.
"""
