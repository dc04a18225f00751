"""The typed schema of every config key. Hydra refuses unknown keys and wrong types against it.

What is called `*_range` is a `Factor`: drawn anew for each scene (or object, or view) from the
distribution that is written there. What is called `*s` and lists names, such as `lighting.kinds`,
picks one of them; `name:weight` makes a name more or less likely.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simgen.motion import KINDS

Factor = Any
"""A number, a pair [min, max] or a distribution, as `simgen.distributions` describes them."""

HDRIS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")


@dataclass
class SceneConfig:
    name: str = "tabletop"
    """The stage that the objects stand on. Chosen with scene=NAME."""
    size_range: Factor = field(default_factory=lambda: [0.9, 1.6])
    """Width of the table, bin, shelf, room or ground, metres. It grows when the objects need more
    room and the stage can."""
    blend: str | None = None
    """A .blend file of your own as the stage, with scene=blend."""
    label_furnishings: str = "instances"
    """What becomes of what a stage puts up by itself, such as a room's chairs, where its class is
    labelled. instances: it is labelled like every object. ignore: a region to be ignored, which
    counts neither for nor against a detector. none: it stays unlabelled, and teaches a detector
    that such things are background. What cannot be told apart as single things (hedges, rows of
    books) is ignored with instances too."""


@dataclass
class AssetsConfig:
    dir: str | None = None
    """Folder of your own meshes, one sub-folder a class (OBJ, GLB, glTF, PLY, STL)."""
    classes: list[str] | None = None
    """Which classes to use; all when not given."""
    synonyms: list[str] = field(default_factory=list)
    """Classes of yours that are a built-in class in other words, such as Stuhl:chair. What stages
    put up of that class is then labelled as yours, and no distractor is of it. Plurals and usual
    synonyms, such as sofa for couch, are known."""
    tags: list[str] | None = None
    """Use classes that carry one of these tags, such as tabletop or furniture; all when not
    given. A stage chooses those that fit it."""
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
    count_range: Factor = field(default_factory=lambda: [5, 12])
    """Objects in a scene."""
    scale_range: Factor = field(default_factory=lambda: [1.0, 1.0])
    """Factor on every object's metric size."""
    size_range: Factor = None
    """Metres of an object's longest side, in place of its own size: for meshes without a unit, and
    for domain randomization."""
    weights: list[str] = field(default_factory=list)
    """How likely classes are, as class:weight. A class that is not named has weight 1."""


@dataclass
class DistractorsConfig:
    count_range: Factor = field(default_factory=lambda: [0, 0])
    """Things among the objects that carry no label."""
    classes: list[str] | None = None
    """Built-in classes that they are of; those that no object is of, when not given."""
    fitted: bool = True
    """Make those smaller that are longer than any object of their scene, and those larger that are
    shorter than any, so that a bottle does not bury screws. Otherwise all have their real size."""


@dataclass
class PlacementConfig:
    methods: list[str] = field(default_factory=lambda: ["drop"])
    """How objects find their place: drop (they fall and come to rest), scatter (they stand apart
    from each other), grid (in rows), stack (one on the other) or float (anywhere in the air)."""
    poses: list[str] = field(default_factory=lambda: ["upright:0.7", "tumbled:0.3"])
    """How an object is held before it falls or is put down: upright, side, upside_down or
    tumbled."""
    spread: float = 1.0
    """Radius of the area that objects are put on; 1 makes a loose pile."""
    gap_range: Factor = field(default_factory=lambda: [0.01, 0.06])
    """Metres between objects that are scattered or stand in a grid; less where there is too little
    room for that."""
    max_seconds: float = 6.0
    """Simulated time after which a pile that still moves is dropped anew."""


