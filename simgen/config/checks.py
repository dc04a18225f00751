"""Checks of a config beyond its types. Each error is one line that names the key, the value and
what was expected."""

from __future__ import annotations

import re
from typing import Any

from simgen.config.background import check_background
from simgen.config.calibrated import check_poses, check_rig
from simgen.config.dependencies import check_dependencies
from simgen.config.depth_camera import check_depth_camera
from simgen.config.keys import read_weights, value_of
from simgen.config.lidar import check_lidar
from simgen.config.lighting import HDRIS
from simgen.config.parse import within
from simgen.config.running import RunnerConfig
from simgen.config.schema import FACTORS, KEYS, CameraConfig, Config
from simgen.config.shards import shard_of
from simgen.errors import InputError
from simgen.geometry.lens import COEFFICIENTS


def check(config: Config) -> None:
    """Raise `InputError`, one line, for the first invalid value."""
    for name, known in KEYS.items():
        value = value_of(config, name)
        if value is not None or not known.optional:
            known.rule.check(name, value)
    check_dependencies(config)
    _check_files(config)
    check_background(config)
    _check_uri(config.output.uri)
    _check_splits(config.splits)
    check_rig(config)
    check_poses(config)
    _check_lens(config.camera)
    _check_aim(config.camera)
    _check_time(config)
    check_lidar(config.lidar)
    check_depth_camera(config.depth_camera)
    _check_slurm(config.runner)
    shard_of(config)
    for key in ("assets.classes", "assets.tags", "distractors.classes"):
        if value_of(config, key) == []:
            raise InputError(f"{key}=[]: expected at least one name, or null for all")


def _check_splits(written: list[str]) -> None:
    names = tuple(read_weights("splits", written))
    odd = [name for name in names if not re.fullmatch(r"\w[\w-]*", name)]
    if odd or not names:
        raise InputError(
            f"splits={written}: expected names of letters and digits with weights, such as "
            "[train:0.8,val:0.2]"
        )
    bare = [word for word in written if ":" not in word]
    if 0 < len(bare) < len(written):
        raise InputError(
            f"splits={written}: {bare[0]} has no weight, but other splits have; add one, such as "
            f"{bare[0]}:0.1"
        )


def _check_files(config: Config) -> None:
    """Raise `InputError` for inconsistent settings about user-supplied files."""
    if config.scene.blend is not None and config.scene.name != "blend":
        raise InputError(
            f"scene.blend={config.scene.blend}: not used with scene={config.scene.name}; "
            "set scene=blend"
        )
    if not config.lighting.hdris and config.lighting.hdri_dir is None:
        raise InputError(
            f"lighting.hdris=[]: expected at least one of {_listed(HDRIS)}, or your own folder "
            "as lighting.hdri_dir"
        )
    if config.materials.textures is not None and not config.materials.texture_probability:
        raise InputError(
            "materials.textures: not used with materials.texture_probability=0; set a probability "
            "above 0, or leave out materials.textures"
        )


