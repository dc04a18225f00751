"""MeshData: a triangle mesh as plain arrays, the form every asset takes on its way to Blender."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class SurfaceData:
    """The material that a mesh file brought along, for one slot of a mesh.

    Colours are linear Rec.709; images are `H x W x 4` uint8, sRGB-coded, row 0 on top.
    """

    base_color: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    roughness: float = 0.5
    metallic: float = 0.0
    image: np.ndarray | None = None
    """Base colour texture, multiplied by `base_color`."""


@dataclass(frozen=True)
class MeshData:
    """A triangle mesh in its own object frame, in metres, z up.

    vertices: `V x 3` float64.
    faces: `F x 3` int32, counter-clockwise seen from outside.
    uv: `F x 3 x 2` float32, one coordinate per face corner, v up (Blender's and OBJ's sense).
    slot: `F` int32, index into `slots`.
    slots: names of the material slots.
    surfaces: the file's own material per slot; None where a randomizer has to give one.
    pieces: convex pieces for the physics, each `n x 3`; empty means "derive them".
    smooth_angle: edges sharper than this (radians) are shaded as edges.
    """

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    slot: np.ndarray
    slots: tuple[str, ...]
    surfaces: tuple[SurfaceData | None, ...] = ()
    pieces: tuple[np.ndarray, ...] = field(default=())
    smooth_angle: float = np.radians(40.0)

    def __post_init__(self) -> None:
        faces = len(self.faces)
        expected = {"uv": (faces, 3, 2), "slot": (faces,), "faces": (faces, 3)}
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")
        if not self.surfaces:
            object.__setattr__(self, "surfaces", (None,) * len(self.slots))

    def bounds(self) -> np.ndarray:
        """`2 x 3`: lowest and highest corner of the axis-aligned box, metres."""
        return np.stack([self.vertices.min(axis=0), self.vertices.max(axis=0)])
