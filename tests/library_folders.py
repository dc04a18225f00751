"""Small folders of models, arranged as published libraries are."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image

UID = "0123456789abcdef0123456789abcdef"


def box_mesh(size: tuple[float, float, float]) -> trimesh.Trimesh:
    return trimesh.creation.box(extents=size)


def obj_text(size: tuple[float, float, float], library: str, at: float = 0.0) -> str:
    """A textured box, its lowest corner at (at, 0, 0)."""
    mesh = box_mesh(size)
    points = mesh.vertices - mesh.vertices.min(axis=0) + [at, 0.0, 0.0]
    lines = [f"mtllib {library}", *(f"v {x} {y} {z}" for x, y, z in points)]
    lines += ["vt 0 0", "vt 1 0", "vt 0 1", "usemtl skin"]
    lines += [f"f {a + 1}/1 {b + 1}/2 {c + 1}/3" for a, b, c in mesh.faces]
    return "\n".join((*lines, ""))


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def picture(path: Path, color: tuple[int, int, int] = (200, 30, 30)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), color).save(path)
    return path


def json_file(path: Path, content: object) -> Path:
    text = json.dumps(content)
    return write(path, gzip.compress(text.encode()) if path.suffix == ".gz" else text)


def colored_ply(path: Path, size: tuple[float, float, float]) -> Path:
    """A box that is red at low x and blue at high x, by vertex colours."""
    mesh = box_mesh(size)
    right = mesh.vertices[:, 0] > 0
    mesh.visual.vertex_colors = np.where(right[:, None], [0, 0, 255, 255], [255, 0, 0, 255])
    return write(path, mesh.export(file_type="ply"))


def textured_ply(path: Path, size: tuple[float, float, float]) -> Path:
    """A box with the texture beside it, as YCB-V's models."""
    mesh = box_mesh(size)
    head = ["ply", "format ascii 1.0", f"comment TextureFile {path.stem}.png"]
    head += [f"element vertex {len(mesh.vertices)}"]
    head += [f"property float {name}" for name in ("x", "y", "z", "texture_u", "texture_v")]
    head += [f"element face {len(mesh.faces)}", "property list uchar int vertex_indices"]
    rows = [f"{x} {y} {z} {0.5 + x / 999} 0.5" for x, y, z in mesh.vertices]
    faces = [f"3 {a} {b} {c}" for a, b, c in mesh.faces]
    picture(path.with_suffix(".png"))
    return write(path, "\n".join((*head, "end_header", *rows, *faces, "")))


def info(size: tuple[float, float, float], **more: object) -> dict[str, object]:
    plain = {f"min_{axis}": -side / 2 for axis, side in zip("xyz", size, strict=True)}
    plain |= {f"size_{axis}": side for axis, side in zip("xyz", size, strict=True)}
    return {"diameter": float(np.linalg.norm(size)), **plain, **more}


HALF_TURN = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 4.0, 0, 0, 0, 1]


def bop(folder: Path) -> Path:
    """LineMOD with two of its objects, in millimetres."""
    colored_ply(folder / "lm/models/obj_000001.ply", (76.0, 78.0, 92.0))
    textured_ply(folder / "lm/models/obj_000010.ply", (150.0, 107.0, 69.0))
    axis = {"axis": [0, 0, 1], "offset": [5.0, 0, 0]}
    content = {
        "1": info((76.0, 78.0, 92.0)),
        "10": info(
            (150.0, 107.0, 69.0), symmetries_discrete=[HALF_TURN], symmetries_continuous=[axis]
        ),
    }
    json_file(folder / "lm/models/models_info.json", content)
    json_file(folder / "lm/models_eval/models_info.json", content)
    return folder


def gso(folder: Path, name: str, category: str = "") -> Path:
    """One model of Google Scanned Objects, its texture not where the material expects it."""
    write(folder / name / "meshes/model.obj", obj_text((0.1, 0.2, 0.3), "model.mtl"))
    write(folder / name / "meshes/model.mtl", "newmtl skin\nKd 1 1 1\nmap_Kd texture.png\n")
    picture(folder / name / "materials/textures/texture.png")
    write(folder / name / "model.config", "<model/>")
    about = f'name: "{name}"\n'
    if category:
        about += f'categories {{\n  first: "{category}"\n}}\n'
    about += 'legal {\n  license: "Creative Commons Attribution 4.0 International"\n}\n'
    write(folder / name / "metadata.pbtxt", about)
    return folder


def ycb(folder: Path) -> Path:
    for name, place in (("002_master_chef_can", "google_16k"), ("065-a_cups", "google_64k")):
        write(folder / name / place / "textured.obj", obj_text((0.1, 0.1, 0.14), "textured.mtl"))
        write(folder / name / place / "textured.mtl", "newmtl skin\nmap_Kd texture_map.png\n")
        picture(folder / name / place / "texture_map.png")
    (folder / "013_apple").mkdir()
    return folder


