"""The typed schema of every config key, and the checks that types alone cannot make.

Hydra refuses unknown keys and wrong types against these classes; `check` refuses what is well
typed and still impossible. Each refusal is one line that names the key, the value and what was
expected. A range is always a pair `[min, max]`, both ends included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simgen.errors import InputError
from simgen.labels import LABELS, NEEDS, PRESETS, SEVERAL_FRAMES, STEREO
from simgen.lens import COEFFICIENTS, MODELS
from simgen.motion import KINDS

MAX_INSTANCES = 1_000_000
"""Objects in a scene. Far more than a scene can be built of in reasonable time."""

HDRIS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")


@dataclass
class SceneConfig:
    name: str = "tabletop"
    """The stage that the objects stand on. Chosen with scene=NAME."""
    size_range: list[float] = field(default_factory=lambda: [0.9, 1.6])
    """Width of the table, metres. It grows when the objects need more room."""


@dataclass
class AssetsConfig:
    dir: str | None = None
    """Folder of your own meshes, one sub-folder a class (OBJ, GLB, glTF, PLY, STL)."""
    classes: list[str] | None = None
    """Which classes to use; all when not given."""
    with_parametric: bool = False
    """Use the built-in parametric classes beside the ones in `dir`."""
    unit: float = 1.0
    """Metres in one unit of the files: 0.001 for millimetres, 0.01 for centimetres."""
    up: str = "auto"
    """Up axis of the files: y, z or auto (y for OBJ and glTF, z for PLY and STL)."""
    max_triangles: int = 500_000
    """Meshes with more triangles are skipped."""
    max_file_mb: float = 200.0
    """Files with more megabytes are skipped."""
    size_range: list[float] = field(default_factory=lambda: [0.002, 20.0])
    """Metres. Meshes whose longest side is shorter or longer are skipped: their unit is wrong."""


@dataclass
class ObjectsConfig:
    count_range: list[int] = field(default_factory=lambda: [5, 12])
    """Objects in a scene."""
    scale_range: list[float] = field(default_factory=lambda: [1.0, 1.0])
    """Factor on every object's metric size, drawn log-uniformly."""


@dataclass
class PhysicsConfig:
    max_seconds: float = 6.0
    """Simulated time after which a pile that still moves is dropped anew."""
    upright: float = 0.7
    """Probability that an object falls in its natural pose rather than tumbled."""
    spread: float = 1.0
    """Radius of the area that objects are dropped over; 1 makes a loose pile."""


@dataclass
class MaterialsConfig:
    keep_own: bool = True
    """Keep the materials and textures that mesh files bring along."""


@dataclass
class LightingConfig:
    hdris: list[str] = field(default_factory=lambda: list(HDRIS))
    """Blender's HDRI worlds to draw from."""
    strength_range: list[float] = field(default_factory=lambda: [0.3, 0.7])
    """Mean radiance of the world, drawn log-uniformly."""
    area_count_range: list[int] = field(default_factory=lambda: [0, 2])
    """Lamps that shine on the objects besides the world."""
    sun_probability: float = 0.25
    """Probability that a sun shines besides the world."""


@dataclass
class CameraConfig:
    elevation_deg_range: list[float] = field(default_factory=lambda: [18.0, 65.0])
    """Height of the camera above the pile, degrees."""
    azimuth_deg_range: list[float] = field(default_factory=lambda: [0.0, 360.0])
    """Side from which the camera looks, degrees about the vertical."""
    focal_length_mm_range: list[float] = field(default_factory=lambda: [28.0, 70.0])
    """Of the lens; the camera steps back as far as it needs to."""
    sensor_width_mm: float = 36.0
    """36 is a full-frame camera."""
    fill_range: list[float] = field(default_factory=lambda: [0.85, 1.25])
    """Part of the image's smaller side that the pile's diameter takes up."""
    roll_deg_range: list[float] = field(default_factory=lambda: [-6.0, 6.0])
    """How far the camera is held askew, degrees."""
    path: str = "views"
    """What the camera does from frame to frame: views (every frame is an unrelated view of one
    moment), or a sequence in time: static, orbit, dolly, linear or handheld."""
    travel_range: list[float] = field(default_factory=lambda: [0.1, 0.4])
    """Length of the whole path from the first frame to the last, in distances from the camera to
    the pile. Of handheld: the width of its slow sway, however many frames there are."""
    shake: float = 1.0
    """Strength of the handheld path's tremor; 1 is a calm hand, 0 for none."""
    model: str = "pinhole"
    """Lens: pinhole, brown_conrady, kannala_brandt (fisheye) or equirectangular (all around, from
    near the pile)."""
    distortion: list[float] = field(default_factory=list)
    """Coefficients in OpenCV's order: k1,k2,p1,p2,k3,k4,k5,k6 for brown_conrady, k1,k2,k3,k4 for
    kannala_brandt. Missing ones are 0."""
    principal_point: list[float] = field(default_factory=lambda: [0.5, 0.5])
    """Where the optical axis meets the image, as parts of its width and height."""
    pixel_aspect: float = 1.0
    """Width of a pixel over its height."""
    f_stop_range: list[float] | None = None
    """Depth of field: f-numbers, such as [2.8,8]; everything is sharp when not given."""
    focus_range: list[float] = field(default_factory=lambda: [0.9, 1.1])
    """Distance that is in focus, in distances from the camera to the pile. A sequence keeps that of
    its first view."""
    shutter: float = 0.0
    """Part of the time between two frames during which the shutter is open: motion blur in
    sequences. 0.5 is a film camera's."""
    row_exposure: float = 1.0
    """Part of the shutter's time during which each row is exposed; below 1 the shutter rolls from
    the top row down."""
    stereo_baseline: float = 0.0
    """Metres between the cameras of a stereo pair; 0 for a single camera."""


