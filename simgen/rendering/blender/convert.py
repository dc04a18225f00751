"""FBX, USD and .blend files to GLB, with what a file could do besides being looked at taken out.

Runs in a process of its own (`simgen.rendering.blender.sandboxed`), which can read no more than the
file's folder. A .blend is not opened but appended: its scripts and handlers are not registered, and
its drivers and script nodes are removed before anything is evaluated.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import bpy
import mathutils
import numpy as np
from PIL import Image

from simgen.assets import images
from simgen.rendering.blender.session import reset

RESULT = "model.glb"
MAX_INSTANCES = 5_000
MAX_TRIANGLES = 2_000_000
_MAX_IMAGE_BYTES = 2**28
_MOST_FILES = 20_000
"""Looked through for a texture of which only the name is known."""
_SOLID = {"MESH", "CURVE", "SURFACE", "FONT", "META", "CURVES"}
_READS_FILES = {"MESH_CACHE", "MESH_SEQUENCE_CACHE", "FLUID"}
"""Modifiers that read files of their own."""


def convert(file: Path, root: Path, work: Path) -> dict[str, Any]:
    """Write a file's visible geometry and materials to `work/model.glb`, metres, y up.

    root: nothing outside of this folder is followed. Returns `{"notes": [...]}`.
    Raises `ValueError` with one line for what cannot be converted.
    """
    scene, notes = open_disarmed(file, root)
    keep_only(realise(scene))
    notes += procedural_notes()
    export_glb(work / RESULT)
    return {"notes": notes}


def open_disarmed(file: Path, root: Path) -> tuple[bpy.types.Scene, list[str]]:
    """The file's scene, nothing in it that would run or read elsewhere, and what was taken out.

    Raises `ValueError` where Blender cannot read it.
    """
    reset()
    bpy.context.preferences.filepaths.use_scripts_auto_execute = False
    scene = _load(file)
    return scene, [*_disarm(), *_check_libraries(), *_check_images(root)]


def _load(file: Path) -> bpy.types.Scene:
    """The file's content in a scene of this Blender, nothing of it evaluated yet."""
    kind = file.suffix.lower()
    try:
        if kind == ".blend":
            return _append(file)
        if kind == ".fbx":
            bpy.ops.wm.fbx_import(filepath=str(file), use_anim=False)
        else:
            bpy.ops.wm.usd_import(
                filepath=str(file),
                import_cameras=False,
                import_lights=False,
                set_frame_range=False,
                import_textures_mode="IMPORT_NONE",
            )
    except (RuntimeError, OSError) as error:
        told = " ".join(str(error).split()).removeprefix("Error: ")
        raise ValueError(
            f"Blender cannot read it as {kind[1:].upper()} ({told[:150]}); export it again"
        ) from error
    return bpy.context.scene


def _append(file: Path) -> bpy.types.Scene:
    with bpy.data.libraries.load(str(file), link=False) as (there, here):
        here.scenes = there.scenes[:1]
        if not there.scenes:
            here.objects = there.objects
    scenes = [scene for scene in here.scenes if scene is not None]
    if scenes:
        return scenes[0]
    for item in here.objects:
        if item is not None:
            bpy.context.scene.collection.objects.link(item)
    return bpy.context.scene


# -- what a file could do ----------------------------------------------------------------------


def _disarm() -> list[str]:
    """Take out drivers, scripts, and what reads files during evaluation."""
    counts = {"driver": 0, "script": 0, "file reader": 0}
    for item in _all_ids():
        motion = getattr(item, "animation_data", None)
        if motion is not None:
            counts["driver"] += len(motion.drivers)
            for driver in list(motion.drivers):
                motion.drivers.remove(driver)
        if isinstance(item, bpy.types.NodeTree):
            for node in list(item.nodes):
                script = node.bl_idname == "ShaderNodeScript"
                if script or node.bl_idname.startswith("GeometryNodeImport"):
                    item.nodes.remove(node)
                    counts["script" if script else "file reader"] += 1
    for text in list(bpy.data.texts):
        bpy.data.texts.remove(text)
        counts["script"] += 1
    for item in bpy.data.objects:
        for modifier in list(item.modifiers):
            if modifier.type in _READS_FILES:
                item.modifiers.remove(modifier)
                counts["file reader"] += 1
    return [
        f"{count} {what}{'s' if count > 1 else ''} left out"
        for what, count in counts.items()
        if count
    ]


def _all_ids() -> Iterator[bpy.types.ID]:
    """Every data block, the node trees inside of others and shape keys included."""
    for name in dir(bpy.data):
        blocks = getattr(bpy.data, name)
        if isinstance(blocks, bpy.types.bpy_prop_collection):
            for block in blocks:
                if isinstance(block, bpy.types.ID):
                    yield block
                    for inner in ("node_tree", "compositing_node_group", "shape_keys"):
                        part = getattr(block, inner, None)
                        if isinstance(part, bpy.types.ID):
                            yield part


def _check_libraries() -> list[str]:
    """The sandbox keeps linked files from being read; what they would have brought is missing."""
    return [
        f"it links to {Path(library.filepath).name!r}, which is not followed: make it local"
        for library in bpy.data.libraries
        if library.filepath and _is_linked(library)
    ]


