"""The proportions of a motorcycle in its plane of symmetry: axles, steering axis, seat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.spec.parameters import between, cases, flag, one_of

from .two_wheelers import forwards, rising, within

Range = tuple[float, float]


@dataclass(frozen=True)
class Motorcycle:
    """Shares are of the ranges of the style, 0 to 1."""

    style: str = cases("standard", "cruiser", "sport", "scooter", at=(0.3, 0.52, 0.7))
    size: float = between(0.0, 1.0)  # share: of the wheelbase
    wheel: float = between(0.0, 1.0)  # share
    tyre: float = between(0.0, 1.0)  # share
    angles: float = between(0.0, 1.0)  # share: of the steering axis
    seat: float = between(0.0, 1.0)  # share: its height
    tank: float = between(0.9, 1.1)  # its width, or that of a scooter's body
    width: float = between(0.93, 1.05)  # of the handlebar
    rise: float = between(0.0, 1.0)  # share: of the handlebar
    steer: float = between(-0.25, 0.5)  # radians to the left
    lean: float = between(0.1, 0.18)  # radians, on the side stand
    spoked: float = between(0.0, 1.0)
    spokes: int = one_of(36, 36, 40)
    cast: int = one_of(3, 5, 5, 6, 10)  # spokes of cast wheels
    discs: int = one_of(1, 2)  # of the front brake
    tilt: float = between(0.0, 0.26)  # of the cylinders of an engine in line, radians forwards
    vee: float = between(0.38, 0.5)  # half the angle between those of a V, radians
    silencer: float = between(0.0, 1.0)
    guards: float = between(0.0, 1.0)
    guards_of: str = cases("paint", "metal", "trim", at=(0.6, 0.85))
    screen: float = between(0.0, 1.0)
    luggage: float = between(0.0, 1.0)
    lamp: float = between(0.0, 1.0)  # of scooters: on the handlebar or in the apron
    lower: bool = flag(above=0.45)  # fairing reaches below the engine


@dataclass(frozen=True)
class Style:
    """Ranges, in metres and degrees, and the chances of equipment."""

    base: Range  # between the axles
    wheels: tuple[Range, Range]  # radii, front and rear
    tyres: tuple[Range, Range]  # half their widths
    head_angle: Range
    offset: float  # of the axle from the steering axis
    fork: Range  # from the axle to the top of the upper clamp
    gap: float  # between the clamps
    seat: Range
    bar: tuple[Range, float, float]  # rise; sweep to the back; half its width
    spoked: float = 0.0
    guards: float = 1.0
    screen: float = 0.0
    luggage: float = 0.0


STYLES = {
    "standard": Style(
        base=(1.38, 1.48), wheels=((0.305, 0.328), (0.305, 0.322)),
        tyres=((0.05, 0.06), (0.06, 0.082)), head_angle=(62.5, 65.0), offset=0.045,
        fork=(0.645, 0.68), gap=0.17, seat=(0.77, 0.82), bar=((0.06, 0.12), 0.13, 0.37),
        spoked=0.5, screen=0.1, luggage=0.12,
    ),
    "cruiser": Style(
        base=(1.56, 1.65), wheels=((0.325, 0.35), (0.315, 0.335)),
        tyres=((0.05, 0.065), (0.068, 0.095)), head_angle=(56.0, 59.5), offset=0.05,
        fork=(0.74, 0.8), gap=0.19, seat=(0.67, 0.71), bar=((0.09, 0.19), 0.26, 0.39),
        spoked=0.65, screen=0.25, luggage=0.4,
    ),
    "sport": Style(
        base=(1.38, 1.44), wheels=((0.298, 0.308), (0.31, 0.322)),
        tyres=((0.058, 0.062), (0.085, 0.1)), head_angle=(65.0, 67.0), offset=0.032,
        fork=(0.59, 0.62), gap=0.17, seat=(0.8, 0.84), bar=((-0.05, 0.02), 0.09, 0.33),
        screen=1.0,
    ),
    "scooter": Style(
        base=(1.25, 1.36), wheels=((0.215, 0.25), (0.21, 0.245)),
        tyres=((0.048, 0.06), (0.054, 0.066)), head_angle=(62.5, 65.0), offset=0.03,
        fork=(0.71, 0.76), gap=0.36, seat=(0.76, 0.8), bar=((0.02, 0.05), 0.09, 0.34),
        screen=0.3, luggage=0.35,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """Points are y and z in metres, the front at -y; directions are unit vectors."""

    style: Style
    radii: tuple[float, float]  # of the wheels, front and rear
    tyres: tuple[float, float]  # half their widths
    front: np.ndarray
    rear: np.ndarray
    axis: np.ndarray  # a point of the steering axis, beside the front axle
    head_way: np.ndarray  # upwards along the steering axis
    clamps: tuple[np.ndarray, np.ndarray]  # points of that axis in the lower and the upper one
    seat: float  # height
    bar: tuple[float, float, float]  # rise, sweep, half its width

    @property
    def ahead(self) -> np.ndarray:
        """Forwards, at right angles to the steering axis."""
        return forwards(self.head_way)

    def at(self, up: float, ahead: float = 0.0) -> np.ndarray:
        """Return a point `up` above the upper clamp along the steering axis, and `ahead` of it."""
        return self.clamps[1] + up * self.head_way + ahead * self.ahead

    def leg(self, up: float) -> np.ndarray:
        """Return the point of the fork's legs at a distance from the axle."""
        return self.front + up * self.head_way

    @property
    def legs_apart(self) -> float:
        """x of the fork's legs: beside tyre and brake disc."""
        return self.tyres[0] + 0.048


def lines(p: Motorcycle) -> Lines:
    style = STYLES[p.style]
    radii = within(style.wheels[0], p.wheel), within(style.wheels[1], p.wheel)
    tyres = within(style.tyres[0], p.tyre), within(style.tyres[1], p.tyre)
    half = within(style.base, p.size) / 2
    front, rear = np.array([-half, radii[0]]), np.array([half, radii[1]])
    head = rising(within(style.head_angle, p.angles))
    axis = front - style.offset * forwards(head)
    top = axis + within(style.fork, p.size) * head
    rise, sweep, wide = style.bar
    return Lines(
        style, radii, tyres, front, rear, axis, head, (top - style.gap * head, top),
        within(style.seat, p.seat), (within(rise, p.rise), sweep, wide * p.width),
    )  # fmt: skip


def has(p: Motorcycle, part: str) -> bool:
    """Return whether a motorcycle has a part that not every one of its style has."""
    return float(getattr(p, part)) < float(getattr(STYLES[p.style], part))