def _check_uri(uri: str | None) -> None:
    if uri is None:
        return
    found = re.fullmatch(r"([a-z][a-z0-9+.-]*)://([^/]*)(/.*)?", uri)
    if not found or not any(found.groups()[1:]):
        raise InputError(f"output.uri={uri}: expected a URI such as s3://bucket/prefix")
    if "@" in found[2]:
        raise InputError(
            "output.uri: contains a user name or password, which would end up in logs; set "
            "credentials in the environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if found[1] == "memory":
        raise InputError(
            f"output.uri={uri}: memory:// storage is lost when the process ends; use persistent "
            "storage, such as s3://bucket/prefix"
        )


def _check_aim(camera: CameraConfig) -> None:
    for key in ("object_px_range", "visible_range", "inside_range"):
        if getattr(camera, key) is not None and camera.aim != "object":
            raise InputError(
                f"camera.{key}={getattr(camera, key)}: applies to a single object; "
                "set camera.aim=object"
            )
    _check_distance(camera)
    if camera.aim == "sphere" and camera.height_range is not None:
        raise InputError(
            f"camera.height_range={camera.height_range}: camera.aim=sphere already determines the "
            "camera's height; leave one out"
        )
    for key in ("azimuth_deg_range", "elevation_deg_range"):
        written = getattr(camera, key)
        low, high = FACTORS[f"camera.{key}"].parse(written).support()
        if camera.aim == "sphere" and low > high:
            raise InputError(
                f"camera.{key}={written}: camera.aim=sphere needs fixed limits; set [min,max]"
            )
    if camera.model == "orthographic" and camera.height_range is not None:
        raise InputError(
            f"camera.height_range={camera.height_range}: an orthographic camera has no single "
            "height; leave it out, and set camera.elevation_deg_range"
        )
    if camera.model == "equirectangular" and camera.aim == "object":
        raise InputError(
            "camera.aim=object: an equirectangular camera sees all directions; set another aim"
        )


_DISTANCES = ("object_px_range", "distance_range", "gsd_range")
_LOWEST_FOR_GROUND = 30.0
"""Lowest elevation, degrees, at which a camera looks at the ground rather than along it."""


def _check_distance(camera: CameraConfig) -> None:
    given = [key for key in _DISTANCES if getattr(camera, key) is not None]
    if len(given) > 1:
        raise InputError(
            f"camera.{given[0]}: both this and camera.{given[1]} set the camera's distance; "
            "leave one out"
        )
    if camera.gsd_range is None:
        return
    key = "camera.elevation_deg_range"
    low, _ = FACTORS[key].parse(camera.elevation_deg_range).support()
    if camera.height_range is not None or low < _LOWEST_FOR_GROUND:
        found = f"{key}={camera.elevation_deg_range}"
        if camera.height_range is not None:
            found = f"camera.height_range={camera.height_range}"
        raise InputError(
            f"camera.gsd_range={camera.gsd_range}: needs a camera that looks down on the ground; "
            f"set {key} to {_LOWEST_FOR_GROUND:g} degrees or more, such as 90, instead of {found}"
        )
    if camera.model == "equirectangular":
        raise InputError(
            "camera.gsd_range: an equirectangular camera sees all directions; leave it out"
        )


def _check_lens(camera: CameraConfig) -> None:
    most = COEFFICIENTS[camera.model]
    if len(camera.distortion) > most:
        raise InputError(
            f"camera.distortion={camera.distortion}: camera.model={camera.model} has "
            f"{'no' if not most else f'at most {most}'} coefficients"
        )
    if not all(within(value, (-1e3, 1e3)) for value in camera.distortion):
        raise InputError(f"camera.distortion={camera.distortion}: expected numbers up to 1000")
    point = camera.principal_point
    if len(point) != 2 or not all(within(value, (-1.0, 2.0)) for value in point):
        raise InputError(
            f"camera.principal_point={point}: expected [x,y] relative to the image's width and "
            "height, such as [0.5,0.5] for the centre"
        )
    if camera.stereo_baseline and camera.model != "pinhole":
        raise InputError(
            f"camera.stereo_baseline={camera.stereo_baseline}: a rectified pair needs "
            f"camera.model=pinhole, found {camera.model}"
        )
    if camera.f_stop_range is not None and camera.model == "equirectangular":
        raise InputError(
            "camera.f_stop_range: an equirectangular camera has no depth of field; leave it out"
        )


def _check_time(config: Config) -> None:
    """Raise `InputError` for settings that need a sequence in time, or a shutter, without one."""
    asked = {
        "motion.objects": config.motion.objects != "none",
        "camera.shutter": config.camera.shutter > 0,
        "motion.deform_probability": config.motion.deform_probability > 0,
    }
    needing = [key for key, needs in asked.items() if needs]
    if needing and config.camera.path == "views":
        raise InputError(
            f"{needing[0]}={value_of(config, needing[0])}: needs a sequence in time; "
            "set camera.path to static, orbit, dolly, linear or handheld"
        )
    if needing and config.frames_per_scene < 2:
        raise InputError(
            f"{needing[0]}={value_of(config, needing[0])}: needs frames_per_scene of at least 2, "
            f"found {config.frames_per_scene}"
        )
    methods = read_weights("placement.methods", config.placement.methods)
    if config.motion.objects == "physics" and methods.get("float"):
        raise InputError(
            "motion.objects=physics: placement.methods=float keeps objects in the air; use drop, "
            "scatter, grid or stack, or motion.objects=keyframed"
        )
    if config.camera.row_exposure < 1 and not config.camera.shutter:
        raise InputError(
            f"camera.row_exposure={config.camera.row_exposure}: a rolling shutter needs "
            "camera.shutter above 0"
        )


_SBATCH_KEYS = {
    "account": "runner.slurm.account",
    "array": "runner.slurm.tasks and runner.slurm.parallel",
    "cpus-per-task": "runner.slurm.cpus_per_task",
    "gpus-per-node": "runner.slurm.gpus_per_task",
    "mem": "runner.slurm.memory_gb",
    "partition": "runner.slurm.partition",
    "time": "runner.slurm.minutes",
}
"""Options of sbatch that have a config key."""
_SBATCH_FIXED = ("error", "nodes", "ntasks-per-node", "open-mode", "output", "requeue", "signal")
"""Options that simgen sets automatically."""


def _check_slurm(runner: RunnerConfig) -> None:
    """Raise `InputError`, one line, for the first invalid setting of a Slurm job."""
    seconds, needed = 60 * runner.slurm.minutes, runner.grace_seconds + 60
    if runner.name == "slurm" and seconds <= needed:
        raise InputError(
            f"runner.slurm.minutes={runner.slurm.minutes}: expected more than {needed:g} s, which "
            f"includes runner.grace_seconds={runner.grace_seconds:g} to finish scenes"
        )
    for written, value in runner.slurm.options.items():
        name = str(written).replace("_", "-")
        if name in _SBATCH_KEYS:
            raise InputError(f"runner.slurm.options.{written}: set {_SBATCH_KEYS[name]} instead")
        if name in _SBATCH_FIXED:
            raise InputError(f"runner.slurm.options.{written}: set by simgen; leave it out")
        if not isinstance(value, str | int | float | None):
            raise InputError(
                f"runner.slurm.options.{written}={value}: expected a string or number to pass to "
                "sbatch, true for an option without a value, or null to leave it out"
            )


def _listed(names: Any) -> str:
    return ", ".join(names)
