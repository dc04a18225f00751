"""Loads mesh files supplied by users (OBJ, glTF, GLB, PLY, STL) into `MeshData`, with trimesh."""

from __future__ import annotations

import io
import logging
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from trimesh.visual.color import ColorVisuals
from trimesh.visual.material import PBRMaterial
from trimesh.visual.texture import TextureVisuals

from simgen.assets import gltf, headers, import_transform, keypoints, objtext, surfaces
from simgen.assets.entries import Entry
from simgen.assets.geometry import box_uv, clean, count_open_edges
from simgen.assets.references import FolderResolver, fingerprint, labelled_fingerprint
from simgen.errors import AssetError
from simgen.geometry.mesh import MeshData, SurfaceData

log = logging.getLogger("simgen.assets")

_UP = {".obj": "y", ".glb": "y", ".gltf": "y", ".ply": "z", ".stl": "z"}
"""The up axis of each format, as in Blender's importers."""


@dataclass(frozen=True)
class FileMesh:
    """The content of one mesh file."""

    mesh: MeshData
    sha256: str
    """SHA-256 over the mesh file, the side files it uses, and its keypoints."""
    notes: tuple[str, ...]
    """Omissions and repairs, one line each."""
    files: tuple[str, ...] = ()
    """The side files that the mesh uses, relative to the asset folder."""
    files_sha256: str = ""
    """SHA-256 over the same files, without the labels of the catalogue entry."""


def up_axis(file: str, up: str) -> str:
    """Return the up axis, `y` or `z`; the file's format decides for `auto`."""
    if up not in ("auto", "y", "z"):
        raise AssetError(f"its up axis is {up!r}; expected 'auto', 'y' or 'z'")
    return _UP[Path(file).suffix.lower()] if up == "auto" else up


def read_asset(folder: Path, entry: Entry) -> FileMesh:
    """Load the file of a catalogue entry, in metres and z up.

    folder: the asset folder; nothing outside it is read. Raises `AssetError`.
    """
    file = entry.file
    try:
        return _read(folder.resolve(), replace(entry, up=up_axis(file, entry.up)))
    except AssetError as error:
        log.debug("%s", file, exc_info=True)
        raise AssetError(f"{file}: {error}") from error
    except Exception as error:  # loaders raise anything on broken files, also MemoryError
        log.debug("%s", file, exc_info=True)
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise AssetError(
            f"{file}: found data that cannot be read ({reason}), expected a"
            f" {Path(file).suffix.lower()} mesh; open it in Blender and export it again"
        ) from error


def _read(root: Path, entry: Entry) -> FileMesh:
    """Load the file of an entry whose `up` is `y` or `z`."""
    path = (root / entry.file).resolve()
    if not path.is_relative_to(root):
        raise AssetError("it is outside the asset folder; move it into the folder")
    if not path.is_file():
        raise AssetError("the asset folder has no such file")
    headers.count_triangles(path, stop=0)
    data = path.read_bytes()
    notes: list[str] = []
    resolver = FolderResolver(root, path.parent)
    scene = _scene_or_reason(data, path.suffix.lower(), resolver)
    header = gltf.read_header(path) if path.suffix.lower() in (".glb", ".gltf") else {}
    parts = _parts(scene, _names(scene, data, path.suffix.lower(), header))
    if not parts:
        raise headers.no_faces(0)
    slots, slot_of = _slots(parts, header, notes)
    mesh, factors = _join(parts, slots, slot_of, entry, notes)
    named = keypoints.read(root, entry.file)
    if named:
        resolver.used[named.file] = named.data
    mesh = keypoints.add(
        mesh, entry, named, lambda points: import_transform.metric(points, entry) * factors
    )
    notes += resolver.notes + gltf.notes(header)
    if b"usemtl" in data and any(surface is None for surface in mesh.surfaces):
        notes.append("some of its materials are not defined in the .mtl file")
    of_files = fingerprint(data, resolver.used)
    return FileMesh(
        mesh=mesh,
        sha256=labelled_fingerprint(of_files, entry),
        notes=tuple(notes),
        files=tuple(sorted(resolver.used)),
        files_sha256=of_files,
    )


