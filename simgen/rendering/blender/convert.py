"""Conversion of FBX, USD and .blend files to GLB, without their active content.

Runs in a separate process (`simgen.rendering.blender.sandboxed`) that can read only the file's
folder. A .blend file is appended instead of opened, so its scripts and handlers are not
registered, and its drivers and script nodes are removed before anything is evaluated.
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
"""Maximum number of files searched for a texture by name."""
_SOLID = {"MESH", "CURVE", "SURFACE", "FONT", "META", "CURVES"}
_READS_FILES = {"MESH_CACHE", "MESH_SEQUENCE_CACHE", "FLUID"}
"""Modifiers that read files."""


def convert(file: Path, root: Path, work: Path) -> dict[str, Any]:
    """Write a file's visible geometry and materials to `work/model.glb`, metres, y up.

    root: nothing outside this folder is read. Returns `{"notes": [...]}`.
    Raises `ValueError`, one line, for a file that cannot be converted.
    """
    scene, notes = open_disarmed(file, root)
    keep_only(realise(scene))
    notes += procedural_notes()
    export_glb(work / RESULT)
    return {"notes": notes}


def open_disarmed(file: Path, root: Path) -> tuple[bpy.types.Scene, list[str]]:
    """Load a file, remove everything that would run code or read other files, and return its scene
    and a list of what was removed.

    Raises `ValueError` if Blender cannot read the file.
    """
    reset()
    bpy.context.preferences.filepaths.use_scripts_auto_execute = False
    scene = _load(file)
    return scene, [*_disarm(), *_check_libraries(), *_check_images(root)]


def _load(file: Path) -> bpy.types.Scene:
    """Load the file's content into a new scene, without evaluating it."""
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


# -- active content ----------------------------------------------------------------------------


def _disarm() -> list[str]:
    """Remove drivers, scripts, and nodes and modifiers that read files during evaluation."""
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
        f"{count} {what}{'s' if count > 1 else ''} removed"
        for what, count in counts.items()
        if count
    ]


def _all_ids() -> Iterator[bpy.types.ID]:
    """Yield every data block, including embedded node trees and shape keys."""
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
    """Return notes on linked files, which the sandbox prevents from being read."""
    return [
        f"it links to {Path(library.filepath).name!r}, which is not read: make it local"
        for library in bpy.data.libraries
        if library.filepath and _is_linked(library)
    ]


def _is_linked(library: bpy.types.Library) -> bool:
    return any(item.library == library for item in (*bpy.data.objects, *bpy.data.meshes))


# -- textures ----------------------------------------------------------------------------------


def _check_images(root: Path) -> list[str]:
    """Find textures below `root`, and remove those that are elsewhere or too large."""
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
        raise ValueError("it is not a still image")
    path = Path(bpy.path.abspath(image.filepath)).resolve()
    if not (path.is_relative_to(root) and path.is_file()):
        # Exporters may write a path on the author's machine, with the file beside the model.
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
        raise ValueError("it was not found in the given folder")
    return min(found)  # directory listings have no fixed order


def _bounded(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            images.check_size(image.size)
    except Image.DecompressionBombError as error:
        raise ValueError(f"it has more than {images.MAX_PIXELS} pixels") from error
    except OSError:
        return  # a format unknown to Pillow, which Blender may be able to read


# -- geometry ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Realised:
    name: str
    mesh: bpy.types.Mesh
    matrix: np.ndarray


def realise(scene: bpy.types.Scene) -> list[Realised]:
    """Return every visible object with modifiers applied, and every instance separately."""
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
    """Replace the exported scene's objects by the realised ones, with transforms applied.

    A single object's transform cannot express the shear of a stretched parent.
    """
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    meshes = [piece.mesh.copy() for piece in found]  # instances may share a mesh
    for piece, mesh in zip(found, meshes, strict=True):
        matrix = mathutils.Matrix(piece.matrix.tolist())
        mesh.transform(matrix)
        if matrix.determinant() < 0:  # mirroring turns a mesh inside out
            mesh.flip_normals()
        item = bpy.data.objects.new(piece.name, mesh)
        bpy.context.scene.collection.objects.link(item)


def procedural_notes() -> list[str]:
    """Return notes on materials whose colour comes from nodes that GLB cannot store."""
    used = {slot for mesh in bpy.data.meshes if mesh.users for slot in mesh.materials if slot}
    names = []
    for material in used:
        tree = material.node_tree
        kinds = {node.bl_idname for node in tree.nodes} if tree else set()
        patterns = any(kind.startswith("ShaderNodeTex") for kind in kinds)
        if patterns and "ShaderNodeTexImage" not in kinds:
            names.append(material.name)
    names.sort()  # sets are unordered
    return [f"material {name!r} is procedural: only its base colour is kept" for name in names]


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
