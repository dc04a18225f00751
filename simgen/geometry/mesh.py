"""MeshData: a triangle mesh as plain arrays, the form every asset takes on its way to Blender."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simgen.geometry.transforms import box_of

Point = tuple[float, float, float]


@dataclass(frozen=True)
class SurfaceData:
    """The material that a mesh file brought along, for one slot of a mesh.

    Colours are linear Rec.709; images are `H x W x 4` uint8, sRGB-coded, row 0 on top.
    """

    base_color: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    """Its alpha is below 1 for whatever lets light through, glass included."""
    roughness: float = 0.5
    """With `rough_metal_image`, its mean."""
    metallic: float = 0.0
    """Likewise."""
    image: np.ndarray | None = None
    """Base colour texture, multiplied by `base_color`."""
    transmission: float = 0.0
    """How much of what is not reflected goes through, 0 opaque to 1 clear glass."""
    tint: Point = (1.0, 1.0, 1.0)
    """What that light keeps of its colour."""
    glass_roughness: float | None = None
    """Of what light goes through, where it is another than `roughness`."""
    thin: bool = False
    """A sheet without a back: light goes straight through, as through a pane."""
    emission: Point = (0.0, 0.0, 0.0)
    """Radiance of its own."""
    normal_image: np.ndarray | None = None
    """Directions in tangent space, y up (as in glTF and Blender), linear coding."""
    rough_metal_image: np.ndarray | None = None
    """Roughness in G, metallic in B, linear coding, factors multiplied in."""


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
    part: `F` int32, index into `parts`; may be left out for a mesh of a single part.
    parts: names of what the mesh is made of, such as a file's nodes; one instance all the same.
    keypoints: named points, metres, in the mesh's own axes; empty means "take the box's".
    skeleton: pairs of names of keypoints that are joined when they are drawn.
    """

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    slot: np.ndarray
    slots: tuple[str, ...]
    surfaces: tuple[SurfaceData | None, ...] = ()
    pieces: tuple[np.ndarray, ...] = field(default=())
    smooth_angle: float = np.radians(40.0)
    part: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    parts: tuple[str, ...] = ("",)
    keypoints: dict[str, Point] = field(default_factory=dict)
    skeleton: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        faces = len(self.faces)
        if len(self.part) == 0:
            object.__setattr__(self, "part", np.zeros(faces, np.int32))
        expected = {"uv": (faces, 3, 2), "slot": (faces,), "part": (faces,), "faces": (faces, 3)}
        for name, shape in expected.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")
        if not self.surfaces:
            object.__setattr__(self, "surfaces", (None,) * len(self.slots))
        unknown = {name for edge in self.skeleton for name in edge} - set(self.keypoints)
        if unknown:
            raise ValueError(f"the skeleton joins {sorted(unknown)[0]!r}, which is no keypoint")

    def bounds(self) -> np.ndarray:
        """`2 x 3`: lowest and highest corner of the axis-aligned box, metres."""
        return box_of(self.vertices)
