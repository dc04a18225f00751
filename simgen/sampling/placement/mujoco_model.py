"""MuJoCo models of rigid bodies on a support, in units where the median body is 10 cm across."""

from __future__ import annotations

import mujoco
import numpy as np

from simgen.errors import ShapeError
from simgen.geometry.hulls import thickened
from simgen.sampling.placement.bodies import Body
from simgen.stages.stage import Support

_TIMESTEP = 0.002
_STIFFNESS = (0.006, 1.0)
"""Time constant in seconds, three steps, and damping ratio of a contact. A body at rest sinks in by
about 0.05 g t^2: 20 micrometres, and a heavy one on a light one more. With softer contacts (usually
20 ms) heaps keep trembling and take up to ten times as long to settle."""
_OBSTACLE_FRICTION = 0.5
_QUICK = 2.0
"""Time step of a crowd relative to the usual one: its contacts are softer by the same factor."""
_THINNEST = 3e-5
"""Minimum thickness of a piece, metres at the 10 cm scale: MuJoCo rejects volumes below 1e-15 m3.
"""
_ROUNDING = 2e-6
"""Minimum thickness of a piece relative to its distance from the origin, since MuJoCo stores
coordinates in 32 bits."""
PIT = -3.0
"""Height of the floor below that catches bodies that fall off the table."""


def compiled(
    bodies: list[Body], support: Support, unit: float, around: list[np.ndarray], twins: bool
) -> mujoco.MjModel:
    """Return the model of bodies in the air over a support.

    unit: factor to the 10 cm scale. around: obstacles, convex point sets at that scale. twins: add
    a copy of each body without degrees of freedom. Raises `ShapeError` for bodies that MuJoCo
    rejects.
    """
    try:
        spec = _described(bodies, support, unit, around)
        if twins:
            _add_twins(spec, bodies)
        return spec.compile()
    except ValueError as error:
        refused = [body.name for body in bodies if not _is_taken(body, unit)]
        found = ", ".join(sorted(set(refused))) or "surroundings of the objects"
        reason = " ".join(str(error).split())
        raise ShapeError(
            f"{found}: MuJoCo rejects the shape ({reason}); repair the mesh, or leave it out",
            refused,
        ) from error


def _is_taken(body: Body, unit: float) -> bool:
    """Return whether MuJoCo accepts a body on its own."""
    spec = _empty()
    try:
        _add_body(spec, 0, body, unit)
        spec.compile()
    except ValueError:
        return False
    return True


def _empty() -> mujoco.MjSpec:
    spec = mujoco.MjSpec()
    spec.option.timestep = _TIMESTEP
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10
    spec.compiler.boundmass = 1e-4
    spec.compiler.boundinertia = 1e-9
    return spec


def _described(
    bodies: list[Body], support: Support, unit: float, around: list[np.ndarray]
) -> mujoco.MjSpec:
    spec = _empty()
    half_x, half_y = (half * unit for half in support.half_size)
    shape = mujoco.mjtGeom.mjGEOM_CYLINDER if support.round else mujoco.mjtGeom.mjGEOM_BOX
    size = [half_x, 0.1, 0.0] if support.round else [half_x, half_y, 0.1]
    spec.worldbody.add_geom(type=shape, size=size, pos=[0, 0, -0.1], solref=_STIFFNESS)
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1], pos=[0, 0, PIT])
    for number, piece in enumerate(around):
        _add_obstacle(spec, number, piece)
    for i, body in enumerate(bodies):
        _add_body(spec, i, body, unit)
    return spec


def _add_obstacle(spec: mujoco.MjSpec, number: int, piece: np.ndarray) -> None:
    name = f"obstacle.{number}"
    _add_mesh(spec, name, piece)
    _add_piece(spec.worldbody, name, _OBSTACLE_FRICTION)


def _add_body(spec: mujoco.MjSpec, index: int, body: Body, unit: float) -> None:
    item = spec.worldbody.add_body()
    item.add_freejoint()
    for number, piece in enumerate(body.pieces):
        _add_mesh(spec, f"{index}.{number}", piece * unit)
    _add_pieces(item, index, body)


def _add_pieces(item: mujoco.MjsBody, index: int, body: Body) -> None:
    for number in range(len(body.pieces)):
        piece = _add_piece(item, f"{index}.{number}", body.friction)
        piece.density = body.density
        # Rooted bodies do not push each other: neither can give way.
        piece.contype = 2 if body.rooted else 1


def _add_piece(item: mujoco.MjsBody, mesh: str, friction: float) -> mujoco.MjsGeom:
    return item.add_geom(
        type=mujoco.mjtGeom.mjGEOM_MESH,
        meshname=mesh,
        # Sliding, torsional and rolling friction; rolling is what stops apples.
        friction=[friction, 0.005, 0.0015],
        condim=6,
        solref=_STIFFNESS,
        solimp=[0.95, 0.99, 0.001, 0.5, 2],
    )


def _add_twins(spec: mujoco.MjSpec, bodies: list[Body]) -> None:
    """Add a copy of each body that takes its place while it is fixed."""
    for body in spec.worldbody.bodies:
        body.gravcomp = 1.0  # so that it can be changed in the compiled model
    for index, body in enumerate(bodies):
        _add_pieces(spec.worldbody.add_body(mocap=True), index, body)


def _add_mesh(spec: mujoco.MjSpec, name: str, piece: np.ndarray) -> None:
    least = max(_THINNEST, _ROUNDING * float(np.abs(piece).max()))
    spec.add_mesh(
        name=name,
        uservert=thickened(piece, least).ravel(),
        inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_CONVEX,
    )


def ease(model: mujoco.MjModel, sleep_speed: float) -> None:
    """Make a model faster for many bodies. sleep_speed: m/s below which they sleep."""
    model.opt.enableflags |= mujoco.mjtEnableBit.mjENBL_SLEEP
    model.opt.sleep_tolerance = sleep_speed
    model.opt.timestep = _QUICK * _TIMESTEP
    model.geom_solref[:, 0] = _QUICK * _STIFFNESS[0]
    model.geom_condim[:] = 4
