"""The content of scenes: meshes, materials, textures and HDRIs, built-in or supplied by users.

Input: the catalogue of built-in classes; files from users, which are not trusted.
Output: classes and assets by name; their `MeshData`, convex pieces and images.
May import: config, geometry, spec.
"""
