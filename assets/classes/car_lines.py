"""The proportions of a car: the positions of its axles, cabin and roof, its height and width."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.spec.parameters import added, between, cases, flag

_ARCH = np.linspace(0, np.pi, 9)


@dataclass(frozen=True)
class Car:
    hatchback: bool = flag(below=0.5, of="kind")  # else a saloon
    length: float = between(3.8, 4.7)
    width: float = between(1.70, 1.86)
    height: float = between(1.40, 1.62)
    belt: float = between(0.60, 0.645)  # height of the windows' lower edge over the height
    hood: float = between(0.54, 0.60)  # height of the hood's rear end over the height
    cowl: float = between(0.255, 0.31)  # start of the windscreen over the length
    rake: float = between(0.13, 0.18)  # length of the windscreen over the length
    tumble: float = between(0.13, 0.19)  # inward lean of the cabin, metres per side
    wheel: float = between(0.30, 0.345)
    clearance: float = between(0.15, 0.20)
    nose: float = between(0.10, 0.17)  # narrowing of the ends
    body: str = added(cases("small", "estate", "suv", "mpv", at=(0.42, 0.62, 0.86)), older=0)
    glass_roof: bool = added(flag(above=0.88), older=0)
    roof_rails: bool = added(flag(above=0.6), older=0)  # of estates and SUVs


def shaped(p: Car) -> Car:
    """Return the parameters adapted to the kind of body. They are sampled for a hatchback or
    saloon, which `small` leaves unchanged. An estate is longer, an SUV is taller and wider with
    larger wheels, an MPV has a short hood and a tall cabin; all three have a tailgate."""
    if p.body == "estate":
        return replace(p, hatchback=True, length=max(p.length + 0.2, 4.4))
    if p.body == "suv":
        return replace(
            p, hatchback=True, length=max(p.length, 4.15), width=p.width + 0.05,
            height=p.height + 0.18, wheel=p.wheel + 0.03, clearance=p.clearance + 0.05,
        )  # fmt: skip
    if p.body == "mpv":
        return replace(
            p, hatchback=True, height=p.height + 0.22, cowl=p.cowl - 0.06, rake=p.rake + 0.04,
            tumble=p.tumble - 0.02,
        )  # fmt: skip
    return p


def axles(p: Car) -> tuple[float, float]:
    """Return the y of the front and the rear axle."""
    half = p.length / 2
    return -half + p.wheel + 0.47, half - p.wheel - 0.40


def roof_ends(p: Car) -> tuple[float, float]:
    """Return the y of the roof's front and rear end."""
    half, long = p.length / 2, p.length
    front = -half + (p.cowl + p.rake) * long
    back = half - (0.075 if p.hatchback else 0.285) * long
    return front, back


def cabin_ends(p: Car) -> tuple[float, float]:
    """Return the y of the cabin's front and rear end at the belt line."""
    half, long = p.length / 2, p.length
    back = half - (0.022 if p.hatchback else 0.155) * long
    return -half + p.cowl * long, back


def top_line(p: Car, y: np.ndarray) -> np.ndarray:
    """Return the height of the hood, the belt line and the boot along the car."""
    half, tall = p.length / 2, p.height
    hood, belt = p.hood * tall, p.belt * tall
    cowl, rear = cabin_ends(p)
    knots = [-half, -half + 0.03, -half + 0.12, -half + 0.35, cowl - 0.05, cowl + 0.15, rear - 0.2]
    values = [0.40 * tall, 0.445 * tall, 0.47 * tall, hood - 0.06, hood, belt, belt + 0.02]
    if p.hatchback:
        knots += [half - 0.06, half - 0.02, half]
        values += [belt + 0.01, 0.53 * tall, 0.44 * tall]
    else:
        knots += [rear + 0.05, half - 0.12, half - 0.03, half]
        values += [belt + 0.015, belt - 0.015, belt - 0.06, 0.42 * tall]
    return np.interp(y, knots, values)


def stations(p: Car) -> np.ndarray:
    half, r = p.length / 2, p.wheel + 0.055
    arches = [axle - r * np.cos(_ARCH) for axle in axles(p)]
    edges = [axle + side * (r + 0.004) for axle in axles(p) for side in (-1, 1)]
    ends = [
        -half,
        -half + 0.03,
        -half + 0.07,
        -half + 0.14,
        half - 0.14,
        half - 0.07,
        half - 0.03,
        half,
    ]
    cowl, rear = cabin_ends(p)
    rest = [cowl - 0.05, cowl + 0.15, 0.0, 0.25, rear - 0.2, rear + 0.05]
    all_places = np.sort(np.concatenate([*arches, edges, ends, rest]))
    all_places = all_places[(all_places >= -half) & (all_places <= half)]
    return all_places[np.concatenate([[True], np.diff(all_places) > 0.003])]


def half_width(p: Car, y: np.ndarray) -> np.ndarray:
    """Return the half width of the body along the car, rounded in plan towards both ends."""
    far = np.abs(y) / (p.length / 2)
    return p.width / 2 * (1 - p.nose * np.clip((far - 0.45) / 0.55, 0, 1) ** 2.6)
