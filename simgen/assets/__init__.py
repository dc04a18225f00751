"""What scenes are made of: meshes, textures and HDRIs, built in or of users.

Comes in: the catalogue of built-in classes; files of users, which are not trusted.
Goes out: classes and assets by name; their `MeshData`, convex pieces and images.
May import: config, geometry, spec.
"""
