"""Transforms, camera models, meshes, rays, colour: arrays in, arrays out."""
