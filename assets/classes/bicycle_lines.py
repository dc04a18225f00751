"""The proportions of a bicycle in its plane of symmetry: axles, tubes, saddle and steering axis."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.spec.parameters import between, cases, flag, one_of

from .two_wheelers import forwards, rising, within


@dataclass(frozen=True)
class Bicycle:
    """Shares are of the ranges of the style, 0 to 1."""

    style: str = cases("city", "step_through", "mountain", "racing", at=(0.32, 0.54, 0.8))
    size: float = between(0.0, 1.0)  # share: of the frame
    wheel: float = between(0.0, 1.0)  # share
    tyre: float = between(0.0, 1.0)  # share
    angles: float = between(0.0, 1.0)  # share: of head and seat tube
    saddle: float = between(0.0, 1.0)  # share: its height
    low: float = between(0.36, 0.55)  # where the tube of a step-through frame meets the seat tube
    curved: bool = flag(above=0.5)  # tube of a step-through frame
    bar: float = between(0.0, 1.0)  # above a limit that depends on the style: a straight handlebar
    width: float = between(0.92, 1.08)  # of the handlebar
    steer: float = between(-0.3, 0.45)  # radians to the left
    crank: float = between(0.0, 6.28)
    spokes: int = one_of(28, 32, 36)
    stand: float = between(0.0, 1.0)
    lean: float = between(0.05, 0.11)  # radians, on its stand
    guards: float = between(0.0, 1.0)
    guards_of: str = cases("trim", "metal", "frame", at=(0.5, 0.75))
    rack: float = between(0.0, 1.0)
    basket: float = between(0.0, 1.0)
    cover: float = between(0.0, 1.0)  # of the chain
    lamp: float = between(0.0, 1.0)
    discs: float = between(0.0, 1.0)  # of the brakes
    bottle: float = between(0.0, 1.0)


@dataclass(frozen=True)
class Style:
    """Ranges, in metres and degrees, and the chances of equipment."""

    wheel: tuple[float, float]
    tyre: tuple[float, float]  # half its width
    bracket: tuple[float, float]  # height
    stays: tuple[float, float]  # from bottom bracket to rear axle
    base: tuple[float, float]  # between the axles
    seat_angle: tuple[float, float]
    head_angle: tuple[float, float]
    seat_tube: tuple[float, float]
    saddle: tuple[float, float]  # above the bottom bracket, along the seat tube
    head: tuple[float, float]  # length of its tube
    crown: float  # above the tyre
    rake: float
    tube: float  # radius of the down tube
    stand: float
    guards: float
    rack: float
    basket: float
    cover: float
    lamp: float
    discs: float
    bottle: float


_CITY = Style(
    wheel=(0.338, 0.358), tyre=(0.016, 0.023), bracket=(0.275, 0.3), stays=(0.44, 0.47),
    base=(1.06, 1.13), seat_angle=(68.0, 71.0), head_angle=(67.0, 70.0), seat_tube=(0.5, 0.58),
    saddle=(0.66, 0.74), head=(0.13, 0.19), crown=0.045, rake=0.06, tube=0.0165, stand=1.0,
    guards=0.9, rack=0.65, basket=0.15, cover=0.5, lamp=0.7, discs=0.12, bottle=0.0,
)  # fmt: skip
STYLES = {
    "city": _CITY,
    "step_through": replace(
        _CITY, seat_tube=(0.44, 0.52), saddle=(0.62, 0.7), head=(0.17, 0.24), rack=0.75,
        basket=0.45, cover=0.7,
    ),
    "mountain": Style(
        wheel=(0.335, 0.37), tyre=(0.024, 0.031), bracket=(0.295, 0.325), stays=(0.425, 0.45),
        base=(1.06, 1.17), seat_angle=(71.0, 74.0), head_angle=(66.5, 70.5),
        seat_tube=(0.42, 0.5), saddle=(0.64, 0.74), head=(0.1, 0.13), crown=0.115, rake=0.045,
        tube=0.025, stand=0.5, guards=0.12, rack=0.08, basket=0.0, cover=0.0, lamp=0.12,
        discs=0.75, bottle=0.25,
    ),
    "racing": Style(
        wheel=(0.333, 0.34), tyre=(0.0115, 0.015), bracket=(0.262, 0.28), stays=(0.405, 0.42),
        base=(0.97, 1.02), seat_angle=(72.5, 74.5), head_angle=(71.5, 73.5),
        seat_tube=(0.48, 0.58), saddle=(0.69, 0.78), head=(0.11, 0.17), crown=0.03, rake=0.045,
        tube=0.02, stand=0.1, guards=0.06, rack=0.03, basket=0.0, cover=0.0, lamp=0.1,
        discs=0.2, bottle=0.5,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """Points are y and z in metres, the front at -y; directions are unit vectors."""

    style: Style
    wheel: float
    tyre: float
    front: np.ndarray
    rear: np.ndarray
    bracket: np.ndarray
    seat_way: np.ndarray  # upwards along the seat tube
    seat_top: np.ndarray
    saddle: np.ndarray
    axis: np.ndarray  # a point of the steering axis, beside the front axle
    head_way: np.ndarray  # upwards along the steering axis
    head_low: np.ndarray
    head_top: np.ndarray
    bar: str

    @property
    def ahead(self) -> np.ndarray:
        """Forwards, at right angles to the steering axis."""
        return forwards(self.head_way)


def lines(p: Bicycle) -> Lines:
    style = STYLES[p.style]
    wheel, seat = within(style.wheel, p.wheel), rising(within(style.seat_angle, p.angles))
    bracket = np.array([0.0, within(style.bracket, p.wheel)])
    stays, drop = within(style.stays, p.size), bracket[1] - wheel
    rear = np.array([np.sqrt(stays**2 - drop**2), wheel])
    front = rear - (within(style.base, p.size), 0.0)
    head = rising(within(style.head_angle, p.angles))
    axis = front + style.rake * np.array([head[1], -head[0]])
    low = axis + head * (wheel + style.crown + 0.02)
    tube, high = within(style.seat_tube, p.size), within(style.saddle, p.saddle)
    return Lines(
        style, wheel, within(style.tyre, p.tyre), front, rear, bracket, seat,
        bracket + tube * seat, bracket + max(high, tube + 0.1) * seat,
        axis, head, low, low + head * within(style.head, p.size), _bar(p),
    )  # fmt: skip


def has(p: Bicycle, part: str) -> bool:
    """Return whether a bicycle has a part that not every one of its style has."""
    return float(getattr(p, part)) < float(getattr(STYLES[p.style], part))


def _bar(p: Bicycle) -> str:
    if p.style == "racing":
        return "drop" if p.bar < 0.85 else "straight"
    if p.style == "mountain":
        return "straight"
    return "upright" if p.bar < 0.65 else "straight"