def _scene_or_reason(data: bytes, suffix: str, resolver: FolderResolver) -> trimesh.Scene:
    try:
        return _load_scene(data, suffix, resolver)
    except Exception as error:
        if resolver.notes:  # most likely the reason, and the more useful message
            raise AssetError(
                f"it cannot be read without a file that it refers to: "
                f"{resolver.notes[-1]}; put it beside the mesh"
            ) from error
        raise


def _load_scene(data: bytes, suffix: str, resolver: FolderResolver) -> trimesh.Scene:
    options: dict[str, Any] = {}
    if suffix == ".obj":
        data, _ = objtext.label_parts(objtext.normalise(data))
        options["split_objects"] = True
    elif suffix == ".stl":
        data = headers.without_trailing_bytes(data)
    elif suffix in (".glb", ".gltf"):
        data = gltf.prepare(data, suffix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return trimesh.load_scene(
            io.BytesIO(data), file_type=suffix[1:], resolver=resolver, process=False, **options
        )


_Label = tuple[int, str]
"""The number of a part, in the file's order, and its name."""


def _names(
    scene: trimesh.Scene, data: bytes, suffix: str, header: gltf.Header
) -> dict[str, _Label]:
    """Map names of trimesh's nodes to the part of the file that they belong to."""
    nodes = list(scene.graph.nodes_geometry)
    if header:
        known = gltf.part_names(header)
        return {node: known[node] for node in nodes}
    if suffix == ".obj":
        _, names = objtext.label_parts(objtext.normalise(data))
        numbers = {node: objtext.part_number(str(scene.graph[node][1])) for node in nodes}
        return {n: (-1, "") if i is None else (i, names[i]) for n, i in numbers.items()}
    if len(nodes) == 1:
        return {nodes[0]: (0, "")}
    return {node: (number, str(node)) for number, node in enumerate(nodes)}


@dataclass(frozen=True)
class _Part:
    """One mesh of the file, in the file's axes and unit.

    label: of the part that it belongs to. vertices: `V x 3`. faces: `F x 3`. uv: `F x 3 x 2`.
    """

    label: _Label
    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray | None
    visual: ColorVisuals | TextureVisuals | None


def _parts(scene: trimesh.Scene, names: dict[str, _Label]) -> list[_Part]:
    parts = []
    for node in scene.graph.nodes_geometry:
        matrix, name = scene.graph[node]
        mesh = scene.geometry[name]
        if not isinstance(mesh, trimesh.Trimesh) or not len(mesh.faces):
            continue
        faces = np.asarray(mesh.faces, dtype=np.int64)
        points = np.asarray(mesh.vertices, dtype=np.float64)
        if faces.min() < 0 or faces.max() >= len(points):
            raise AssetError(
                f"a face refers to vertex {faces.max()}, but the mesh has {len(points)} vertices;"
                " the file is damaged; export it again"
            )
        uv = getattr(mesh.visual, "uv", None)
        uv = np.asarray(uv)[faces] if uv is not None and len(uv) == len(points) else None
        if np.linalg.det(matrix[:3, :3]) < 0:  # a mirrored node turns its faces inside out
            faces = faces[:, ::-1]
            uv = None if uv is None else uv[:, ::-1]
        with np.errstate(invalid="ignore", over="ignore"):  # infinity is reported by `clean`
            points = points @ matrix[:3, :3].T + matrix[:3, 3]
        parts.append(_Part(names[node], points, faces, uv, mesh.visual))
    return parts


def _slots(
    parts: list[_Part], header: gltf.Header, notes: list[str]
) -> tuple[dict[str, SurfaceData | None], list[int]]:
    """Return the surface of each slot name, and the slot index of each part."""
    materials = [getattr(part.visual, "material", None) for part in parts]
    pictures = [picture for item in materials for picture in surfaces.pictures_of(item)]
    textures = surfaces.Textures(pictures, notes)
    slots: dict[str, SurfaceData | None] = {}
    known: dict[str, str] = {}
    slot_of = []
    for part, material in zip(parts, materials, strict=True):
        key = f"{type(part.visual).__name__} {getattr(material, 'name', None)}"
        if key not in known:
            name, surface = _surface(part.visual, header, textures, notes)
            while name in slots:
                name += "_"
            known[key], slots[name] = name, surface
        slot_of.append(list(slots).index(known[key]))
    return slots, slot_of


def _surface(
    visual: ColorVisuals | TextureVisuals | None,
    header: gltf.Header,
    textures: surfaces.Textures,
    notes: list[str],
) -> tuple[str, SurfaceData | None]:
    if visual is None:
        return surfaces.DEFAULT_SLOT, None
    if not isinstance(visual, TextureVisuals):
        return surfaces.DEFAULT_SLOT, surfaces.from_colors(visual, linear=bool(header))
    material = visual.material
    if isinstance(material, PBRMaterial) and header:
        return surfaces.from_gltf(header, material, textures, notes)
    if not material.kwargs and material.image is None:  # trimesh's stand-in for "has UV only"
        return surfaces.DEFAULT_SLOT, None
    name = str(material.name or surfaces.DEFAULT_SLOT)
    return name, surfaces.from_mtl(material, textures, notes)


def _join(
    parts: list[_Part],
    slots: dict[str, SurfaceData | None],
    slot_of: list[int],
    entry: Entry,
    notes: list[str],
) -> tuple[MeshData, np.ndarray]:
    """Return the mesh of all parts, and the factors along x, y, z that stretched it to its size."""
    starts = np.cumsum([0] + [len(part.vertices) for part in parts[:-1]])
    vertices = import_transform.metric(np.concatenate([part.vertices for part in parts]), entry)
    faces = np.concatenate([part.faces + start for part, start in zip(parts, starts, strict=True)])
    counts = [len(part.faces) for part in parts]
    slot = np.repeat(np.array(slot_of, dtype=np.int32), counts)
    names, part_of = _part_names(parts)
    part = np.repeat(np.array(part_of, dtype=np.int32), counts)
    missing = [np.full((len(part.faces), 3, 2), np.nan) for part in parts]
    uv = np.concatenate(
        [gap if part.uv is None else part.uv for part, gap in zip(parts, missing, strict=True)]
    )
    vertices, faces, kept = clean(vertices, faces, notes)
    factors = import_transform.stretch(vertices.min(axis=0), vertices.max(axis=0), entry)
    vertices = vertices * factors
    uv, slot = uv[kept], slot[kept]
    faces, uv = _wind(vertices, faces, uv, notes)
    without = ~np.isfinite(uv).all(axis=(1, 2))
    uv[without] = box_uv(vertices, faces[without])
    mesh = MeshData(
        vertices=vertices,
        faces=faces.astype(np.int32),
        uv=uv.astype(np.float32),
        slot=slot,
        slots=tuple(slots),
        surfaces=_with_sheets(tuple(slots.values()), faces, slot),
        part=part[kept],
        parts=names,
    )
    return mesh, factors


def _with_sheets(
    found: tuple[SurfaceData | None, ...], faces: np.ndarray, slot: np.ndarray
) -> tuple[SurfaceData | None, ...]:
    """Mark glass that encloses no volume as thin: refracted rays would never leave it."""
    return tuple(
        replace(surface, thin=True)
        if surface is not None
        and surface.transmission > 0
        and (slot == number).any()
        and count_open_edges(faces[slot == number])
        else surface
        for number, surface in enumerate(found)
    )


def _wind(
    vertices: np.ndarray, faces: np.ndarray, uv: np.ndarray, notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the faces and their UVs, with wrongly wound faces reversed."""
    from simgen.assets.winding import wrongly_wound  # loads scipy's sparse graphs

    wrong = wrongly_wound(vertices, faces)
    if wrong.any():
        notes.append(f"{wrong.sum()} of {len(faces)} faces are wrongly wound: reversed")
        faces = np.where(wrong[:, None], faces[:, ::-1], faces)
        uv = np.where(wrong[:, None, None], uv[:, ::-1], uv)
    return faces, uv


def _part_names(parts: list[_Part]) -> tuple[tuple[str, ...], list[int]]:
    """Return unique names of the file's parts, in its order, and the part index of each mesh."""
    labels = sorted({part.label for part in parts})
    names: list[str] = []
    for _, name in labels:
        count = 2
        unique = name
        while unique in names:
            unique, count = f"{name}_{count}", count + 1
        names.append(unique)
    return tuple(names), [labels.index(part.label) for part in parts]