def _is_linked(library: bpy.types.Library) -> bool:
    return any(item.library == library for item in (*bpy.data.objects, *bpy.data.meshes))


# -- textures ----------------------------------------------------------------------------------


def _check_images(root: Path) -> list[str]:
    """Find textures below `root`, drop those that are elsewhere or too large."""
    notes = []
    for image in list(bpy.data.images):
        if image.source == "GENERATED" or image.type != "IMAGE":
            continue
        name = Path(image.filepath.replace("\\", "/")).name or image.name
        try:
            if image.packed_file is not None:
                _bounded(image.packed_file.data)
            else:
                image.filepath = str(_found(image, name, root))
        except ValueError as error:
            notes.append(f"texture {name!r} is not used: {error}")
            bpy.data.images.remove(image)
    return notes


def _found(image: bpy.types.Image, name: str, root: Path) -> Path:
    if image.source not in ("FILE", "TILED"):
        raise ValueError("it is a film")
    path = Path(bpy.path.abspath(image.filepath)).resolve()
    if not (path.is_relative_to(root) and path.is_file()):
        # Exporters write a path of the author's machine; the file often lies beside the model.
        path = _by_name(root, name)
    if path.stat().st_size > _MAX_IMAGE_BYTES:
        raise ValueError(f"it is larger than {_MAX_IMAGE_BYTES // 2**20} MB")
    _bounded(path.read_bytes())
    return path


def _by_name(root: Path, name: str) -> Path:
    found = [
        path
        for path in islice(root.rglob("*"), _MOST_FILES)
        if path.name.lower() == name.lower() and path.is_file() and not path.is_symlink()
    ]
    if not found:
        raise ValueError("it is not in the folder that was given")
    return min(found)  # folders list their files in any order


def _bounded(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            images.check_size(image.size)
    except Image.DecompressionBombError as error:
        raise ValueError(f"it has more than {images.MAX_PIXELS} pixels") from error
    except OSError:
        return  # a format that Pillow does not know; Blender may


# -- geometry ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Realised:
    name: str
    mesh: bpy.types.Mesh
    matrix: np.ndarray


def realise(scene: bpy.types.Scene) -> list[Realised]:
    """Every visible piece with its modifiers applied, instances one by one."""
    layer = scene.view_layers[0]
    layer.update()
    graph = layer.depsgraph
    scale = scene.unit_settings.scale_length or 1.0
    meshes: dict[int, bpy.types.Mesh] = {}
    found: list[Realised] = []
    triangles = 0
    for instance in graph.object_instances:
        item = instance.object
        if item.type not in _SOLID or item.hide_render or not instance.show_self:
            continue
        key = item.data.as_pointer()
        if key not in meshes:
            meshes[key] = bpy.data.meshes.new_from_object(item, depsgraph=graph)
        mesh = meshes[key]
        triangles += sum(len(polygon.vertices) - 2 for polygon in mesh.polygons)
        if not mesh.polygons:
            continue
        matrix = np.array(instance.matrix_world)
        matrix[:3] *= scale
        found.append(Realised(item.name, mesh, matrix))
        if len(found) > MAX_INSTANCES or triangles > MAX_TRIANGLES:
            raise ValueError(
                f"found more than {MAX_INSTANCES} objects or {MAX_TRIANGLES} triangles with"
                " modifiers and instances; simplify it"
            )
    if not found:
        raise ValueError("found no visible object with faces, expected a mesh")
    return found


def keep_only(found: list[Realised]) -> None:
    """The realised pieces as the only objects of the scene that is exported, transforms applied: a
    parent's stretch along a slanted axis is none that an object of its own could have."""
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    meshes = [piece.mesh.copy() for piece in found]  # several may be instances of one
    for piece, mesh in zip(found, meshes, strict=True):
        matrix = mathutils.Matrix(piece.matrix.tolist())
        mesh.transform(matrix)
        if matrix.determinant() < 0:  # a mirrored piece is inside out
            mesh.flip_normals()
        item = bpy.data.objects.new(piece.name, mesh)
        bpy.context.scene.collection.objects.link(item)


def procedural_notes() -> list[str]:
    """Materials whose colour comes from nodes that no file format carries."""
    used = {slot for mesh in bpy.data.meshes if mesh.users for slot in mesh.materials if slot}
    names = []
    for material in used:
        tree = material.node_tree
        kinds = {node.bl_idname for node in tree.nodes} if tree else set()
        patterns = any(kind.startswith("ShaderNodeTex") for kind in kinds)
        if patterns and "ShaderNodeTexImage" not in kinds:
            names.append(material.name)
    names.sort()  # a set has no order
    return [f"material {name!r} is procedural: only its plain colour is kept" for name in names]


def export_glb(path: Path) -> None:
    bpy.ops.export_scene.gltf(
        filepath=str(path),
        export_format="GLB",
        export_yup=True,
        export_animations=False,
        export_skins=False,
        export_morph=False,
        export_cameras=False,
        export_lights=False,
        export_extras=False,
    )
    if not path.is_file():
        raise ValueError("Blender wrote no GLB")