@dataclass
class MotionConfig:
    objects: str = "none"
    """How objects move in a sequence: none, keyframed (along smooth paths, through one another) or
    physics (they are filmed while they fall)."""
    probability: float = 0.7
    """Part of the objects that keyframed motion moves."""
    travel_range: list[float] = field(default_factory=lambda: [0.2, 1.0])
    """Length of an object's keyframed path from the first frame to the last, in its own sizes."""
    turn_deg_range: list[float] = field(default_factory=lambda: [10.0, 90.0])
    """How far an object turns on its keyframed path, degrees."""
    deform_probability: float = 0.0
    """Part of the objects that change their shape: they twist, bend or squash."""
    deform_kinds: list[str] = field(default_factory=lambda: list(KINDS))
    """twist, bend, squash."""
    frame_rate: float = 24.0
    """Frames a second of a sequence."""


@dataclass
class TracksConfig:
    count: int = 256
    """Surface points that the label tracks follows through a sequence."""


@dataclass
class RenderConfig:
    width: int = 640
    """Pixels."""
    height: int = 480
    """Pixels."""
    samples: int = 16
    """Paths per pixel of the image. Labels do not depend on it."""
    denoise: bool = True
    """Remove the noise of the image. Labels do not depend on it."""
    max_bounces: int = 6
    """How often light is followed from surface to surface."""
    exposure_range: list[float] = field(default_factory=lambda: [-0.3, 0.3])
    """Brightness of the image, in stops."""
    device: str = "auto"
    """auto, cpu, cuda, optix, hip, oneapi or metal. auto takes a GPU where there is one."""


@dataclass
class RunnerConfig:
    name: str = "local"
    """Where scenes are made. Chosen with runner=NAME."""
    workers: int = 1
    """Processes, each with its own Blender."""
    max_retries: int = 2
    """How often a scene that failed is tried again before it is given up."""
    scene_timeout: float = 3600.0
    """Seconds after which a scene counts as hung."""


@dataclass
class OutputConfig:
    dir: str | None = None
    """Folder of the dataset. Not given: datasets/<scene>-seed<seed>."""


@dataclass
class Config:
    seed: int = 0
    """Of all random draws. The same seed makes the same dataset."""
    num_scenes: int = 10
    """May be raised later: the dataset grows."""
    frames_per_scene: int = 1
    """Images of each scene: views of one moment, or a sequence in time (camera.path)."""
    labels: Any = "detection"
    """A list such as [rgb,depth], or a preset: detection, pose, flow, all. docs/labels.md lists
    every label."""
    scene: SceneConfig = field(default_factory=SceneConfig)
    assets: AssetsConfig = field(default_factory=AssetsConfig)
    objects: ObjectsConfig = field(default_factory=ObjectsConfig)
    physics: PhysicsConfig = field(default_factory=PhysicsConfig)
    materials: MaterialsConfig = field(default_factory=MaterialsConfig)
    lighting: LightingConfig = field(default_factory=LightingConfig)
    camera: CameraConfig = field(default_factory=CameraConfig)
    motion: MotionConfig = field(default_factory=MotionConfig)
    tracks: TracksConfig = field(default_factory=TracksConfig)
    render: RenderConfig = field(default_factory=RenderConfig)
    runner: RunnerConfig = field(default_factory=RunnerConfig)
    output: OutputConfig = field(default_factory=OutputConfig)


