"""`MeshData`: a triangle mesh as plain arrays, the common representation of all assets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simgen.geometry.transforms import box_of

Point = tuple[float, float, float]


@dataclass(frozen=True)
class SurfaceData:
    """The material of one slot of a mesh, as read from the mesh file.

    Colours are linear Rec.709; images are `H x W x 4` uint8, sRGB-encoded, row 0 on top.
    """

    base_color: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    """RGBA; alpha is below 1 for any surface that transmits light, including glass."""
    roughness: float = 0.5
    """The mean of `rough_metal_image`, if that is set."""
    metallic: float = 0.0
    """The mean of `rough_metal_image`, if that is set."""
    image: np.ndarray | None = None
    """Base colour texture, multiplied by `base_color`."""
    transmission: float = 0.0
    """Transmitted share of the light that is not reflected: 0 opaque, 1 clear glass."""
    tint: Point = (1.0, 1.0, 1.0)
    """Colour by which transmitted light is multiplied."""
    glass_roughness: float | None = None
    """Roughness of the transmission, if it differs from `roughness`."""
    thin: bool = False
    """Whether the surface is a single sheet, which transmits light without refraction."""
    emission: Point = (0.0, 0.0, 0.0)
    """Emitted radiance."""
    normal_image: np.ndarray | None = None
    """Normals in tangent space, y up (as in glTF and Blender), linear encoding."""
    rough_metal_image: np.ndarray | None = None
    """Roughness in G, metallic in B, linear encoding, factors included."""


@dataclass(frozen=True)
class MeshData:
    """A triangle mesh in object axes, in metres, z up.

    vertices: `V x 3` float64.
    faces: `F x 3` int32, counter-clockwise seen from outside.
    uv: `F x 3 x 2` float32, one coordinate per face corner, v up (as in Blender and OBJ).
    slot: `F` int32, index into `slots`.
    slots: names of the material slots.
    surfaces: the file's material of each slot; None for slots whose material is sampled.
    pieces: convex collision pieces, each `n x 3`; if empty, they are computed from the mesh.
    smooth_angle: edges sharper than this (radians) are shaded as edges.
    part: `F` int32, index into `parts`; may be omitted for a mesh with a single part.
    parts: names of the mesh's parts, such as a file's nodes; together they are one instance.
    keypoints: named points, metres, in the mesh's axes; if empty, those of its box are used.
    skeleton: pairs of keypoint names that are connected in drawings.
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
            raise ValueError(f"the skeleton has {sorted(unknown)[0]!r}, which is not a keypoint")

    def bounds(self) -> np.ndarray:
        """Return the lowest and highest corner of the axis-aligned box, `2 x 3`, metres."""
        return box_of(self.vertices)
