"""What stands on little is pushed over, unless it leans well or was asked to stand."""

from __future__ import annotations

import itertools

import mujoco
import numpy as np
import pytest

from simgen.assets.catalogue import load_catalogue
from simgen.assets.library import Library
from simgen.config import Config
from simgen.sampling import scenes as sampling
from simgen.sampling.placement.bodies import Body
from simgen.sampling.placement.initial_poses import Arrangement
from simgen.sampling.placement.place import settle
from simgen.sampling.placement.rigid_bodies import RigidWorld
from simgen.sampling.placement.stability import narrow, push_unsteady, topples
from simgen.stages.resolver import Resolver
from simgen.stages.stage import Support

TABLE = Support((2.0, 2.0), round=False)
FRAGILE = 3.0
"""Degrees. A table that is tilted by so little should topple nothing."""


def box(x: float, y: float, z: float, initial_pose: str = "tumbled") -> Body:
    """On z = 0."""
    corners = itertools.product((-x / 2, x / 2), (-y / 2, y / 2), (0.0, z))
    return Body((np.array(list(corners)),), density=700.0, friction=0.5, initial_pose=initial_pose)


def about_middle(body: Body, turn: np.ndarray | None = None) -> np.ndarray:
    points = np.concatenate(body.pieces)
    return (points - points.mean(axis=0)) @ (np.eye(3) if turn is None else turn).T


@pytest.mark.parametrize(("degrees", "falls"), [(2.0, True), (5.0, True), (8.0, False)])
def test_a_box_falls_past_the_angle_of_its_edge(degrees: float, falls: bool) -> None:
    """A box of width w and height h topples when it is tilted by atan(w / h)."""
    points = about_middle(box(0.2 * np.tan(np.radians(degrees)), 0.1, 0.2))
    assert topples(points) == falls
    assert narrow(points[points[:, 2] < 0]) == falls


def test_what_lies_or_rolls_does_not_fall() -> None:
    rng = np.random.default_rng(0)
    ball = rng.normal(size=(400, 3))
    assert not topples(0.05 * ball / np.linalg.norm(ball, axis=1)[:, None])
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    ring = 0.04 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lying = [np.column_stack([np.full(64, x), ring]) for x in (-0.12, 0.12)]
    assert not topples(np.concatenate(lying)), "a bottle on its side"
    assert not topples(about_middle(box(0.2, 0.1, 0.01)))


def test_what_hangs_beside_all_that_it_touches_stands_on_little() -> None:
    assert narrow(np.array([[0.05, 0.0, -0.1], [0.09, 0.02, 0.1]]))
    assert not narrow(np.zeros((0, 3))), "in the air"


def world(*things: tuple[Body, tuple[float, float, float], float]) -> RigidWorld:
    """Bodies at places (of the middle of their foot), turned by radians about y."""
    made = RigidWorld([body for body, _, _ in things], TABLE, 1.0, 1.0, ())
    for i, (body, at, angle) in enumerate(things):
        half = np.ptp(body.pieces[0], axis=0)[2] / 2
        up = np.array([np.sin(angle), 0.0, np.cos(angle)])
        turn = (float(np.cos(angle / 2)), 0.0, float(np.sin(angle / 2)), 0.0)
        made.set_pose(i, np.array(at) + half * up, turn)
    mujoco.mj_forward(made.model, made.data)
    made.run(2.0)
    return made


def lean(made: RigidWorld, i: int) -> float:
    """Degrees between a body's own up and the world's."""
    turned = np.zeros(3)
    mujoco.mju_rotVecQuat(turned, np.array([0.0, 0.0, 1.0]), np.array(made.turn(i)))
    return float(np.degrees(np.arccos(np.clip(turned[2], -1, 1))))


def test_a_stick_on_its_end_is_pushed_over_and_a_bottle_stays() -> None:
    stick, bottle = box(0.008, 0.01, 0.2), box(0.07, 0.07, 0.25)
    made = world((stick, (0, 0, 0), 0.0), (bottle, (0.5, 0, 0), 0.0))
    assert lean(made, 0) < 1, "it stands by itself"
    before = made.pose(1)
    push_unsteady(made, 6.0)
    assert lean(made, 0) > 80
    assert made.pose(1).position == pytest.approx(before.position, abs=1e-4)
    assert lean(made, 1) < 0.1
    assert made.offenders() == []


def test_what_stands_as_it_was_held_stays() -> None:
    made = world((box(0.008, 0.01, 0.2, initial_pose="upright"), (0, 0, 0), 0.0))
    before = made.data.qpos.copy()
    push_unsteady(made, 6.0)
    assert (made.data.qpos == before).all(), "nothing is pushed, and no time passes"


@pytest.mark.parametrize(("degrees", "falls"), [(2.0, True), (20.0, False)])
def test_a_stick_that_leans_on_a_block_stays_if_it_leans_well(degrees: float, falls: bool) -> None:
    angle = float(np.radians(degrees))
    foot = -0.004 - 0.19 * np.tan(angle)
    stick, block = box(0.008, 0.01, 0.2), box(0.15, 0.15, 0.15)
    made = world((block, (0.075, 0, 0), 0.0), (stick, (foot, 0, 0.002), angle))
    assert lean(made, 1) < degrees + 10, "it leans"
    push_unsteady(made, 6.0)
    assert (lean(made, 1) > 60) == falls
    assert lean(made, 0) < 0.1


def toppled(bodies: list[Body], support: Support, rests: list) -> list[Body]:  # type: ignore[type-arg]
    """Those whose centre of mass sinks by a third when the table is tilted to any side."""
    there = [(b, r) for b, r in zip(bodies, rests, strict=True) if r is not None]
    made = RigidWorld([b for b, _ in there], support, 1.0, np.inf, ())
    poses = np.array([[*(r.position - made.origin), *r.rotation] for _, r in there])
    found: set[int] = set()
    for way in np.arange(0, 2 * np.pi, np.pi / 4):
        mujoco.mj_resetData(made.model, made.data)
        made.data.qpos[:] = poses.ravel()
        mujoco.mj_forward(made.model, made.data)
        height = made.data.xipos[1:, 2].copy()
        level = np.sin(np.radians(FRAGILE)) * np.array([np.cos(way), np.sin(way)])
        made.model.opt.gravity[:] = 9.81 * np.array([*level, -np.cos(np.radians(FRAGILE))])
        mujoco.mj_step(made.model, made.data, nstep=350)
        found |= set(np.flatnonzero(made.data.xipos[1:, 2] < 0.65 * height).tolist())
    return [there[i][0] for i in sorted(found)]


@pytest.mark.parametrize(("seed", "scene"), [(0, 0), (0, 25)])
@pytest.mark.corpus(1)
def test_in_scenes_nothing_topples_when_the_table_is_tilted(
    seed: int, scene: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scenes in which a knife and a toothbrush stood on their ends."""
    fallen: list[list[Body]] = []

    def spy(bodies: list[Body], support: Support, arrangement: Arrangement, *rest):  # type: ignore[no-untyped-def]
        rests = settle(bodies, support, arrangement, *rest)
        fallen.append(toppled(bodies, support, rests))
        return rests

    monkeypatch.setattr("simgen.sampling.placement.place.settle", spy)
    config = Config(seed=seed)
    config.assets.tags = ["tabletop"]
    sampling.sample_scene(config, load_catalogue(config.assets), Resolver(Library(None)), scene, ())
    assert fallen == [[]]