@dataclass
class MaterialsConfig:
    level: str = "realistic"
    """realistic (materials that fit the class), plausible (any real material anywhere) or random
    (any colour, pattern and finish anywhere: domain randomization)."""
    keep_own: bool = True
    """Keep the materials and textures that mesh files bring along."""
    textures: str | None = None
    """A folder of your own images to cover surfaces with."""
    texture_probability: float = 0.5
    """Part of the surfaces that get one of them."""
    texture_size_range: Factor = field(default_factory=lambda: ["log_uniform", 0.05, 0.5])
    """Metres that one image covers."""


@dataclass
class SkyConfig:
    """Blender's physical sky (lighting kind `sky`), and the sun as time and place have it."""

    hour_range: Factor = field(default_factory=lambda: [7.0, 18.0])
    """Solar time of day, hours; 12 is noon. Where the sun would be below the horizon, it is put
    just above it."""
    latitude_deg_range: Factor = field(default_factory=lambda: [0.0, 58.0])
    """Degrees north of the equator."""
    day_range: Factor = field(default_factory=lambda: [1, 365])
    """Day of the year."""
    haze_range: Factor = field(default_factory=lambda: [0.5, 4.0])
    """Density of dust and water drops, 1 on a clear day."""
    overcast_range: Factor = field(default_factory=lambda: ["mixture", [3, 0.0], [1, [0.3, 1.0]]])
    """Part of the sun's light that clouds take away."""


@dataclass
class StudioConfig:
    """A rig of area lights around the objects (lighting kind `studio`)."""

    softness_range: Factor = field(default_factory=lambda: ["log_uniform", 0.2, 1.5])
    """Width of a light, in distances from the objects."""
    contrast_range: Factor = field(default_factory=lambda: ["log_uniform", 1.5, 12.0])
    """How many times brighter the key light is than the fill light."""


@dataclass
class IndoorConfig:
    """Ceiling lamps and daylight through a window (lighting kind `indoor`)."""

    lamps_range: Factor = field(default_factory=lambda: [1, 3])
    """Lamps that are lit."""
    daylight_range: Factor = field(default_factory=lambda: [0.0, 1.0])
    """Part of the light that comes through a window."""


@dataclass
class LightingConfig:
    kinds: list[str] = field(
        default_factory=lambda: ["hdri:3", "sky:1", "studio:2", "indoor:2", "night:0.4"]
    )
    """What lights a scene: hdri, sky, studio, indoor or night."""
    hdris: list[str] = field(default_factory=lambda: list(HDRIS))
    """Blender's HDRI worlds to draw from."""
    hdri_dir: str | None = None
    """A folder of your own HDRI images (.exr, .hdr), drawn from besides `hdris`; alone, if `hdris`
    is empty."""
    hdri_classes: list[str] = field(default_factory=list)
    """Classes of which the images in `hdri_dir` show members, such as tree. Where one is labelled,
    the image is a region to be ignored. What Blender's own worlds show is known."""
    strength_range: Factor = field(default_factory=lambda: ["log_uniform", 0.3, 0.7])
    """Mean radiance of an HDRI world. The picture's brightness is the sensor's business; this one
    is against the lamps'."""
    temperature_range: Factor = field(default_factory=lambda: [2700.0, 7000.0])
    """Colour temperature of lamps, kelvin."""
    tint_range: Factor = field(default_factory=lambda: [-0.15, 0.15])
    """How much warmer (above 0) or cooler an HDRI world is made."""
    area_count_range: Factor = field(default_factory=lambda: [0, 2])
    """Lamps that shine on the objects besides an HDRI world."""
    sun_probability: float = 0.25
    """Probability that a sun shines besides an HDRI world."""
    sky: SkyConfig = field(default_factory=SkyConfig)
    studio: StudioConfig = field(default_factory=StudioConfig)
    indoor: IndoorConfig = field(default_factory=IndoorConfig)


