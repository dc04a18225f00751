"""Surfaces with a user's image, or a set of images: colour, roughness, metalness and relief.

Images are projected along the three axes of the object: upright on the sides, and with x to the
right on top. They are never mirrored, and projections are blended where a surface turns from one
axis to another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import bpy
import numpy as np

from simgen.assets import texture_sets
from simgen.assets.textures import Pictures
from simgen.rendering.blender.images import pack_linear, shared_image
from simgen.rendering.blender.nodes import Graph, Socket
from simgen.spec.scene import MaterialSpec

_LEAST_UP = 0.2
"""Least component of a normal along the surface's own, to keep it out of the surface."""


@dataclass(frozen=True)
class _Planes:
    """The projections of a surface. uv: texture coordinates of each, along x, y and z. signs: of
    the object-space normal. from_side, from_top: weights of x over y, and of z over both."""

    graph: Graph
    uv: Sequence[Socket]
    signs: tuple[Socket, Socket, Socket]
    from_side: Socket
    from_top: Socket

    def blend(self, values: Sequence[Socket]) -> Socket:
        """Return the blend of one colour or vector per projection."""
        side = self.graph.mix(self.from_side, values[1], values[0])
        return self.graph.mix(self.from_top, side, values[2])

    def images(self, image: bpy.types.Image) -> list[Socket]:
        """Return the colour of an image in each projection."""
        return [
            self.graph.node("TexImage", {"image": image}, uv).outputs["Color"] for uv in self.uv
        ]


def wire_image(g: Graph, spec: MaterialSpec, p: Socket, pictures: Pictures) -> None:
    """Cover a surface with the image of its spec, `spec.scale` metres wide, and with its maps.

    p: coordinates in metres. Raises `AssetError` for a missing image.
    """
    image = _texture(spec, pictures)
    planes = _planes(g, p, spec.scale, spec.scale * image.size[1] / image.size[0])
    g.set(base_color=planes.blend(planes.images(image)), roughness=spec.roughness)
    for each in spec.maps:
        if each.kind in _WIRE:
            shared = shared_image(
                f"map.{each.sha256[:40]}", partial(pictures.texture_map, each), pack_linear
            )
            _WIRE[each.kind](planes, spec, shared)


def _planes(g: Graph, p: Socket, width: float, height: float) -> _Planes:
    x, y, z = g.parts(p)
    normal = g.coordinates("Normal")
    nx, ny, nz = g.parts(g.vector("SIGN", normal))
    right = (g.math("MULTIPLY", y, nx), g.math("MULTIPLY", x, g.math("MULTIPLY", ny, -1.0)),
             g.math("MULTIPLY", x, nz))  # fmt: skip
    uv = [
        g.stretch(g.join(u, v), 1.0 / width, 1.0 / height, 0.0)
        for u, v in zip(right, (z, z, y), strict=True)
    ]
    steep = g.vector("POWER", g.vector("ABSOLUTE", normal), (12.0, 12.0, 12.0))
    wx, wy, wz = g.parts(steep)
    from_side = g.math("DIVIDE", wx, g.math("MAXIMUM", g.math("ADD", wx, wy), 1e-9))
    from_top = g.math("DIVIDE", wz, g.math("ADD", g.math("ADD", wx, wy), wz))
    return _Planes(g, uv, (nx, ny, nz), from_side, from_top)


def _texture(spec: MaterialSpec, pictures: Pictures) -> bpy.types.Image:
    """Return the image of a spec, shared by all surfaces that show it."""

    def pixels() -> np.ndarray:
        found = pictures.texture(spec.texture, spec.texture_sha256)
        opaque = np.full((*found.shape[:2], 1), 255, np.uint8)
        return np.concatenate([found, opaque], axis=2)

    return shared_image(f"texture.{spec.texture_sha256[:40]}", pixels)


def _roughness(planes: _Planes, spec: MaterialSpec, image: bpy.types.Image) -> None:
    planes.graph.set(roughness=planes.graph.parts(planes.blend(planes.images(image)))[0])


def _metallic(planes: _Planes, spec: MaterialSpec, image: bpy.types.Image) -> None:
    planes.graph.set(metallic=planes.graph.parts(planes.blend(planes.images(image)))[0])


def _arm(planes: _Planes, spec: MaterialSpec, image: bpy.types.Image) -> None:
    """Wire a map with occlusion, roughness and metalness in its channels."""
    _, rough, metal = planes.graph.parts(planes.blend(planes.images(image)))
    planes.graph.set(roughness=rough, metallic=metal)


def _relief(planes: _Planes, spec: MaterialSpec, image: bpy.types.Image) -> None:
    if spec.bump > 0:
        planes.graph.bump(planes.graph.parts(planes.blend(planes.images(image)))[0], spec.bump)


def _normals(
    planes: _Planes, spec: MaterialSpec, image: bpy.types.Image, green: float = 1.0
) -> None:
    """Bend the normal by a normal map in tangent space. green: 1 for y up, as in OpenGL, else -1.

    The slopes of each projection are turned to object axes and added to the surface's own normal.
    """
    g = planes.graph
    slopes = []
    for axis, color in enumerate(planes.images(image)):
        plain = g.vector(
            "MULTIPLY", g.vector("SUBTRACT", color, (0.5,) * 3), (2.0, 2.0 * green, 2.0)
        )
        x, y, z = g.parts(plain)
        up = g.math("MAXIMUM", z, _LEAST_UP)
        x, y = g.math("DIVIDE", x, up), g.math("DIVIDE", y, up)
        across = g.math("MULTIPLY", x, planes.signs[axis])
        back = g.math("MULTIPLY", across, -1.0)
        slopes.append((g.join(0.0, across, y), g.join(back, 0.0, y), g.join(across, y, 0.0))[axis])
    bent = g.vector("ADD", g.coordinates("Normal"), planes.blend(slopes))
    settings = {"vector_type": "NORMAL", "convert_from": "OBJECT", "convert_to": "WORLD"}
    world = g.node("VectorTransform", settings, bent).outputs[0]
    g.set(normal=g.vector("NORMALIZE", world))


_WIRE: dict[str, Callable[[_Planes, MaterialSpec, bpy.types.Image], None]] = {
    texture_sets.ROUGHNESS: _roughness,
    texture_sets.METALLIC: _metallic,
    texture_sets.ARM: _arm,
    texture_sets.NORMAL: _normals,
    texture_sets.NORMAL_DX: partial(_normals, green=-1.0),
    texture_sets.DISPLACEMENT: _relief,
}
"""How each kind of map is wired."""
