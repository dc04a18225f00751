"""What types cannot say about a config: each refusal is one line that names the key, the value and
what was expected."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

from simgen.config.bounds import (
    CHOICES,
    FACTORS,
    MAY_BE_EMPTY,
    NAMES,
    NUMBERS,
    OPTIONAL,
    PAIRS,
    WHOLE,
)
from simgen.config.links import check_links
from simgen.config.schema import HDRIS, CameraConfig, Config
from simgen.config.shards import shard_of
from simgen.config.slurm import check_slurm
from simgen.distributions import Bounds, describe, parse, weighted
from simgen.errors import InputError
from simgen.labels import LABELS, NEEDS, PRESETS, SEVERAL_FRAMES, STEREO
from simgen.lens import COEFFICIENTS


def check(config: Config) -> None:
    """Raise `InputError`, one line, for the first value that cannot be."""
    for key, bounds in NUMBERS.items():
        _check_number(key, value_of(config, key), bounds)
    for key, bounds in PAIRS.items():
        pair = value_of(config, key)
        if pair is not None:
            _check_pair(key, pair, bounds)
    for key in FACTORS:
        _check_factor(config, key)
    for key, choices in CHOICES.items():
        _check_choice(key, [value_of(config, key)], choices)
    for key, choices in NAMES.items():
        _check_names(key, value_of(config, key), choices)
    _check_names("objects.weights", config.objects.weights, None)
    _check_files(config)
    _check_uri(config.output.uri)
    _check_splits(config.splits)
    _check_lens(config.camera)
    _check_aim(config.camera)
    _check_time(config)
    check_slurm(config.runner)
    shard_of(config)
    label_names(config)
    for key in ("assets.classes", "assets.tags", "distractors.classes"):
        if value_of(config, key) == []:
            raise InputError(f"{key}=[]: expected at least one name, or null for all")


def _check_factor(config: Config, key: str) -> None:
    written = value_of(config, key)
    if written is None and key in OPTIONAL:
        return
    try:
        found = parse(written, FACTORS[key], key in WHOLE)
        for other in found.needs():
            if other not in FACTORS and other not in NAMES:
                near = difflib.get_close_matches(other, [*FACTORS, *NAMES], n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(f"it depends on {other!r}, which is not drawn{hint}")
            if other in OPTIONAL and value_of(config, other) is None:
                raise ValueError(f"it depends on {other}, which is not given")
            if other == "sensor.effects":
                raise ValueError(f"it depends on {other}, of which a picture has several")
        check_links(found, {name: value_of(config, name) for name in NAMES}, NAMES)
    except ValueError as error:
        raise InputError(f"{key}={written}: {error}") from error
    _check_no_circle(config, key, ())


def _check_no_circle(config: Config, key: str, above: tuple[str, ...]) -> None:
    if key in above:
        raise InputError(f"{key}: depends on itself, through {' and '.join(above)}")
    if key in FACTORS and value_of(config, key) is not None:
        try:
            others = set(parse(value_of(config, key), FACTORS[key], key in WHOLE).needs())
        except ValueError:  # it is complained about on its own turn
            return
        for other in others:
            _check_no_circle(config, other, (*above, key))


def _check_names(key: str, written: list[str], choices: tuple[str, ...] | None) -> None:
    if not written:
        if key in MAY_BE_EMPTY or choices is None:
            return
        raise InputError(f"{key}=[]: expected at least one of {_listed(choices or ())}")
    try:
        names, _ = weighted(written)
    except ValueError as error:
        raise InputError(f"{key}={written}: {error}") from error
    if choices is not None:
        _check_choice(key, names, choices)


def _check_splits(written: list[str]) -> None:
    _check_names("splits", written, None)
    names, _ = weighted(written) if written else ((), ())
    odd = [name for name in names if not re.fullmatch(r"\w[\w-]*", name)]
    if odd or not names:
        raise InputError(
            f"splits={written}: expected names of letters and digits with weights, such as "
            "[train:0.8,val:0.2]"
        )
    bare = [word for word in written if ":" not in word]
    if 0 < len(bare) < len(written):
        raise InputError(
            f"splits={written}: {bare[0]} has no weight, others have; give it one, such as "
            f"{bare[0]}:0.1"
        )


def _check_files(config: Config) -> None:
    """Settings about files of the user's that go together."""
    if config.scene.blend is not None and config.scene.name != "blend":
        raise InputError(
            f"scene.blend={config.scene.blend}: is not used by scene={config.scene.name}; "
            "set scene=blend"
        )
    if not config.lighting.hdris and config.lighting.hdri_dir is None:
        raise InputError(
            f"lighting.hdris=[]: expected at least one of {_listed(HDRIS)}, or a folder of your "
            "own as lighting.hdri_dir"
        )
    if config.materials.textures is not None and not config.materials.texture_probability:
        raise InputError(
            "materials.textures: is given, but materials.texture_probability=0 uses none of them"
        )