@dataclass
class CameraConfig:
    elevation_deg_range: Factor = field(default_factory=lambda: [18.0, 65.0])
    """Height of the camera above the pile, degrees; 90 looks straight down."""
    azimuth_deg_range: Factor = field(default_factory=lambda: [0.0, 360.0])
    """Side from which the camera looks, degrees about the vertical."""
    focal_length_mm_range: Factor = field(default_factory=lambda: [28.0, 70.0])
    """Of the lens; the camera steps back as far as it needs to."""
    sensor_width_mm: float = 36.0
    """Millimetres; 36 is a full-frame camera. With the focal length it says how wide the view
    is."""
    aim: str = "pile"
    """What the camera looks at: pile (most objects together), object (one of them) or sphere (the
    pile, from directions that cover a sphere's shell evenly over the whole dataset)."""
    distance_range: Factor = None
    """Metres from the camera to what it looks at, in place of `fill_range`."""
    height_range: Factor = None
    """Metres of the camera above the ground or the table, in place of `elevation_deg_range`: 1.4 to
    1.8 for a hand, 0.3 to 0.8 above the table for a robot's wrist."""
    gsd_range: Factor = None
    """Ground sampling distance, in place of `fill_range`: metres of the ground, across the line of
    sight, that a pixel in the middle of the image covers. With the lens it says how far away the
    camera is."""
    object_px_range: Factor = None
    """Pixels that the longer side of the object's box takes up, in place of `fill_range`, with
    aim=object."""
    visible_range: list[float] | None = None
    """With aim=object: part of it that other things leave to be seen. Views are drawn until one
    has it."""
    inside_range: list[float] | None = None
    """With aim=object: part of it that is inside the image, 1 for all of it."""
    attempts: int = 64
    """Views that are tried for a picture that was asked for, before a scene is drawn anew."""
    recognisable: float = 0.8
    """With aim=pile: part of the objects that a view should show so that they can be recognised: a
    fifth of them and `min_object_px` pixels at least, and flat ones not from their edge. Where none
    of 12 views does, the best of them is taken; 0 takes the first."""
    min_object_px: float = 12.0
    """Pixels of the longer side of what is seen of an object, from where on it can be
    recognised."""
    fill_range: Factor = field(default_factory=lambda: [0.85, 1.25])
    """Part of the image's smaller side that the pile's diameter takes up."""
    roll_deg_range: Factor = field(default_factory=lambda: [-6.0, 6.0])
    """How far the camera is held askew, degrees."""
    path: str = "views"
    """What the camera does from frame to frame: views (every frame is an unrelated view of one
    moment), or a sequence in time: static, orbit, dolly, linear or handheld."""
    travel_range: Factor = field(default_factory=lambda: [0.1, 0.4])
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
    f_stop_range: Factor = None
    """Depth of field: f-numbers, such as [2.8,8]; everything is sharp when not given."""
    focus_range: Factor = field(default_factory=lambda: [0.9, 1.1])
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
    travel_range: Factor = field(default_factory=lambda: [0.2, 1.0])
    """Length of an object's keyframed path from the first frame to the last, in its own sizes."""
    turn_deg_range: Factor = field(default_factory=lambda: [10.0, 90.0])
    """How far an object turns on its keyframed path, degrees."""
    deform_probability: float = 0.0
    """Part of the objects that change their shape: they twist, bend or squash."""
    deform_kinds: list[str] = field(default_factory=lambda: list(KINDS))
    """Ways in which they change it: twist, bend or squash."""
    frame_rate: float = 24.0
    """Frames a second of a sequence."""


@dataclass
class TracksConfig:
    count: int = 256
    """Surface points that the label tracks follows through a sequence."""


@dataclass
class RenderConfig:
    width: int = 640
    """Of the image, pixels."""
    height: int = 480
    """Of the image, pixels."""
    samples: int = 16
    """Paths per pixel of the image, at most. Labels do not depend on it."""
    noise_threshold: float = 0.0
    """Noise at which a pixel gets no more paths; 0 gives all pixels the same number."""
    denoise: bool = True
    """Remove the noise of the image. Labels do not depend on it."""
    denoise_quality: str = "high"
    """Of the denoiser: fast, balanced or high. Better ones take longer."""
    max_bounces: int = 12
    """How often light is followed from surface to surface."""
    diffuse_bounces: int = 4
    """How often from a matt one."""
    glossy_bounces: int = 4
    """How often from a shiny one."""
    clamp_indirect: float = 4.0
    """Brightest that light which comes from another surface may be; 0 for no bound."""
    light_tree: bool = False
    """Choose lamps by how much they matter: for scenes with many."""
    device: str = "auto"
    """auto, cpu, cuda, optix, hip, oneapi or metal. auto takes a GPU where there is one."""