# What each number may be: (lowest, highest). None means no bound.
_NUMBERS: dict[str, tuple[float | None, float | None]] = {
    "num_scenes": (1, 10_000_000),
    "frames_per_scene": (1, 100_000),
    "assets.unit": (1e-9, 1e6),
    "assets.max_triangles": (1, 5_000_000),
    "assets.max_file_mb": (0.001, 10_000),
    "physics.max_seconds": (1.0, 600),
    "physics.spread": (0.0, 10.0),
    "physics.upright": (0.0, 1.0),
    "lighting.sun_probability": (0.0, 1.0),
    "camera.sensor_width_mm": (0.1, 1000),
    "camera.shake": (0.0, 100.0),
    "camera.pixel_aspect": (0.1, 10.0),
    "camera.shutter": (0.0, 1.0),
    "camera.row_exposure": (0.001, 1.0),
    "camera.stereo_baseline": (0.0, 100.0),
    "motion.probability": (0.0, 1.0),
    "motion.deform_probability": (0.0, 1.0),
    "motion.frame_rate": (0.1, 10_000),
    "tracks.count": (1, 100_000),
    "render.width": (4, 16_384),  # Blender has no smaller images
    "render.height": (4, 16_384),
    "render.samples": (1, 1_048_576),
    "render.max_bounces": (0, 1024),
    "runner.workers": (1, 1024),
    "runner.max_retries": (0, 1000),
    "runner.scene_timeout": (1, None),
}
_RANGES: dict[str, tuple[float | None, float | None]] = {
    "scene.size_range": (0.05, 100),
    "assets.size_range": (1e-6, 1e6),
    "objects.count_range": (1, MAX_INSTANCES),
    "objects.scale_range": (1e-3, 1e3),
    "lighting.strength_range": (1e-4, 1e4),
    "lighting.area_count_range": (0, 100),
    "camera.elevation_deg_range": (1.0, 89.0),
    "camera.azimuth_deg_range": (-360.0, 360.0),
    "camera.focal_length_mm_range": (1.0, 5000.0),
    "camera.fill_range": (0.01, 5.0),
    "camera.roll_deg_range": (-180.0, 180.0),
    "camera.travel_range": (0.0, 10.0),
    "camera.f_stop_range": (0.05, 1000.0),
    "camera.focus_range": (0.01, 100.0),
    "motion.travel_range": (0.0, 10.0),
    "motion.turn_deg_range": (0.0, 3600.0),
    "render.exposure_range": (-10.0, 10.0),
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "assets.up": ("auto", "y", "z"),
    "render.device": ("auto", "cpu", "cuda", "optix", "hip", "oneapi", "metal"),
    "runner.name": ("local",),
    "lighting.hdris": HDRIS,
    "camera.path": ("views", "static", "orbit", "dolly", "linear", "handheld"),
    "camera.model": MODELS,
    "motion.objects": ("none", "keyframed", "physics"),
    "motion.deform_kinds": KINDS,
}


def check(config: Config) -> None:
    """Raise `InputError`, one line, for the first value that cannot be."""
    for key, bounds in _NUMBERS.items():
        _check_number(key, _value(config, key), bounds)
    for key, bounds in _RANGES.items():
        value = _value(config, key)
        if value is not None:
            _check_range(key, value, bounds)
    for key, choices in _CHOICES.items():
        _check_choice(key, _value(config, key), choices)
    _check_lens(config.camera)
    _check_time(config)
    label_names(config)
    if config.assets.classes is not None and not config.assets.classes:
        raise InputError("assets.classes=[]: expected at least one class, or null for all")


def _check_lens(camera: CameraConfig) -> None:
    most = COEFFICIENTS[camera.model]
    if len(camera.distortion) > most:
        raise InputError(
            f"camera.distortion={camera.distortion}: camera.model={camera.model} takes "
            f"{'no' if not most else f'at most {most}'} coefficients"
        )
    if not all(_within(value, (-1e3, 1e3)) for value in camera.distortion):
        raise InputError(f"camera.distortion={camera.distortion}: expected numbers up to 1000")
    point = camera.principal_point
    if len(point) != 2 or not all(_within(value, (-1.0, 2.0)) for value in point):
        raise InputError(
            f"camera.principal_point={point}: expected [x,y] as parts of the image, such as "
            "[0.5,0.5] for its middle"
        )
    if camera.stereo_baseline and camera.model != "pinhole":
        raise InputError(
            f"camera.stereo_baseline={camera.stereo_baseline}: a rectified pair needs "
            f"camera.model=pinhole, found {camera.model}"
        )
    if camera.f_stop_range is not None and camera.model == "equirectangular":
        raise InputError(
            "camera.f_stop_range: an equirectangular camera has no lens that could be out of "
            "focus; leave it out"
        )


