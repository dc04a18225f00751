"""Clock: a round wall clock, or an alarm clock on feet with two bells. It faces the front (-y)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Solid, curves, keypoints
from simgen.spec.parameters import between, flag

from . import strokes


@dataclass(frozen=True)
class Clock:
    for_wall: bool = flag(below=0.65, of="kind")  # else an alarm clock
    wall_radius: float = between(0.105, 0.175)
    alarm_radius: float = between(0.042, 0.062)
    depth: float = between(0.22, 0.34)  # over the radius; twice that for an alarm clock
    rim: float = between(0.07, 0.15)  # width of the bezel over the radius
    recess: float = between(0.030, 0.050)
    figures: bool = flag(below=0.7, of="numbers")  # else bars
    figure: float = between(0.17, 0.23)  # height of a figure over the dial's radius
    minute_marks: bool = flag(above=0.19, of="figure")
    bold: float = between(0.12, 0.19)  # width of a stroke over the figure's height
    time: float = between(0.0, 12.0)  # hours
    hand: float = between(0.030, 0.055)  # width over the dial's radius
    minute: float = between(0.70, 0.84)
    hour: float = between(0.44, 0.55)


SLOTS = ("case", "face", "marks", "hands")


def build(p: Clock) -> MeshData:
    wall = p.for_wall
    r = p.wall_radius if wall else p.alarm_radius
    thick = p.depth * r * (1 if wall else 2)
    dial, floor = r * (1 - p.rim), thick - p.recess * r
    body = _case(r, dial, thick, floor) + _dial(dial, floor) + _marks(p, dial, floor)
    body += _hands(p, dial, floor)
    if not wall:
        body += _bells(r, thick) + _feet(r, thick)
    body = strokes.upright(body)
    marks = {"centre": (0.0, -floor - r, 0.0)}
    for name, (x, z) in {"12": (0, 1), "3": (1, 0), "6": (0, -1), "9": (-1, 0)}.items():
        marks[f"rim_{name}"] = ((r - 0.02 * r) * x, -thick - 0.01, (r - 0.02 * r) * z)
    rim = keypoints.loop("rim_12", "rim_3", "rim_6", "rim_9")
    return solids.finished(body, SLOTS, marks, (*rim, ("centre", "rim_12")))


def _case(r: float, dial: float, thick: float, floor: float) -> Solid:
    b = 0.03 * r
    profile = [(0, 0), (r - 2 * b, 0), (r - 0.5 * b, 0.6 * b), (r, 2 * b), (r, thick * 0.5)]
    profile += [(r, thick - 2 * b), (r - 0.6 * b, thick - 0.6 * b), (r - 2 * b, thick)]
    profile += [(dial + b, thick), (dial + 0.3 * b, thick - 0.3 * b), (dial, thick - b)]
    return solids.convex_lathe([*profile, (dial, floor), (0, floor)], "case", 64)


def _dial(dial: float, floor: float) -> Solid:
    profile = curves.cylinder(dial - 0.0004, floor - 0.002, floor + 0.0008)
    return solids.decoration(solids.convex_lathe(profile, "face", 48))


def _marks(p: Clock, dial: float, floor: float) -> Solid:
    low, high = floor + 0.0002, floor + 0.0008 + 0.003 * dial
    found = []
    for minute in range(60):
        angle = np.pi / 2 - 2 * np.pi * minute / 60
        way = np.array([np.cos(angle), np.sin(angle)])
        long = minute % 5 == 0
        inner = 0.78 if long and not p.figures else 0.88
        wide = (0.035 if long else 0.012) * dial
        if long and not p.figures and minute % 15 == 0:
            inner, wide = 0.72, 0.055 * dial
        if long or p.minute_marks:
            start = (inner if long else 0.90) * dial * way
            found.append(strokes.stroke(start, 0.94 * dial * way, wide, low, high, "marks"))
    if p.figures:
        tall = p.figure * dial
        for hour in range(1, 13):
            angle = np.pi / 2 - 2 * np.pi * hour / 12
            at = 0.71 * dial * np.array([np.cos(angle), np.sin(angle), 0.0])
            figure = strokes.text(str(hour), tall, p.bold * tall, low, high, "marks")
            found.append(solids.translate(figure, at))
    return solids.join(found)


def _hands(p: Clock, dial: float, floor: float) -> Solid:
    base = floor + 0.0008 + 0.004 * dial
    step, wide = 0.006 * dial, p.hand * dial
    found = []
    hands = ((p.time / 12, p.hour, 1.35), (p.time % 1.0, p.minute, 1.0))
    for number, (share, reach, width) in enumerate(hands):
        angle = np.pi / 2 - 2 * np.pi * share
        way = np.array([np.cos(angle), np.sin(angle)])
        low = base + (1.5 * number) * step
        start, end = -0.14 * dial * way, reach * dial * way
        found.append(strokes.stroke(start, end, width * wide, low, low + step, "hands"))
    hub = 0.055 * dial
    top = floor + 0.026 * dial
    profile = [(0, floor), (hub, floor), (hub, top - 0.005 * dial), (0.7 * hub, top), (0, top)]
    return solids.join([*found, solids.decoration(solids.convex_lathe(profile, "hands", 20))])


def _bells(r: float, thick: float) -> Solid:
    """Build two domes on stems on top, and a bow between them."""
    found = []
    cup = 0.46 * r
    angle = np.linspace(0.1, np.pi / 2, 8)
    dome = np.stack([cup * np.cos(angle), 0.75 * cup * np.sin(angle)], axis=1)
    profile = [(0, 0.08 * cup), *dome[:-1], (0, 0.75 * cup)]
    for side in (-1, 1):
        bell = solids.rotate(solids.convex_lathe(profile, "case", 28), 0, -np.pi / 2)
        bell = solids.translate(bell, (0, 1.12 * r, thick / 2))
        found.append(solids.rotate(bell, 2, -side * 0.62, (0, 0, thick / 2)))
        tip = np.array([side * np.sin(0.62), np.cos(0.62), 0.0])
        at = np.array([0, 0, thick / 2])
        found.append(solids.cylinder(at + 0.9 * r * tip, at + 1.25 * r * tip, 0.05 * r, "case"))
    turn = np.linspace(0.25, np.pi - 0.25, 9)
    bow = np.stack([np.cos(turn), 1.8 + np.sin(turn), 0 * turn], axis=1) * 0.62 * r
    bow[:, 2] = thick / 2
    return solids.join([*found, solids.rod(bow, 0.045 * r, "case")])


def _feet(r: float, thick: float) -> Solid:
    found = []
    for side in (-1, 1):
        start = np.array([side * 0.5 * r, -0.75 * r, thick / 2])
        end = np.array([side * 0.72 * r, -1.18 * r, thick / 2])
        found.append(solids.cylinder(start, end, 0.075 * r, "case"))
        found.append(solids.ellipsoid(end, 0.10 * r, "case", 16, 9))
    return solids.join(found)


CLASSES = (ParametricClass("clock", Clock, build),)
