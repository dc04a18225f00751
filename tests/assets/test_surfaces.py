"""What materials of mesh files become, beyond colour and texture."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from mesh_files import load
from PIL import Image

from simgen.geometry.mesh import SurfaceData

CUBE = """mtllib a.mtl
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
v 0 0 1
v 1 0 1
v 1 1 1
v 0 1 1
usemtl m
f 1 4 3 2
f 5 6 7 8
f 1 2 6 5
f 2 3 7 6
f 3 4 8 7
f 4 1 5 8
"""


def surface(folder: Path, mtl: str, obj: str = CUBE) -> SurfaceData:
    (folder / "a.obj").write_text(obj)
    (folder / "a.mtl").write_text(f"newmtl m\n{mtl}\n")
    (found,) = load(folder, "a.obj", 1.0, "auto").surfaces
    assert found is not None
    return found


def test_an_mtl_material_that_is_see_through_is_tinted_glass(tmp_path: Path) -> None:
    glass = surface(tmp_path, "Kd 1 0 0\nd 0.25")
    assert glass.transmission == 0.75
    assert glass.tint == pytest.approx((1.0, 0.75, 0.75))
    assert glass.base_color == (1.0, 0.0, 0.0, 0.25)
    assert not glass.thin
    assert surface(tmp_path, "Kd 1 0 0\nd 1").transmission == 0.0
    assert surface(tmp_path, "Kd 1 0 0\nPm 1\nd 0.5").transmission == 0.0


def test_glass_without_a_back_is_a_pane(tmp_path: Path) -> None:
    pane = "\n".join(CUBE.splitlines()[:-5])
    assert surface(tmp_path, "d 0.25", pane).thin
    assert not surface(tmp_path, "d 1", pane).thin


def test_ke_shines_in_linear_light(tmp_path: Path) -> None:
    lamp = surface(tmp_path, "Kd 0 0 0\nKe 1 0.5 0")
    assert lamp.emission == pytest.approx((1.0, 0.2140411, 0.0), abs=1e-6)
    assert surface(tmp_path, "Kd 1 1 1").emission == (0.0, 0.0, 0.0)


def png(color: tuple[int, int, int]) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (2, 2), color).save(stream, "PNG")
    return stream.getvalue()


def glb(material: dict, *images: bytes) -> bytes:
    """One triangle with a material."""
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32).tobytes()
    uv = np.array([[0, 0], [1, 0], [0, 1]], np.float32).tobytes()
    views, binary = [], b""
    for chunk in (points, uv, *images):
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(chunk)})
        binary += chunk + b"\0" * (-len(chunk) % 4)
    numbers = range(len(images))
    tree = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "scene": 0,
        "nodes": [{"mesh": 0}],
        "meshes": [
            {"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "material": 0}]}
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": 3,
                "type": "VEC3",
                "min": [0, 0, 0],
                "max": [1, 1, 0],
            },
            {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC2"},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
        "images": [{"bufferView": 2 + n, "mimeType": "image/png"} for n in numbers],
        "textures": [{"source": n} for n in numbers],
        "materials": [material],
    }
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<5I", 0x46546C67, 2, 28 + len(text) + len(binary), len(text), 0x4E4F534A)
    return head + text + struct.pack("<2I", len(binary), 0x004E4942) + binary


def test_maps_of_a_gltf_material_are_kept(tmp_path: Path) -> None:
    material = {
        "name": "m",
        "pbrMetallicRoughness": {
            "metallicRoughnessTexture": {"index": 0},
            "roughnessFactor": 0.5,
            "metallicFactor": 0.0,
        },
        "normalTexture": {"index": 1},
    }
    (tmp_path / "a.glb").write_bytes(glb(material, png((9, 100, 200)), png((128, 128, 255))))
    (found,) = load(tmp_path, "a.glb", 1.0, "auto").surfaces
    assert found is not None
    assert found.rough_metal_image is not None
    assert found.rough_metal_image[0, 0].tolist() == [9, 50, 0, 255]
    assert found.roughness == pytest.approx(0.5 * 100 / 255)
    assert found.normal_image is not None
    assert found.normal_image[0, 0].tolist() == [128, 128, 255, 255]


def test_transmission_and_emission_of_a_gltf_material(tmp_path: Path) -> None:
    material = {
        "name": "m",
        "pbrMetallicRoughness": {"baseColorFactor": [0.2, 0.9, 0.3, 1.0]},
        "emissiveFactor": [1.0, 0.5, 0.0],
        "extensions": {
            "KHR_materials_transmission": {"transmissionFactor": 0.9},
            "KHR_materials_emissive_strength": {"emissiveStrength": 4.0},
        },
    }
    (tmp_path / "a.glb").write_bytes(glb(material))
    (found,) = load(tmp_path, "a.glb", 1.0, "auto").surfaces
    assert found is not None
    assert found.transmission == 0.9
    assert found.thin
    assert found.tint == pytest.approx((0.2, 0.9, 0.3))
    assert found.base_color[3] < 1, "labels take it for see-through"
    assert found.emission == pytest.approx((4.0, 2.0, 0.0))