@dataclass
class SensorConfig:
    """The camera's response, from light to the 8-bit image. Labels do not depend on it."""

    metering: str = "scene"
    """scene (exposed for what is in the picture) or fixed (`exposure_range` alone: at 0, a radiance
    of 0.18 is middle grey)."""
    exposure_range: Factor = field(default_factory=lambda: ["normal", 0.0, 0.4, -1.2, 1.2])
    """Stops brighter than metered."""
    effects: list[str] = field(
        default_factory=lambda: [
            "white_balance",
            "vignetting",
            "chromatic_aberration",
            "blur",
            "noise",
            "bayer",
            "sharpening",
            "jpeg",
        ]
    )
    """Faults to choose from: white_balance, vignetting, chromatic_aberration, blur, noise, bayer,
    sharpening, jpeg. None, as with sensor=perfect: a perfect camera."""
    effect_count_range: Factor = field(default_factory=lambda: [2, 8])
    """How many of them an image has, at most as many as there are."""
    white_balance_range: Factor = field(default_factory=lambda: ["normal", 0.0, 0.05, -0.2, 0.2])
    """Error of the white balance; above 0 is too warm."""
    vignetting_range: Factor = field(default_factory=lambda: [0.05, 0.4])
    """Part of the light that the corners lose."""
    chromatic_aberration_range: Factor = field(default_factory=lambda: [0.2, 1.0])
    """Pixels that red and blue are apart in the corners of an image 1000 pixels wide."""
    blur_range: Factor = field(default_factory=lambda: [0.3, 0.7])
    """Standard deviation of the lens's blur, pixels."""
    iso_range: Factor = field(default_factory=lambda: ["log_uniform", 100.0, 2000.0])
    """Sensitivity: more of it, more shot and read noise. That of a camera with large pixels; those
    of telephones are as noisy at a sixth of it."""
    sharpening_range: Factor = field(default_factory=lambda: [0.2, 0.8])
    """Strength of the unsharp mask."""
    contrast_range: Factor = field(default_factory=lambda: [0.85, 1.2])
    """Slope of the tone curve at middle grey, 1 as it is."""
    saturation_range: Factor = field(default_factory=lambda: [0.85, 1.2])
    """Of the colours, 1 as they are."""
    jpeg_quality_range: Factor = field(default_factory=lambda: [80, 97])
    """Of the compression that leaves its marks in the image."""


@dataclass
class RayConfig:
    """Workers as actors of a Ray cluster, with runner=ray."""

    address: str | None = None
    """Of the cluster's head, such as ray://head:10001 or auto. Not given: a Ray of its own on this
    machine."""
    cpus_per_worker: float = 1.0
    """Cores that each worker reserves, and renders with."""
    gpus_per_worker: float = 0.0
    """GPUs that each worker reserves; 0.5 puts two workers on one. With 0 they render on CPUs."""
    wait_seconds: float = 60.0
    """How long to wait for a node that could hold a worker, as on a cluster that grows when it is
    asked to."""


