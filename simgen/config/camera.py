"""The `camera`, `motion` and `tracks` keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
        "Direction from which the camera looks, degrees about the vertical axis.",
        (-360.0, 360.0),
        per="view",
    )
    focal_length_mm_range: Drawn = factor(
        [28.0, 70.0],
        "Focal length of the lens, millimetres; the camera's distance is adapted to it.",
        (1.0, 5000.0),
        per="view",
    )
    sensor_width_mm: float = key(
        36.0,
        "Width of the sensor, millimetres; 36 is full frame. Together with the focal length it "
        "determines the field of view.",
        at_least=0.1,
        at_most=1000,
    )
    aim: str = key(
        "pile",
        "What the camera looks at: pile (as many objects as possible), object (a single object) or "
        "sphere (the pile, from directions that cover the sphere evenly over the dataset).",
        one_of=("pile", "object", "sphere"),
    )
    distance_range: Drawn = factor(
        None,
        "Metres from the camera to the point it looks at; replaces `fill_range`.",
        (0.001, 10_000.0),
        per="view",
    )
    height_range: Drawn = factor(
        None,
        "Height of the camera above the ground or the table, metres; replaces "
        "`elevation_deg_range`. Typical: 1.4 to 1.8 for a hand-held camera, 0.3 to 0.8 above the "
        "table for one on a robot's wrist.",
        (-1000.0, 10_000.0),
        per="view",
    )
    gsd_range: Drawn = factor(
        None,
        "Ground sampling distance; replaces `fill_range`: metres of ground, across the line of "
        "sight, that a pixel at the image centre covers. Together with the lens it determines the "
        "camera's distance.",
        (1e-06, 1000.0),
        per="view",
    )
    object_px_range: Drawn = factor(
        None,
        "Length of the longer side of the object's bounding box, pixels; replaces `fill_range`. "
        "Requires aim=object.",
        (1.0, 100_000.0),
        per="view",
    )
    visible_range: list[float] | None = pair(
        None,
        "With aim=object: fraction of the object that is not occluded. Views are sampled until one "
        "satisfies this.",
        (0.0, 1.0),
    )
    inside_range: list[float] | None = pair(
        None,
        "With aim=object: fraction of the object that is inside the image; 1 means all of it.",
        (0.0, 1.0),
    )
    attempts: int = key(
        64,
        "Number of views that are tried for an image before its scene is sampled again.",
        at_least=1,
        at_most=10_000,
    )
    recognisable: float = key(
        0.8,
        "With aim=pile: fraction of the objects that a view should show recognisably, that is, at "
        "least a fifth of the object visible, at least `min_object_px` pixels long, and not "
        "edge-on if it is flat. If none of 12 views does, the best one is used; 0 uses the first.",
        at_least=0.0,
        at_most=1.0,
        before=0.0,
    )
    min_object_px: float = key(
        12.0,
        "Length in pixels that the longer side of an object's visible part needs for the object to "
        "be recognisable.",
        at_least=0.0,
        at_most=100_000.0,
    )
    fill_range: Drawn = factor(
        [0.85, 1.25],
        "Diameter of the pile relative to the shorter side of the image.",
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
        "How the camera moves from frame to frame: views (each frame is an independent view of the "
        "same moment), or a sequence in time: static, orbit, dolly, linear, handheld or file "
        "(along `poses`).",
        one_of=("views", "static", "orbit", "dolly", "linear", "handheld", "file"),
    )
    travel_range: Drawn = factor(
        [0.1, 0.4],
        "Length of the camera's path from the first frame to the last, relative to its distance "
        "from the pile. For handheld: width of the slow sway, regardless of the number of frames.",
        (0.0, 10.0),
        per="view",
    )
    shake: float = key(
        1.0,
        "Strength of the handheld path's tremor; 1 is a steady hand, 0 is none.",
        at_least=0.0,
        at_most=100.0,
    )
    model: str = key(
        "pinhole",
        "Lens model: pinhole, brown_conrady, kannala_brandt (fisheye), equirectangular (a full "
        "panorama, from near the pile) or orthographic (parallel rays; the scale, independent of "
        "depth, is that of a pinhole camera at the point it looks at).",
        one_of=MODELS,
    )
    distortion: list[float] = key(
        [],
        "Distortion coefficients in OpenCV's order: k1,k2,p1,p2,k3,k4,k5,k6 for brown_conrady, "
        "k1,k2,k3,k4 for kannala_brandt. Missing coefficients are 0.",
    )
    principal_point: list[float] = key(
        [0.5, 0.5],
        "Point where the optical axis meets the image, relative to its width and height.",
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
        "Focus distance relative to the camera's distance from the pile. A sequence keeps that of "
        "its first view.",
        (0.01, 100.0),
        per="view",
    )
    shutter: float = key(
        0.0,
        "Fraction of the time between two frames during which the shutter is open, which causes "
        "motion blur in sequences; 0.5 is typical of film cameras.",
        at_least=0.0,
        at_most=1.0,
    )
    row_exposure: float = key(
        1.0,
        "Fraction of the shutter time during which each row is exposed; below 1 the camera has a "
        "rolling shutter, from the top row down.",
        at_least=0.001,
        at_most=1.0,
    )
    calibration: str | None = key(
        None,
        "Calibration file of a real camera: sets the image size, focal length, principal point and "
        "distortion. By OpenCV, ROS, Kalibr, COLMAP, nerfstudio or BOP (docs/rigs.md).",
    )
    rig: str | None = key(
        None,
        "File of a rig of several cameras with fixed relative poses: a Kalibr camchain, or one in "
        "simgen's own form (docs/rigs.md). `frames_per_scene` must be a multiple of their number.",
    )
    cameras: list[Any] = key(
        [],
        "The cameras of the rig, as `camera.rig` reads them from its file; datasets store these "
        "numbers instead of the file.",
    )
    poses: str | None = key(
        None,
        "File with the poses of the camera, or of the rig, instead of sampled ones: by COLMAP, "
        "nerfstudio, BOP, TUM or KITTI (docs/rigs.md). Each scene takes the next ones.",
    )
    poses_frame: str = key(
        "free",
        "World of `poses`: world (metres, z up, as in the scene: taken as they are), metric "
        "(metres: turned upright and moved, so that the cameras look at the pile) or free (also "
        "scaled to the distance that `fill_range` or `distance_range` gives).",
        one_of=("world", "metric", "free"),
    )
    stereo_baseline: float = key(
        0.0,
        "Distance between the cameras of a stereo pair, metres; 0 means a single camera.",
        at_least=0.0,
        at_most=100.0,
    )


@dataclass
class MotionConfig:
    objects: str = key(
        "none",
        "How objects move in a sequence: none, keyframed (along smooth paths, without collisions) "
        "or physics (they are filmed while they fall).",
        one_of=("none", "keyframed", "physics"),
    )
    probability: float = chance(0.7, "Fraction of the objects that keyframed motion moves.")
    travel_range: Drawn = factor(
        [0.2, 1.0],
        "Length of an object's keyframed path from the first frame to the last, relative to the "
        "object's size.",
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
        0.0, "Fraction of the objects that deform over time: they twist, bend or squash."
    )
    deform_kinds: list[str] = names(
        KINDS, "Kinds of deformation: twist, bend or squash.", of=KINDS, per="object"
    )
    frame_rate: float = key(24.0, "Frames per second of a sequence.", at_least=0.1, at_most=10_000)


@dataclass
class TracksConfig:
    count: int = key(
        256,
        "Number of surface points that the `tracks` label follows through a sequence.",
        at_least=1,
        at_most=100_000,
    )