def _check_time(config: Config) -> None:
    """What needs a sequence in time, or a shutter, and is asked for without one."""
    asked = {
        "motion.objects": config.motion.objects != "none",
        "camera.shutter": config.camera.shutter > 0,
        "motion.deform_probability": config.motion.deform_probability > 0,
    }
    needing = [key for key, needs in asked.items() if needs]
    if needing and config.camera.path == "views":
        raise InputError(
            f"{needing[0]}={_value(config, needing[0])}: needs a sequence in time; "
            "set camera.path to static, orbit, dolly, linear or handheld"
        )
    if needing and config.frames_per_scene < 2:
        raise InputError(
            f"{needing[0]}={_value(config, needing[0])}: needs frames_per_scene of at least 2, "
            f"found {config.frames_per_scene}"
        )
    if config.camera.row_exposure < 1 and not config.camera.shutter:
        raise InputError(
            f"camera.row_exposure={config.camera.row_exposure}: a rolling shutter needs "
            "camera.shutter above 0"
        )


def label_names(config: Config) -> tuple[str, ...]:
    """The labels that `labels=` asks for, in their canonical order.

    Raises `InputError` for a name that is neither a label nor a preset, and for a label that these
    scenes cannot have.
    """
    asked = config.labels
    names = [asked] if isinstance(asked, str) else asked
    if not isinstance(names, (list, tuple)) or not names:
        raise InputError(f"labels={asked!r}: expected a list of {_listed(LABELS)}")
    wanted: set[str] = set()
    for name in names:
        if not isinstance(name, str) or name not in LABELS + tuple(PRESETS):
            raise InputError(
                f"labels: unknown label {name!r}; expected one of {_listed(LABELS)}, "
                f"or a preset: {_listed(PRESETS)}"
            )
        _check_possible(config, name)
        wanted.update(n for n in PRESETS.get(name, (name,)) if _lack(config, n) is None)
    wanted.update(*(NEEDS.get(name, ()) for name in wanted), ("camera",))
    return tuple(name for name in LABELS if name in wanted)


def _check_possible(config: Config, name: str) -> None:
    lack = _lack(config, name)
    if name == "flow" and config.frames_per_scene < 2:
        lack = "frames_per_scene of at least 2"
    if lack is not None:
        raise InputError(f"labels: {name!r} needs {lack}")


def _lack(config: Config, label: str) -> str | None:
    """What the config lacks for a label to exist."""
    if label in SEVERAL_FRAMES and config.frames_per_scene < 2:
        return "frames_per_scene of at least 2"
    if label in STEREO and not config.camera.stereo_baseline:
        return "camera.stereo_baseline above 0"
    return None


def _value(config: Config, key: str) -> Any:
    value: Any = config
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _check_number(key: str, value: float, bounds: tuple[float | None, float | None]) -> None:
    if not _within(value, bounds):
        raise InputError(f"{key}={value}: expected a number {_describe(bounds)}")


def _check_range(key: str, value: list[float], bounds: tuple[float | None, float | None]) -> None:
    if len(value) != 2:
        raise InputError(f"{key}={value}: expected a pair [min,max], found {len(value)} numbers")
    if not all(_within(end, bounds) for end in value):
        raise InputError(f"{key}={value}: expected both ends {_describe(bounds)}")
    if value[0] > value[1]:
        raise InputError(f"{key}={value}: min is greater than max; expected [min,max]")


def _check_choice(key: str, value: str | list[str], choices: tuple[str, ...]) -> None:
    given = [value] if isinstance(value, str) else value
    if not given:
        raise InputError(f"{key}=[]: expected at least one of {_listed(choices)}")
    for name in given:
        if name not in choices:
            raise InputError(f"{key}={name}: expected one of {_listed(choices)}")


def _within(value: float, bounds: tuple[float | None, float | None]) -> bool:
    low, high = bounds
    # NaN fails both comparisons; infinity is caught where there is no bound to do it.
    return (low is None or value >= low) and (value <= high if high is not None else value < 1e300)


def _describe(bounds: tuple[float | None, float | None]) -> str:
    low, high = bounds
    if high is None:
        return f"of at least {low:g}"
    return f"from {low:.15g} to {high:.15g}"


def _listed(names: Any) -> str:
    return ", ".join(names)
