"""Materials of mesh files (MTL, glTF, vertex colours), converted to `SurfaceData`."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
from PIL import Image
from trimesh.visual.color import ColorVisuals
from trimesh.visual.material import Material, PBRMaterial, SimpleMaterial

from simgen.assets import gltf, images
from simgen.geometry.color import srgb_to_linear
from simgen.geometry.mesh import SurfaceData

_CLEAR = 0.02
"""Roughness of polished glass."""
COLORED_ROUGHNESS = SurfaceData().roughness
"""Roughness of meshes that have only vertex colours."""
DEFAULT_SLOT = "default"
"""Name of the slot of faces to which the file assigns no material."""


class Textures:
    """Decodes the textures of one file, each once, within a bound on their total size."""

    def __init__(self, pictures: list[Image.Image], notes: list[str]) -> None:
        self._notes = notes
        self._keys = {id(picture): _coded_digest(picture) for picture in pictures}
        self._pictures = pictures  # keeps them alive, so that their ids stay unique
        self._arrays: dict[str, np.ndarray | None] = {}
        count = len(set(self._keys.values()))
        # 4 textures of 4096 x 4096 x 4 bytes are 256 MB, and so are 16 of 2048 x 2048.
        self._max_side = images.MAX_SIDE // (1 if count <= 4 else 2 if count <= 16 else 4)

    def decode(self, picture: Image.Image | None, where: str) -> np.ndarray | None:
        """Return `H x W x 4` uint8, or None, adding a note, if the texture cannot be used."""
        if picture is None:
            return None
        key = self._keys[id(picture)]
        if key not in self._arrays:
            self._arrays[key] = self._try(picture, where)
        return self._arrays[key]

    def _try(self, picture: Image.Image, where: str) -> np.ndarray | None:
        if max(picture.size) > self._max_side:
            width, height = picture.size
            self._notes.append(
                f"texture of {where} scaled down from {width} x {height} to {self._max_side} pixels"
            )
        try:
            return images.to_array(picture, self._max_side)
        except ValueError as error:
            self._notes.append(f"texture of {where} is not used: {error}")
            return None


def _coded_digest(picture: Image.Image) -> str:
    stream = getattr(picture, "fp", None)
    if stream is None or not hasattr(stream, "getvalue"):
        return str(id(picture))
    return hashlib.sha256(stream.getvalue()).hexdigest()


def pictures_of(material: Material | None) -> list[Image.Image]:
    """Return the textures of a trimesh material that simgen uses."""
    if isinstance(material, PBRMaterial):
        found = [
            material.baseColorTexture,
            material.metallicRoughnessTexture,
            material.normalTexture,
            material.emissiveTexture,
        ]
    else:
        found = [getattr(material, "image", None)]
    return [picture for picture in found if picture is not None]


def from_mtl(material: SimpleMaterial, textures: Textures, notes: list[str]) -> SurfaceData:
    """Convert an MTL material to a surface as Blender's importer does.

    `Kd` is a display colour and becomes linear. A texture replaces `Kd`: many exporters write a
    meaningless black or grey beside a texture. An untextured material with `d` below 1 is glass,
    clearer the lower `d` is, and tinted by `Kd`.
    """
    keys = material.kwargs
    name = f"material {material.name!r}"
    image = textures.decode(material.image, name)
    color = np.ones(3)
    if image is None:
        color = srgb_to_linear(_triple(keys.get("kd"), 0.8))
    alpha = _number(keys.get("d"), 1.0 - _number(keys.get("tr"), 0.0))
    if alpha <= 0.0:
        notes.append(f"{name} is fully transparent (d 0 or Tr 1)")
    matte = _number(keys.get("illum"), 2.0) in (0.0, 1.0)
    shininess = min(max(_number(keys.get("ns"), 250.0), 0.0), 1000.0)
    roughness = 1.0 if matte else 1.0 - math.sqrt(shininess / 1000.0)
    metallic = _unit(_number(keys.get("pm"), 0.0))
    return SurfaceData(
        base_color=_rgba(color, alpha),
        roughness=_unit(_number(keys.get("pr"), roughness)),
        metallic=metallic,
        image=image,
        transmission=0.0 if image is not None or metallic > 0.5 else 1.0 - _unit(alpha),
        tint=_color(1.0 - _unit(alpha) * (1.0 - color)),
        # `Ns` describes highlights; MTL has no parameter for blurred transmission.
        glass_roughness=_CLEAR if alpha < 1.0 else None,
        emission=_color(srgb_to_linear(_triple(keys.get("ke"), 0.0))),
    )


def from_gltf(
    header: gltf.Header, material: PBRMaterial, textures: Textures, notes: list[str]
) -> tuple[str, SurfaceData]:
    """Return the slot name and surface of a glTF material.

    Factors are read from the file's header, because trimesh rounds them to 8 bits. An emission
    texture is averaged.
    """
    entry = header["materials"][int(material.name)]
    name = str(entry.get("name") or f"material{material.name}")
    pbr = entry.get("pbrMetallicRoughness", {})
    factor = np.asarray(pbr.get("baseColorFactor", (1.0, 1.0, 1.0, 1.0)), dtype=np.float64)
    roughness, metallic = pbr.get("roughnessFactor", 1.0), pbr.get("metallicFactor", 1.0)
    if "KHR_materials_pbrSpecularGlossiness" in entry.get("extensions", {}):
        # trimesh has converted it to the metallic workflow
        factor = np.asarray(material.main_color, dtype=np.float64) / 255.0
        roughness = _number(material.roughnessFactor, 1.0)
        metallic = _number(material.metallicFactor, 0.0)
    if "baseColorTexture" in pbr and material.baseColorTexture is None:
        notes.append(f"texture of material {name!r} is not used: it cannot be read")
    image = textures.decode(material.baseColorTexture, f"material {name!r}")
    maps = textures.decode(material.metallicRoughnessTexture, f"roughness of material {name!r}")
    if maps is not None:
        means = maps[..., 1].mean() / 255.0, maps[..., 2].mean() / 255.0
        maps = _scaled(maps, (1.0, roughness, metallic))
        roughness, metallic = roughness * means[0], metallic * means[1]
    alpha = factor[3]
    if entry.get("alphaMode", "OPAQUE") == "OPAQUE":
        alpha, image = 1.0, _opaque(image)
    transmission = _transmission(entry)
    if transmission > 0:
        alpha = min(alpha, 1.0 - transmission)
    surface = SurfaceData(
        base_color=_rgba(factor[:3], alpha),
        roughness=_unit(roughness),
        metallic=_unit(metallic),
        image=image,
        transmission=transmission,
        tint=_color(np.clip(factor[:3], 0.0, 1.0)),
        emission=_emission(entry, material, textures, name),
        normal_image=textures.decode(material.normalTexture, f"normals of material {name!r}"),
        rough_metal_image=maps,
    )
    return name, surface


def _transmission(entry: gltf.Header) -> float:
    """Return the factor of KHR_materials_transmission; its texture is treated as white."""
    glass = entry.get("extensions", {}).get("KHR_materials_transmission", {})
    return _unit(_number(glass.get("transmissionFactor"), 0.0))


def _emission(
    entry: gltf.Header, material: PBRMaterial, textures: Textures, name: str
) -> tuple[float, float, float]:
    factor = _triple(entry.get("emissiveFactor"), 0.0)
    strength = entry.get("extensions", {}).get("KHR_materials_emissive_strength", {})
    light = factor * max(0.0, _number(strength.get("emissiveStrength"), 1.0))
    image = textures.decode(material.emissiveTexture, f"emission of material {name!r}")
    if image is not None and light.any():
        light = light * srgb_to_linear(image[..., :3] / 255.0).mean(axis=(0, 1))
    return _color(light)


def _scaled(image: np.ndarray, factors: tuple[float, float, float]) -> np.ndarray:
    """Multiply a linear map by one factor per channel; alpha is kept."""
    scaled = image[..., :3] * np.clip(factors, 0.0, 1.0)
    return np.dstack([np.rint(scaled).astype(np.uint8), image[..., 3]])


def from_colors(visual: ColorVisuals, linear: bool) -> SurfaceData | None:
    """Return a surface with the mean of the vertex or face colours, or None without colours.

    linear: whether the colours are linear (glTF), not display values (PLY, STL, OBJ).
    """
    if visual.kind not in ("vertex", "face"):
        return None
    coded = visual.vertex_colors if visual.kind == "vertex" else visual.face_colors
    colors = np.asarray(coded, dtype=np.float64)[:, :3] / 255.0
    mean = (colors if linear else srgb_to_linear(colors)).mean(axis=0)
    return SurfaceData(base_color=_rgba(mean, 1.0))


def _opaque(image: np.ndarray | None) -> np.ndarray | None:
    if image is None or (image[..., 3] == 255).all():
        return image
    image = image.copy()
    image[..., 3] = 255
    return image


def _number(value: Any, default: float) -> float:
    """Return the last item of an MTL value (a number or list of strings) as a finite number, or
    `default`."""
    if isinstance(value, (list, tuple)):
        value = value[-1] if value else None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default


def _triple(value: Any, default: float) -> np.ndarray:
    values = value if isinstance(value, (list, tuple)) else [value]
    numbers = [_number(item, default) for item in values[:3]]
    return np.array(numbers if len(numbers) == 3 else [numbers[0]] * 3)


def _color(values: np.ndarray) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def _unit(value: float) -> float:
    return float(min(max(value, 0.0), 1.0))


def _rgba(color: np.ndarray, alpha: float) -> tuple[float, float, float, float]:
    red, green, blue = (_unit(channel) for channel in color)
    return red, green, blue, _unit(alpha)
