"""Rules that need the assets of a scene.

They check that an object's mask shows its mesh at its pose, and that the stage has no unlabelled
objects of labelled classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from simgen.assets.catalogue import built_in_info
from simgen.assets.synonyms import built_in_names
from simgen.dataset.manifest import Manifest, stored_settings
from simgen.errors import SimgenError
from simgen.formats.findings import At, Finding
from simgen.formats.simgen.frame import Frame
from simgen.geometry.mesh import MeshData
from simgen.geometry.motion import shape_at
from simgen.geometry.raycast import Caster, cutout_of
from simgen.geometry.transforms import invert_rigid, transform
from simgen.labels.record import ObjectRecord
from simgen.spec.scene import STAGE_SOURCE, ObjectSpec, SceneSpec
from simgen.stages.furnishings import NONE, label_furnishings
from simgen.stages.resolver import Resolver, make_resolver
from simgen.stages.stage import StageContent

SCENES = 100
"""Maximum number of scenes to check; building meshes takes longer than checking a frame."""
_PIXELS = 400
_OFF, _FEW = 0.02, 2
"""Fraction and number of pixels that may be wrong, at edges and on very thin objects."""


def resolver_of(content: Manifest) -> Resolver:
    """Return the resolver of the dataset's meshes, without plugins: simgen does not run code only
    because a dataset names it."""
    return make_resolver(replace(stored_settings(content, None, content.plugins), plugins=()))


def object_meshes(spec: SceneSpec, resolver: Resolver) -> dict[int, MeshData | Exception]:
    """Return the mesh of each object by its id, or the error that makes it unavailable."""
    stage: StageContent | None = None
    found: dict[int, MeshData | Exception] = {}
    for item in spec.objects:
        alone = replace(spec, objects=(item,), distractors=())
        try:
            if stage is None and item.asset.source == STAGE_SOURCE:
                stage = resolver.stages.build(spec.stage)
            found[item.instance_id] = resolver.resolve(alone, stage or StageContent(())).objects[0]
        except (SimgenError, OSError) as problem:
            found[item.instance_id] = problem
    return found


def reprojected(
    frame: Frame, spec: SceneSpec, meshes: Mapping[int, MeshData | Exception]
) -> Iterator[Finding]:
    """Check every object of a frame that has a mask. meshes: from `object_meshes`."""
    if not frame.sound or not frame.has("instances"):
        return
    specs = {item.instance_id: item for item in spec.objects}
    for item in frame.objects:
        if item.instance_id not in frame.pixels or item.instance_id not in specs:
            continue
        own = specs[item.instance_id]
        mesh = meshes[item.instance_id]
        if isinstance(mesh, Exception):
            at = At(frame.name, f"instance {item.instance_id}")
            yield at("dataset/mesh-absent", str(mesh), f"the mesh of {own.asset.id}")
            continue
        yield from _object(frame, item, own, mesh, spec)


def _object(
    frame: Frame, item: ObjectRecord, own: ObjectSpec, mesh: MeshData, spec: SceneSpec
) -> Iterator[Finding]:
    rows, columns = frame.places(item.instance_id, _PIXELS)
    to_object = invert_rigid(item.object_to_camera)
    lens, places = frame.camera.optics, np.stack([columns, rows], axis=1) + 0.5
    rays = lens.rays(places) @ to_object[:3, :3].T
    origins = transform(to_object, lens.origins(places))
    shape = shape_at(own, mesh.vertices, spec.moment(frame.sample.frame), spec.frame_rate)
    caster = Caster(shape, mesh.faces, cutout_of(mesh, tuple(own.materials)))
    there = caster.first(origins, rays).distance
    off = ~np.isfinite(there)
    if frame.points is not None:
        _, ways = lens.sight_lines(frame.points[rows, columns])
        shown = np.linalg.norm(ways, axis=1)
        with np.errstate(invalid="ignore"):
            off |= ~(np.abs(there - shown) <= 2e-3 * shown)
    if off.sum() > max(_FEW, _OFF * off.size):
        found = f"{int(off.sum())} of {off.size} pixels show another surface"
        at = At(frame.name, f"instance {item.instance_id}")
        yield at("dataset/reprojection", found, "at most 2 %")


def furnishings(
    place: str, spec: SceneSpec, content: Manifest, resolver: Resolver | None
) -> Iterator[Finding]:
    """Check for unlabelled furnishings.

    place: path of the scene's spec in the dataset. resolver: None to skip building the stage.
    """
    found, mode = spec.unlabelled, content.config["scene"].get("label_furnishings", NONE)
    if not found and mode == NONE and resolver is not None:  # older specs lack `unlabelled`
        found = _of_stage(spec, resolver)
    if found:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(found.items()))
        at = At(place, "stage")
        yield at("training/unlabelled-furnishings", f"{listed} without a label", "none")


def _of_stage(spec: SceneSpec, resolver: Resolver) -> dict[str, int]:
    aliases = {name: info.aliases for name, info in built_in_info().items()}
    known = built_in_names(spec.classes, aliases, {})
    try:
        parts = resolver.stages.build(replace(spec.stage, whole=True)).parts
    except (SimgenError, OSError):  # e.g. a user-supplied stage that no longer exists
        return {}
    return label_furnishings(NONE, spec.stage, parts, known, spec.classes, 1).unlabelled
