"""Conversion of placed objects to their specs: surfaces, trajectory, deformation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simgen.assets.catalogue import Catalogue
from simgen.assets.library import Library
from simgen.assets.textures import TextureFolder
from simgen.config.draws import Draws
from simgen.geometry.mesh import MeshData
from simgen.geometry.motion import shape_at
from simgen.geometry.transforms import as_vector
from simgen.sampling.framing import Meshed
from simgen.sampling.placement.bodies import Body
from simgen.sampling.placement.place import Paths
from simgen.sampling.randomizers.motion import above_table, draw_deformation, draw_path, lowest
from simgen.sampling.randomizers.objects import DrawnObject, draw_materials
from simgen.spec.scene import ObjectSpec, PoseSpec


@dataclass(frozen=True)
class ObjectSpecs:
    """Converts sampled and placed objects to specs. ground: minimum height of motion, metres."""

    draws: Draws
    catalogue: Catalogue
    textures: TextureFolder | None
    ground: float

    def objects(self, drawn: Sequence[DrawnObject], paths: Paths) -> tuple[Meshed, ...]:
        """Return the placed objects, numbered from 1, with their meshes."""
        made: list[Meshed] = []
        for number, (item, path) in enumerate(zip(drawn, paths, strict=True)):
            if path is None:
                continue
            poses = tuple(PoseSpec(as_vector(pose.position), pose.rotation) for pose in path)
            class_id = self.catalogue.class_id(item.class_name)
            rng_key = ("materials", number)
            still = self._spec(item, poses[0], len(made) + 1, class_id, rng_key)
            made.append((self._moved(still, item.mesh, poses, number), item.mesh))
        return tuple(made)

    def distractors(self, drawn: Sequence[DrawnObject], paths: Paths) -> tuple[Meshed, ...]:
        """Return the placed distractors, with their meshes."""
        made: list[Meshed] = []
        for number, (item, path) in enumerate(zip(drawn, paths, strict=True)):
            if path is not None:
                pose = PoseSpec(as_vector(path[0].position), path[0].rotation)
                spec = self._spec(item, pose, 0, 0, ("distractors.materials", number))
                made.append((spec, item.mesh))
        return tuple(made)

    def _spec(
        self, item: DrawnObject, pose: PoseSpec, number: int, class_id: int, key: tuple[str, int]
    ) -> ObjectSpec:
        slots = _free_slots(item.mesh, self.draws.config.materials.keep_own)
        return ObjectSpec(
            instance_id=number,
            class_name=item.class_name,
            class_id=class_id,
            asset=item.asset,
            scale=item.scale,
            position=pose.position,
            rotation=pose.rotation,
            materials=draw_materials(
                self.draws,
                self.catalogue,
                item.class_name,
                slots,
                self.textures,
                self.draws.stream(*key),
            ),
        )

    def _moved(
        self, item: ObjectSpec, mesh: MeshData, poses: tuple[PoseSpec, ...], number: int
    ) -> ObjectSpec:
        """Return the object with its trajectory and its deformation. poses: from the physics.

        number: index among all sampled objects, including those that could not be placed.
        """
        config = self.draws.config
        frames, rate = self.draws.moments, self.draws.frame_rate
        start = poses[0]
        if config.motion.objects == "keyframed":
            poses = draw_path(self.draws, start, item.scale * mesh.bounds(), number) or poses
        how = draw_deformation(self.draws, number)
        shaped = replace(item, deformation=how)
        if how is not None or config.motion.objects == "keyframed":
            if len(poses) == 1:
                poses = poses * frames
            floor = min(self.ground, lowest(start, item.scale * mesh.vertices))
            poses = above_table(poses, lambda n: shape_at(shaped, mesh.vertices, n, rate), floor)
        moves = any(pose != poses[0] for pose in poses)
        return replace(
            shaped,
            position=poses[0].position,
            rotation=poses[0].rotation,
            trajectory=poses if moves else (),
        )


def rigid_body(item: DrawnObject, catalogue: Catalogue, library: Library) -> Body:
    """Return the rigid body of an object, for placing it."""
    pieces = library.pieces(item.asset, item.mesh)
    return Body(
        pieces=tuple(piece * item.scale for piece in pieces),
        density=catalogue.density(item.asset),
        friction=catalogue.friction(item.asset),
        initial_pose=item.initial_pose,
        name=item.asset.file or item.asset.id,
    )


def _free_slots(mesh: MeshData, keep_own: bool) -> tuple[str, ...]:
    """Return slots that need a sampled surface: all, or those without a surface in the file."""
    pairs = zip(mesh.slots, mesh.surfaces, strict=True)
    return tuple(slot for slot, surface in pairs if surface is None or not keep_own)
