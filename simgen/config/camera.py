"""The `camera`, `motion` and `tracks` keys."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.config.keys import Drawn, chance, factor, key, names, pair
from simgen.geometry.lens import MODELS
from simgen.geometry.motion import KINDS


@dataclass
class CameraConfig:
    elevation_deg_range: Drawn = factor(
        [18.0, 65.0],
        "Height of the camera above the pile, degrees; 90 looks straight down.",
        (-90.0, 90.0),
        per="view",
    )
    azimuth_deg_range: Drawn = factor(
        [0.0, 360.0],
        "Side from which the camera looks, degrees about the vertical.",
        (-360.0, 360.0),
        per="view",
    )
    focal_length_mm_range: Drawn = factor(
        [28.0, 70.0],
        "Focal length of the lens, millimetres; the camera moves back as far as it needs to.",
        (1.0, 5000.0),
        per="view",
    )
    sensor_width_mm: float = key(
        36.0,
        "Width of the sensor, millimetres; 36 is a full-frame camera. With the focal length it "
        "sets the field of view.",
        at_least=0.1,
        at_most=1000,
    )
    aim: str = key(
        "pile",
        "What the camera looks at: pile (most objects together), object (one of them) or sphere "
        "(the pile, from directions that cover the sphere evenly over the whole dataset).",
        one_of=("pile", "object", "sphere"),
    )
    distance_range: Drawn = factor(
        None,
        "Metres from the camera to what it looks at, in place of `fill_range`.",
        (0.001, 10_000.0),
        per="view",
    )
    height_range: Drawn = factor(
        None,
        "Height of the camera above the ground or the table, metres, in place of "
        "`elevation_deg_range`: 1.4 to 1.8 for a hand, 0.3 to 0.8 above the table for a robot's "
        "wrist.",
        (-1000.0, 10_000.0),
        per="view",
    )
    gsd_range: Drawn = factor(
        None,
        "Ground sampling distance, in place of `fill_range`: metres of the ground, across the "
        "line of sight, that a pixel in the middle of the image covers. With the lens it sets the "
        "distance of the camera.",
        (1e-06, 1000.0),
        per="view",
    )
    object_px_range: Drawn = factor(
        None,
        "Pixels that the longer side of the object's box takes up, in place of `fill_range`, with "
        "aim=object.",
        (1.0, 100_000.0),
        per="view",
    )
    visible_range: list[float] | None = pair(
        None,
        "With aim=object: share of it that other things do not hide. Views are drawn until one "
        "fits.",
        (0.0, 1.0),
    )
    inside_range: list[float] | None = pair(
        None, "With aim=object: share of it that is inside the image, 1 for all of it.", (0.0, 1.0)
    )
    attempts: int = key(
        64,
        "Views that are tried for an image before its scene is drawn again.",
        at_least=1,
        at_most=10_000,
    )
    recognisable: float = key(
        0.8,
        "With aim=pile: share of the objects that a view should show recognisably: at least a "
        "fifth of the object visible, `min_object_px` pixels long, and flat ones not edge-on. "
        "Where none of 12 views does, the best of them is used; 0 uses the first.",
        at_least=0.0,
        at_most=1.0,
        before=0.0,
    )
    min_object_px: float = key(
        12.0,
        "Pixels that the longer side of an object's visible part needs to be recognisable.",
        at_least=0.0,
        at_most=100_000.0,
    )
    fill_range: Drawn = factor(
        [0.85, 1.25],
        "Share of the image's smaller side that the pile's diameter takes up.",
        (0.01, 5.0),
        per="view",
    )
    roll_deg_range: Drawn = factor(
        [-6.0, 6.0],
        "Roll of the camera about its optical axis, degrees.",
        (-180.0, 180.0),
        per="view",
    )
    path: str = key(
        "views",
        "What the camera does from frame to frame: views (every frame is an unrelated view of one "
        "moment), or a sequence in time: static, orbit, dolly, linear or handheld.",
        one_of=("views", "static", "orbit", "dolly", "linear", "handheld"),
    )
    travel_range: Drawn = factor(
        [0.1, 0.4],
        "Length of the whole path from the first frame to the last, in distances from the camera "
        "to the pile. For handheld: the width of its slow sway, however many frames there are.",
        (0.0, 10.0),
        per="view",
    )
    shake: float = key(
        1.0,
        "Strength of the handheld path's tremor; 1 is a calm hand, 0 for none.",
        at_least=0.0,
        at_most=100.0,
    )
    model: str = key(
        "pinhole",
        "Lens: pinhole, brown_conrady, kannala_brandt (fisheye), equirectangular (all around, from "
        "near the pile) or orthographic (parallel rays: the same scale near and far, which is that "
        "of a pinhole at what it looks at).",
        one_of=MODELS,
    )
    distortion: list[float] = key(
        [],
        "Distortion coefficients in OpenCV's order: k1,k2,p1,p2,k3,k4,k5,k6 for brown_conrady, "
        "k1,k2,k3,k4 for kannala_brandt. Missing ones are 0.",
    )
    principal_point: list[float] = key(
        [0.5, 0.5], "Where the optical axis meets the image, as shares of its width and height."
    )
    pixel_aspect: float = key(1.0, "Width of a pixel over its height.", at_least=0.1, at_most=10.0)
    f_stop_range: Drawn = factor(
        None,
        "Depth of field: f-numbers, such as [2.8,8]; everything is sharp when not given. With "
        "model=orthographic that of a telecentric lens on a sensor of `sensor_width_mm`.",
        (0.05, 1000.0),
        per="view",
    )
    focus_range: Drawn = factor(
        [0.9, 1.1],
        "Focus distance, in distances from the camera to the pile. A sequence keeps that of its "
        "first view.",
        (0.01, 100.0),
        per="view",
    )
    shutter: float = key(
        0.0,
        "Share of the time between two frames during which the shutter is open: motion blur in "
        "sequences. 0.5 is typical of film cameras.",
        at_least=0.0,
        at_most=1.0,
    )
    row_exposure: float = key(
        1.0,
        "Share of the shutter's time during which each row is exposed; below 1 the shutter rolls "
        "from the top row down.",
        at_least=0.001,
        at_most=1.0,
    )
    stereo_baseline: float = key(
        0.0,
        "Metres between the cameras of a stereo pair; 0 for a single camera.",
        at_least=0.0,
        at_most=100.0,
    )


@dataclass
class MotionConfig:
    objects: str = key(
        "none",
        "How objects move in a sequence: none, keyframed (along smooth paths, through one "
        "another) or physics (they are filmed while they fall).",
        one_of=("none", "keyframed", "physics"),
    )
    probability: float = chance(0.7, "Share of the objects that keyframed motion moves.")
    travel_range: Drawn = factor(
        [0.2, 1.0],
        "Length of an object's keyframed path from the first frame to the last, in its own sizes.",
        (0.0, 10.0),
        per="object",
    )
    turn_deg_range: Drawn = factor(
        [10.0, 90.0],
        "Rotation of an object along its keyframed path, degrees.",
        (0.0, 3600.0),
        per="object",
    )
    deform_probability: float = chance(
        0.0, "Share of the objects that are deformed: they twist, bend or squash."
    )
    deform_kinds: list[str] = names(
        KINDS, "Ways in which they are deformed: twist, bend or squash.", of=KINDS, per="object"
    )
    frame_rate: float = key(24.0, "Frames per second of a sequence.", at_least=0.1, at_most=10_000)


@dataclass
class TracksConfig:
    count: int = key(
        256,
        "Number of surface points that the label tracks follows through a sequence.",
        at_least=1,
        at_most=100_000,
    )