def _check_uri(uri: str | None) -> None:
    if uri is None:
        return
    found = re.fullmatch(r"([a-z][a-z0-9+.-]*)://([^/]*)(/.*)?", uri)
    if not found or not any(found.groups()[1:]):
        raise InputError(f"output.uri={uri}: expected a URI such as s3://bucket/prefix")
    if "@" in found[2]:
        raise InputError(
            "output.uri: found a name or password in it, which would end up in logs; credentials "
            "come from the environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if found[1] == "memory":
        raise InputError(f"output.uri={uri}: is gone when the process ends; expected storage")


def _check_aim(camera: CameraConfig) -> None:
    for key in ("object_px_range", "visible_range", "inside_range"):
        if getattr(camera, key) is not None and camera.aim != "object":
            raise InputError(
                f"camera.{key}={getattr(camera, key)}: is about one object; set camera.aim=object"
            )
    _check_distance(camera)
    if camera.aim == "sphere" and camera.height_range is not None:
        raise InputError(
            f"camera.height_range={camera.height_range}: camera.aim=sphere says how high the "
            "camera stands; leave one out"
        )
    for key in ("azimuth_deg_range", "elevation_deg_range"):
        bounds, written = FACTORS[f"camera.{key}"], getattr(camera, key)
        low, high = parse(written, bounds).support()
        if camera.aim == "sphere" and low > high:
            raise InputError(
                f"camera.{key}={written}: camera.aim=sphere needs its ends; give [min,max]"
            )
    if camera.model == "equirectangular" and camera.aim == "object":
        raise InputError("camera.aim=object: an equirectangular camera looks everywhere")


_DISTANCES = ("object_px_range", "distance_range", "gsd_range")
_LOWEST_FOR_GROUND = 30.0
"""Degrees of elevation from where on a camera looks at the ground, and not along it."""


def _check_distance(camera: CameraConfig) -> None:
    given = [key for key in _DISTANCES if getattr(camera, key) is not None]
    if len(given) > 1:
        raise InputError(
            f"camera.{given[0]}: and camera.{given[1]} both say how far away the camera stands; "
            "leave one out"
        )
    if camera.gsd_range is None:
        return
    key = "camera.elevation_deg_range"
    low, _ = parse(camera.elevation_deg_range, FACTORS[key]).support()
    if camera.height_range is not None or low < _LOWEST_FOR_GROUND:
        found = f"{key}={camera.elevation_deg_range}"
        if camera.height_range is not None:
            found = f"camera.height_range={camera.height_range}"
        raise InputError(
            f"camera.gsd_range={camera.gsd_range}: is of cameras that look down on the ground; set "
            f"{key} to {_LOWEST_FOR_GROUND:g} degrees or more, such as 90, in place of {found}"
        )
    if camera.model == "equirectangular":
        raise InputError("camera.gsd_range: an equirectangular camera looks everywhere")


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
            f"{needing[0]}={value_of(config, needing[0])}: needs a sequence in time; "
            "set camera.path to static, orbit, dolly, linear or handheld"
        )
    if needing and config.frames_per_scene < 2:
        raise InputError(
            f"{needing[0]}={value_of(config, needing[0])}: needs frames_per_scene of at least 2, "
            f"found {config.frames_per_scene}"
        )
    methods, weights = weighted(config.placement.methods)
    if config.motion.objects == "physics" and dict(zip(methods, weights, strict=True)).get("float"):
        raise InputError(
            "motion.objects=physics: placement.methods=float leaves objects in the air, where they "
            "do not fall; take drop, scatter, grid or stack, or motion.objects=keyframed"
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


def value_of(config: Config, key: str) -> Any:
    """What a config holds at a key with dots."""
    value: Any = config
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _check_number(key: str, value: float, bounds: Bounds) -> None:
    if not _within(value, bounds):
        raise InputError(f"{key}={value}: expected a number {describe(bounds)}")


def _check_pair(key: str, value: list[float], bounds: Bounds) -> None:
    if len(value) != 2:
        raise InputError(f"{key}={value}: expected a pair [min,max], found {len(value)} numbers")
    if not all(_within(end, bounds) for end in value):
        raise InputError(f"{key}={value}: expected both ends {describe(bounds)}")
    if value[0] > value[1]:
        raise InputError(f"{key}={value}: min is greater than max; expected [min,max]")


def _check_choice(key: str, given: Sequence[str], choices: tuple[str, ...]) -> None:
    for name in given:
        if name not in choices:
            raise InputError(f"{key}={name}: expected one of {_listed(choices)}")


def _within(value: float, bounds: Bounds) -> bool:
    low, high = bounds
    # NaN fails both comparisons; infinity is caught where there is no bound to do it.
    return (low is None or value >= low) and (value <= high if high is not None else value < 1e300)


def _listed(names: Any) -> str:
    return ", ".join(names)
