"""The meshes of a URDF file and their poses, with all joints at zero.

http://wiki.ros.org/urdf/XML
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from simgen.assets.layouts.layout import numbers, read_xml
from simgen.errors import AssetError

_MOST_VISUALS = 2000


@dataclass(frozen=True)
class Visual:
    """A mesh of a link. file: relative to the URDF. pose: `4 x 4`, from the mesh's axes to the
    robot's, with the scale of the mesh."""

    link: str
    file: str
    pose: np.ndarray


def read_visuals(path: Path) -> list[Visual]:
    """Return the meshes that a URDF shows. Raises `AssetError`, naming the file."""
    root = read_xml(path)
    poses = _poses(root, path)
    found = [
        Visual(link.get("name", ""), file, poses[link.get("name", "")] @ pose)
        for link in root.findall("link")
        for file, pose in _meshes(link)
    ]
    if not 0 < len(found) <= _MOST_VISUALS:
        raise AssetError(
            f"{path.name}: found {len(found)} visual meshes, expected 1 to {_MOST_VISUALS}"
        )
    return found


def _meshes(link: ET.Element) -> Iterator[tuple[str, np.ndarray]]:
    for visual in link.findall("visual"):
        mesh = visual.find("geometry/mesh")
        if mesh is None:  # boxes and the like are placeholders
            continue
        pose = _origin(visual)
        pose[:3, :3] *= numbers(mesh.get("scale", "1 1 1"), 3, "scale")
        yield mesh.get("filename", ""), pose


def _poses(root: ET.Element, path: Path) -> dict[str, np.ndarray]:
    """Return the pose of each link, `4 x 4`."""
    above: dict[str, tuple[str, np.ndarray]] = {}
    for joint in root.findall("joint"):
        parent, child = joint.find("parent"), joint.find("child")
        if parent is not None and child is not None:
            above[child.get("link", "")] = parent.get("link", ""), _origin(joint)
    poses = {}
    for link in root.findall("link"):
        name, pose, steps = link.get("name", ""), np.eye(4), 0
        while name in above:
            name, joint_pose = above[name]
            pose, steps = joint_pose @ pose, steps + 1
            if steps > len(above):
                raise AssetError(f"{path.name}: its joints form a loop, expected a tree")
        poses[link.get("name", "")] = pose
    return poses


def _origin(element: ET.Element) -> np.ndarray:
    """Return the pose of an `origin`, `4 x 4`; rpy are rotations about the fixed x, y and z."""
    pose = np.eye(4)
    origin = element.find("origin")
    if origin is not None:
        pose[:3, 3] = numbers(origin.get("xyz", "0 0 0"), 3, "origin xyz")
        turn = numbers(origin.get("rpy", "0 0 0"), 3, "origin rpy")
        pose[:3, :3] = Rotation.from_euler("xyz", turn).as_matrix()
    return pose
