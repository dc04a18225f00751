"""glTF 2.0 headers: reading, checking, and simplifying so that trimesh loads files without loss."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from simgen.errors import AssetError

Header = dict[str, Any]
"""The JSON of a glTF file."""

MAX_NODES = 20_000
_MAGIC, _JSON = 0x46546C67, 0x4E4F534A
_TRIANGLES, _STRIP, _FAN = 4, 5, 6
_FLOAT = 5126
_HARMLESS = ("KHR_materials_", "KHR_texture_", "KHR_lights_", "EXT_texture_webp")
"""Required extensions that affect only appearance, not geometry."""


def read_header(path: Path) -> Header:
    """Return the JSON of a .gltf or .glb file. Raises `ValueError` for any other content."""
    with path.open("rb") as file:
        if path.suffix.lower() == ".gltf":
            return _parse(file.read())
        head = file.read(20)
        length = _json_length(head, path.stat().st_size)
        return _parse(file.read(length))


def _json_length(head: bytes, size: int) -> int:
    if len(head) < 20:
        raise ValueError("it is shorter than a glTF header")
    magic, version, total, length, kind = struct.unpack("<5I", head)
    if magic != _MAGIC or kind != _JSON:
        raise ValueError("it does not start with 'glTF' and a JSON chunk")
    if version != 2:
        raise ValueError(f"its glTF version is {version}")
    if total > size or length > size - 20:
        raise ValueError(f"truncated: {total} bytes announced, {size} bytes found")
    return length


def _parse(data: bytes) -> Header:
    try:
        header = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its JSON cannot be read: {error}") from error
    if not isinstance(header, dict) or "asset" not in header:
        raise ValueError("its JSON has no 'asset'")
    return header


def count_triangles(header: Header) -> int:
    """Return the number of triangles of all nodes. Raises `AssetError` for unsupported features."""
    required = header.get("extensionsRequired", [])
    for name in required:
        if not name.startswith(_HARMLESS):
            raise AssetError(
                f"it requires the glTF extension {name!r}, which is not supported;"
                " export it again without it (Blender: disable compression)"
            )
    if len(header.get("nodes", [])) > MAX_NODES:
        raise AssetError(f"found {len(header['nodes'])} nodes, expected at most {MAX_NODES}")
    per_mesh = [
        sum(_primitive_triangles(header, part) for part in mesh["primitives"])
        for mesh in header.get("meshes", [])
    ]
    total = sum(per_mesh[node["mesh"]] for node in header.get("nodes", []) if "mesh" in node)
    if not total:
        raise AssetError("found no node with triangles, expected a mesh; export it with meshes")
    return total


def _primitive_triangles(header: Header, part: Header) -> int:
    mode = part.get("mode", _TRIANGLES)
    if mode < _TRIANGLES:
        return 0
    if mode == _FAN:
        raise AssetError("found a triangle fan, which is not supported; export it as triangles")
    for index in (part["attributes"]["POSITION"], part.get("indices")):
        if index is not None and "bufferView" not in header["accessors"][index]:
            raise AssetError("found geometry without stored data; export it uncompressed")
        if index is not None and "sparse" in header["accessors"][index]:
            raise AssetError("found a sparse accessor, which is not supported; export it as dense")
    uv = part["attributes"].get("TEXCOORD_0")
    if uv is not None and header["accessors"][uv]["componentType"] != _FLOAT:
        raise AssetError("found texture coordinates stored as integers; export them as float")
    corners = part.get("indices", part["attributes"]["POSITION"])
    count = header["accessors"][corners]["count"]
    return count // 3 if mode == _TRIANGLES else max(0, count - 2)


def notes(header: Header) -> list[str]:
    """Return one line for each feature of the file that is ignored."""
    materials = json.dumps(header.get("materials", []))
    found = {
        "it has a skin: the rest pose is used": header.get("skins"),
        "it has animations, which are ignored": header.get("animations"),
        "KHR_texture_transform is ignored": "KHR_texture_transform" in materials,
        "textures use a second UV set: the first is used": '"texCoord": 1' in materials,
    }
    return [note for note, present in found.items() if present]


def prepare(data: bytes, suffix: str) -> bytes:
    """Return the same file with primitives split and renamed, so that trimesh can tell them apart.

    Every primitive becomes a separate mesh, and nodes, meshes and materials are named by their
    numbers: trimesh invents random names if a mesh has several primitives, rounds material colours
    to 8 bits, and does not keep the index of a material in the file.
    """
    if suffix == ".gltf":
        return json.dumps(_split(_parse(data))).encode()
    length = _json_length(data[:20], len(data))
    text = json.dumps(_split(_parse(data[20 : 20 + length]))).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + length :]
    head = struct.pack("<5I", _MAGIC, 2, 20 + len(text) + len(rest), len(text), _JSON)
    return head + text + rest


def part_names(header: Header) -> dict[str, tuple[int, str]]:
    """Map names of the nodes that `prepare` creates to the number and name of the file's node.
    header: of the original file."""
    nodes, names = header.get("nodes", []), {}
    count = len(nodes)
    for number, node in enumerate(nodes):
        if "mesh" not in node:
            continue
        mesh = header["meshes"][node["mesh"]]
        name = str(node.get("name") or mesh.get("name") or f"node{number}")
        for part in mesh["primitives"]:
            if part.get("mode", _TRIANGLES) >= _TRIANGLES:
                names[f"node{count}"] = (number, name)
                count += 1
    return names


def _split(header: Header) -> Header:
    for index, material in enumerate(header.get("materials", [])):
        material["name"] = str(index)
    meshes: list[Header] = []
    parts_of: list[list[int]] = []
    for mesh in header.get("meshes", []):
        parts_of.append([])
        for part in mesh["primitives"]:
            if part.get("mode", _TRIANGLES) >= _TRIANGLES:
                parts_of[-1].append(len(meshes))
                meshes.append({"name": f"mesh{len(meshes)}", "primitives": [part]})
    nodes = header.get("nodes", [])
    for node in list(nodes):
        node.pop("camera", None)  # trimesh ignores the transform of a node with a camera
        for part in parts_of[node.pop("mesh")] if "mesh" in node else ():
            node.setdefault("children", []).append(len(nodes))
            nodes.append({"mesh": part})
    for index, node in enumerate(nodes):
        node["name"] = f"node{index}"
    if "scenes" not in header:  # show all root nodes
        children = {child for node in nodes for child in node.get("children", ())}
        header["scenes"] = [{"nodes": [i for i in range(len(nodes)) if i not in children]}]
        header["scene"] = 0
    return {**header, "meshes": meshes}
