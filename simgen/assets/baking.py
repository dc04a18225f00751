"""Vertex and face colours of a PLY file, written to a texture: materials have one colour each.

Two triangles share a square cell of the texture, one in each half. Colours are interpolated in
display values, as viewers do.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image
from trimesh.visual.color import ColorVisuals

from simgen.assets import images
from simgen.assets.surfaces import COLORED_ROUGHNESS

_SMALLEST, _LARGEST = 4, 16
"""Width of a cell, pixels."""
_VARIED = 3.0
"""Standard deviation of colours, 0..255, up to which a mesh has a single colour."""


def bake(source: Path, target: Path) -> str:
    """Write a PLY file with varied colours as a GLB with a texture, in the same axes and unit.

    Returns a note, or an empty string if nothing was written: the file has a texture, a single
    colour, or too many triangles.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mesh = trimesh.load_mesh(source, process=False, skip_materials=True)
    assert isinstance(mesh, trimesh.Trimesh)
    corners = _corner_colors(mesh)
    if corners is None or corners.reshape(-1, 3).std(axis=0).max() <= _VARIED:
        return ""
    cells = -(-len(corners) // 2)
    across = int(np.ceil(np.sqrt(cells)))
    width = min(_LARGEST, images.MAX_SIDE // across)
    if width < _SMALLEST:
        return ""
    pixels = paint(corners, across, width)
    uv = corner_uv(len(corners), across, width)
    material = trimesh.visual.material.PBRMaterial(
        baseColorTexture=Image.fromarray(pixels),
        metallicFactor=0.0,
        roughnessFactor=COLORED_ROUGHNESS,
    )
    baked = trimesh.Trimesh(
        vertices=mesh.vertices[mesh.faces].reshape(-1, 3),
        faces=np.arange(3 * len(mesh.faces)).reshape(-1, 3),
        visual=trimesh.visual.TextureVisuals(uv=uv.reshape(-1, 2), material=material),
        process=False,
    )
    content = baked.export(file_type="glb")
    assert isinstance(content, bytes)
    target.write_bytes(content)
    return f"vertex colours: written to a texture of {len(pixels)} x {len(pixels)} pixels"


def _corner_colors(mesh: trimesh.Trimesh) -> np.ndarray | None:
    """Return the display colour of each face corner, `F x 3 x 3`, 0..255; None without colours."""
    visual = mesh.visual
    if not isinstance(visual, ColorVisuals) or not len(mesh.faces):
        return None
    if visual.kind == "vertex":
        return np.asarray(visual.vertex_colors, float)[mesh.faces][..., :3]
    if visual.kind == "face":
        return np.repeat(np.asarray(visual.face_colors, float)[:, None, :3], 3, axis=1)
    return None


def _corner_pixels(width: int) -> np.ndarray:
    """Return the pixels of a cell in which the corners of its triangles lie, `2 x 3 x 2` (x, y).

    A row of pixels between the two is left to each, so that filtering never mixes them.
    """
    low, high = 0, width - 3
    first = [(low, low), (high, low), (low, high)]
    return np.array([first, [(width - 1 - x, width - 1 - y) for x, y in first]], float)


def corner_uv(count: int, across: int, width: int) -> np.ndarray:
    """Return the texture coordinates of `count` triangles, `count x 3 x 2`, v up."""
    number = np.arange(count)
    cell = np.stack([number // 2 % across, number // 2 // across], axis=1) * float(width)
    pixels = cell[:, None] + _corner_pixels(width)[number % 2] + 0.5
    uv = pixels / (across * width)
    uv[..., 1] = 1.0 - uv[..., 1]
    return uv


def paint(corners: np.ndarray, across: int, width: int) -> np.ndarray:
    """Return the texture of triangles with colours at their corners, `H x W x 3` uint8.

    corners: `F x 3 x 3`, 0..255. across: cells in a row. width: of a cell, pixels.
    """
    y, x = np.mgrid[0:width, 0:width].astype(float)
    second = (x + y >= width - 1).astype(int)
    weights = np.empty((width, width, 3))
    for half, corner in enumerate(_corner_pixels(width)):
        inverse = np.linalg.inv((corner[1:] - corner[0]).T)
        along = np.stack([x - corner[0, 0], y - corner[0, 1]], axis=-1) @ inverse.T
        here = np.concatenate([1.0 - along.sum(-1, keepdims=True), along], axis=-1)
        weights[second == half] = here[second == half]
    padded = np.zeros((2 * across * across, 3, 3))
    padded[: len(corners)] = corners
    texture = np.empty((across * width, across * width, 3), np.uint8)
    for row in range(across):  # one row at a time, to bound the memory
        pair = padded[2 * across * row : 2 * across * (row + 1)].reshape(across, 2, 3, 3)
        cells = np.einsum("yxk,cyxkd->ycxd", weights, pair[:, second])
        texture[row * width : (row + 1) * width] = (
            cells.clip(0, 255).round().reshape(width, across * width, 3)
        )
    return texture