def shapenet(folder: Path) -> Path:
    """A mug and an object of an unlisted category; their diagonals are 1."""
    for synset, size in (("03797390", (0.48, 0.6, 0.64)), ("09999999", (0.6, 0.0001, 0.8))):
        model = folder / synset / f"model_of_{synset}"
        write(model / "models/model_normalized.obj", obj_text(size, "model_normalized.mtl"))
        skin = "newmtl skin\nmap_Kd ../images/texture0.jpg\n"
        write(model / "models/model_normalized.mtl", skin)
        picture(model / "images/texture0.jpg")
    known = [{"synsetId": "09999999", "name": "gizmo,gadget", "children": [], "numInstances": 1}]
    json_file(folder / "taxonomy.json", known)
    return folder


def glb(path: Path, size: tuple[float, float, float]) -> Path:
    return write(path, box_mesh(size).export(file_type="glb"))


def objaverse(folder: Path) -> Path:
    """A mug of LVIS 3 units high, an object that is only in the metadata, and one in nothing."""
    root = folder / "hf-objaverse-v1"
    for letter in "abc":
        glb(root / f"glbs/000-001/{letter * 32}.glb", (2.0, 3.0, 1.0))
    json_file(root / "lvis-annotations.json.gz", {"mug": ["a" * 32], "beer_bottle": []})
    about = {
        "a" * 32: {"name": "My mug", "license": "by", "user": {"displayName": "Ann"}},
        "b" * 32: {"name": "X", "license": "cc0", "categories": [{"name": "food-drink"}]},
    }
    json_file(root / "metadata/000-001.json.gz", about)
    return folder


def abo(folder: Path) -> Path:
    glb(folder / "3dmodels/original/A/B0A.glb", (0.5, 0.9, 0.5))
    glb(folder / "3dmodels/original/B/B0B.glb", (0.5, 0.9, 0.5))
    table = "3dmodel_id,path,meshes\nB0A,A/B0A.glb,1\nB0B,B/B0B.glb,1\nB0C,C/B0C.glb,1\n"
    write(folder / "3dmodels/metadata/3dmodels.csv.gz", gzip.compress(table.encode()))
    write(folder / "3dmodels/README.md", "licensed under the Creative Commons Attribution 4.0 ...")
    names = [{"language_tag": "de_DE", "value": "Stuhl"}, {"language_tag": "en_US", "value": "A"}]
    item = {"3dmodel_id": "B0A", "product_type": [{"value": "OFFICE_CHAIR"}], "item_name": names}
    lines = json.dumps(item) + '\n{"item_id": "x"}\n{"3dmodel_id": broken\n'
    write(folder / "listings/metadata/listings_0.json.gz", gzip.compress(lines.encode()))
    return folder


URDF = """<?xml version="1.0" ?>
<robot name="partnet_x">
  <link name="base"/>
  <link name="link_0">
    <visual name="lid-1"><origin xyz="0.5 0 0"/>
      <geometry><mesh filename="textured_objs/original-2.obj"/></geometry></visual>
  </link>
  <link name="link_1">
    <visual name="body-1"><origin xyz="0 0 0"/>
      <geometry><mesh filename="textured_objs/original-1.obj"/></geometry></visual>
    <visual name="body-2"><origin xyz="0 0 0"/>
      <geometry><mesh filename="textured_objs/original-1.obj"/></geometry></visual>
  </link>
  <joint name="joint_1" type="fixed">
    <origin rpy="1.570796326794897 0 -1.570796326794897" xyz="0 0 0"/>
    <child link="link_1"/><parent link="base"/>
  </joint>
  <joint name="joint_0" type="revolute">
    <origin xyz="-0.5 0.8 0"/><child link="link_0"/><parent link="link_1"/>
  </joint>
</robot>
"""


def partnet(folder: Path, name: str = "100015") -> Path:
    """A pan, 0.5 x 0.8 x 0.4 in its own axes (y up), and a lid of 0.5 x 0.1 x 0.4 on top of it."""
    objects = folder / name / "textured_objs"
    sizes = {"original-1": (0.5, 0.8, 0.4), "original-2": (0.5, 0.1, 0.4)}
    for file, size in sizes.items():
        write(objects / f"{file}.obj", obj_text(size, f"{file}.mtl"))
        write(objects / f"{file}.mtl", "newmtl skin\nmap_Kd ../images/texture 0.jpg\n")
    picture(folder / name / "images/texture 0.jpg")
    write(folder / name / "mobility.urdf", URDF)
    write(folder / name / "semantics.txt", "link_0 hinge lid\nlink_1 free body\n")
    json_file(folder / name / "meta.json", {"model_cat": "KitchenPot", "anno_id": "1"})
    return folder
