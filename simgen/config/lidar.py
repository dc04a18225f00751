"""The `lidar` keys."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.config.keys import key, pair
from simgen.config.parse import within
from simgen.errors import InputError

PATTERNS = ("spinning", "raster", "rosette")
MOUNTS = ("camera", "level", "world")
_MOST_RAYS = 4_000_000
"""A frame's rays; each takes about 200 bytes while it is traced."""


@dataclass
class LidarConfig:
    """The scanner of the label `lidar`. Without that label nothing here has an effect."""

    pattern: str = key(
        "spinning",
        "Directions of the pulses: spinning (all around), or those of a solid-state scanner: "
        "raster (rows and columns) or rosette (a curve that is another one in each frame).",
        one_of=PATTERNS,
    )
    beams: int = key(
        32,
        "Rows of a spinning or raster scan, spread evenly over `vertical_fov_deg`.",
        at_least=1,
        at_most=4096,
    )
    elevations_deg: list[float] | None = key(
        None,
        "Elevation of each beam of a spinning or raster scan, degrees above the scanner's "
        "horizontal, in place of `beams` and `vertical_fov_deg`.",
    )
    vertical_fov_deg: list[float] = pair(
        [-30.0, 10.0], "Elevations of the lowest and the highest pulses, degrees.", (-90.0, 90.0)
    )
    horizontal_fov_deg: float = key(
        70.0,
        "Width of a raster or a rosette, degrees. A spinning scanner covers 360.",
        at_least=0.1,
        at_most=360.0,
    )
    azimuth_step_deg: float = key(
        0.2,
        "Angle between two columns of a spinning or raster scan, degrees.",
        at_least=0.001,
        at_most=360.0,
    )
    points: int = key(24_000, "Pulses of a rosette in each frame.", at_least=1, at_most=_MOST_RAYS)
    mount: str = key(
        "camera",
        "What `position` and `rotation_deg` are relative to: camera (the scanner is fixed to it), "
        "level (at the camera, facing as it does, but upright) or world (the same pose in all "
        "frames).",
        one_of=MOUNTS,
    )
    position: list[float] = key(
        [0.0, 0.0, 0.0],
        "Where the scanner is, metres: forward, left and up of the camera, or x, y, z of the "
        "world.",
    )
    rotation_deg: list[float] = key(
        [0.0, 0.0, 0.0],
        "How the scanner is turned: roll, pitch and yaw about x (forward), y (left) and z (up), "
        "degrees; a positive pitch looks down, a positive yaw to the left.",
    )
    min_range: float = key(
        0.1, "Metres below which there is no return.", at_least=0.0, at_most=100.0
    )
    max_range: float = key(
        120.0, "Metres beyond which there is no return.", at_least=0.01, at_most=100_000.0
    )
    detection_range: float = key(
        60.0,
        "Metres at which a surface that reflects 10 % and faces the scanner returns half of the "
        "pulses. Darker, transparent and grazing surfaces drop out nearer, brighter ones farther "
        "away.",
        at_least=0.01,
        at_most=100_000.0,
    )
    reference_range: float = key(
        20.0,
        "Metres up to which intensity is compensated for range; beyond, it falls with the square.",
        at_least=0.01,
        at_most=100_000.0,
    )
    range_noise: float = key(
        0.02, "Standard deviation of measured ranges, metres.", at_least=0.0, at_most=100.0
    )
    intensity_noise: float = key(
        0.1,
        "Relative standard deviation of the light that returns from pulse to pulse: of "
        "`intensity`, and of what decides whether a pulse is detected.",
        at_least=0.0,
        at_most=2.0,
    )
    dropout: float = key(
        0.0,
        "Share of the returns that are lost for no reason of the scene.",
        at_least=0.0,
        at_most=1.0,
    )


def check_lidar(lidar: LidarConfig) -> None:
    """Raise `InputError`, one line, for values that do not fit together."""
    for name, limit, what in (
        ("position", 100_000.0, "three numbers of metres, such as [0,0,1.7]"),
        ("rotation_deg", 360.0, "roll, pitch and yaw, such as [0,10,0]"),
    ):
        value = getattr(lidar, name)
        if len(value) != 3 or not all(within(one, (-limit, limit)) for one in value):
            raise InputError(f"lidar.{name}={value}: expected {what}")
    angles = lidar.elevations_deg
    if angles is not None and not (angles and all(within(one, (-90.0, 90.0)) for one in angles)):
        raise InputError(
            f"lidar.elevations_deg={angles}: expected degrees from -90 to 90, one for each beam"
        )
    if lidar.min_range >= lidar.max_range:
        raise InputError(
            f"lidar.min_range={lidar.min_range}: expected less than "
            f"lidar.max_range={lidar.max_range}"
        )
    if lidar.pattern == "rosette":
        return
    beams = lidar.beams if angles is None else len(angles)
    width = 360.0 if lidar.pattern == "spinning" else lidar.horizontal_fov_deg
    if beams * width / lidar.azimuth_step_deg > _MOST_RAYS:
        raise InputError(
            f"lidar.azimuth_step_deg={lidar.azimuth_step_deg}: makes more than {_MOST_RAYS:,} "
            f"pulses a frame with {beams} beams; take a larger step or fewer beams"
        )