@dataclass
class SlurmConfig:
    """Workers in the tasks of a Slurm job array, with runner=slurm."""

    tasks: int = 1
    """Tasks of the array, each with `runner.workers` workers and its share of the scenes."""
    parallel: int = 256
    """Tasks that may run at once."""
    partition: str | None = None
    """To submit to. Not given: Slurm's default."""
    account: str | None = None
    """That pays. Not given: Slurm's default."""
    minutes: int = 240
    """Time limit of a task. One that reaches it is put back into the queue and goes on."""
    cpus_per_task: int = 4
    """Cores, which the workers of a task share."""
    gpus_per_task: int = 0
    """GPUs, which the workers of a task share; other kinds of wishes, such as gres, go into
    `options`."""
    memory_gb: float = 16.0
    """Memory of a task, gigabytes."""
    options: dict[str, Any] = field(default_factory=dict)
    """Any other option of sbatch, such as {qos:high,exclusive:true}."""
    wait: bool = True
    """Stay until all tasks have ended. If not, the same command later says how far they are, makes
    what is missing, and ends the dataset."""
    cluster: str = "slurm"
    """slurm, or local: tasks as processes of this machine, all at once, for trying things."""


@dataclass
class RunnerConfig:
    name: str = "local"
    """Where scenes are made: local, ray or slurm. Chosen with runner=NAME."""
    workers: int = 1
    """Processes, each with its own Blender. They are dealt out over the GPUs that there are."""
    gpu_memory_gb: float = 4.0
    """Memory that a worker takes on its GPU. More workers than an NVIDIA GPU holds are refused."""
    max_retries: int = 2
    """How often a scene that failed is tried again before it is given up."""
    max_losses: int = 30
    """How often a scene is tried again whose worker was taken away, by no fault of its own: its
    node died or was preempted, or somebody killed the process."""
    retry_seconds: float = 1.0
    """Pause before a scene is tried again; it doubles each time, up to a minute."""
    max_failures: int = 100
    """With more scenes given up, the run ends."""
    scene_timeout: float = 3600.0
    """Seconds after which a scene counts as hung."""
    grace_seconds: float = 30.0
    """How long scenes in progress may still take after Ctrl-C or SIGTERM."""
    recycle_scenes: int = 500
    """Scenes after which a worker is replaced by a fresh one."""
    recycle_growth_mb: float = 2000.0
    """Megabytes that a worker may grow before it is replaced."""
    ray: RayConfig = field(default_factory=RayConfig)
    slurm: SlurmConfig = field(default_factory=SlurmConfig)


@dataclass
class RunConfig:
    shard: str | None = None
    """Make one share of the scenes, as i/n: scenes i, i + n, i + 2n and so on, with i from 0 to
    n - 1. Shards of one dataset may run at the same time, on one machine or many."""


@dataclass
class OutputConfig:
    dir: str | None = None
    """Folder of the dataset. Not given: datasets/<scene>-seed<seed>."""
    uri: str | None = None
    """Where the dataset goes instead, such as s3://bucket/prefix; `dir` then keeps the run's own
    files alone."""
    formats: list[str] = field(default_factory=list)
    """Formats that the dataset is exported to as well, to `exports/<format>` in its folder.
    docs/formats.md lists them."""


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
    distractors: DistractorsConfig = field(default_factory=DistractorsConfig)
    placement: PlacementConfig = field(default_factory=PlacementConfig)
    materials: MaterialsConfig = field(default_factory=MaterialsConfig)
    lighting: LightingConfig = field(default_factory=LightingConfig)
    camera: CameraConfig = field(default_factory=CameraConfig)
    motion: MotionConfig = field(default_factory=MotionConfig)
    tracks: TracksConfig = field(default_factory=TracksConfig)
    render: RenderConfig = field(default_factory=RenderConfig)
    sensor: SensorConfig = field(default_factory=SensorConfig)
    splits: list[str] = field(default_factory=lambda: ["train:0.8", "val:0.1", "test:0.1"])
    """Parts that the scenes are shared among, as name:weight. A scene never moves from one to
    another when the dataset grows."""
    cases: list[Any] = field(default_factory=list)
    """Rare cases and how many scenes they get; docs/worlds.md says how they are written."""
    runner: RunnerConfig = field(default_factory=RunnerConfig)
    run: RunConfig = field(default_factory=RunConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
