"""Rare cases: kinds of scenes generated on purpose, at a set rate.

    cases:
      - name: hidden_mug_at_night
        share: 0.2
        set: {lighting.kinds: [night], camera.aim: object, camera.visible_range: [0.3, 0.7]}
        object: {class: mug, pose: side}

`set` changes config keys for the scenes of the case. `object` constrains the class and the final
pose of the first object, which `camera.aim=object` then looks at. A scene that does not satisfy
its case is sampled again.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from simgen.config import NAMES, Config, check, settle_rivals, value_of
from simgen.errors import InputError
from simgen.geometry.transforms import rotation_from_quaternion
from simgen.sampling.splits import case_number
from simgen.spec.scene import ObjectSpec

ATTEMPTS = 40
"""Maximum number of attempts at a scene of a case before it fails."""
SETTABLE = ("scene.size_range", "objects", "distractors", "placement", "materials", "lighting",
            "camera", "sensor")  # fmt: skip
"""Keys, or groups of keys, that a case may set: those that do not affect the form of the dataset.
"""
_FIXED = ("camera.path", "camera.stereo_baseline", "camera.model", "camera.shutter",
          "camera.calibration", "camera.rig", "camera.cameras", "camera.poses",
          "camera.poses_frame",
          "lighting.hdri_dir", "materials.textures", "camera.row_exposure")  # fmt: skip


_LEAN = {"upright": (0.0, 30.0), "side": (60.0, 120.0), "upside_down": (150.0, 180.0)}
"""Degrees between an object's own up axis and the world's, by the name of its final pose."""


class NotAsAskedError(Exception):
    """A scene did not turn out as its case, or its camera ranges, require."""


@dataclass(frozen=True)
class Case:
    """A rare case and its requirements. None: no requirement."""

    name: str
    share: float
    config: Config
    """The dataset's config with the values that the case sets."""
    class_name: str | None
    pose: str | None

    @property
    def names_object(self) -> bool:
        """Whether the case constrains the first object."""
        return self.class_name is not None or self.pose is not None


def read_cases(config: Config) -> tuple[Case, ...]:
    """Read the cases of a config. Raises `InputError` for invalid ones."""
    cases = tuple(_read(config, number, raw) for number, raw in enumerate(config.cases))
    if sum(case.share for case in cases) > 1 + 1e-9:
        raise InputError("cases: the shares add up to more than 1; expected at most 1")
    if len({case.name for case in cases}) < len(cases):
        raise InputError("cases: duplicate names; rename one of them")
    return cases


def case_of(cases: tuple[Case, ...], seed: int, scene: int) -> Case | None:
    """Return the case that a scene is generated for, if any.

    In any consecutive scenes each case gets its share, to within one or two scenes.
    """
    number, _ = case_number(seed, [case.share for case in cases], scene)
    return None if number is None else cases[number]


def check_pose(case: Case | None, objects: Sequence[ObjectSpec], placed: bool) -> None:
    """Raise `NotAsAskedError` if the first object does not lie as its case requires.

    objects: the placed objects. placed: whether the first sampled object is one of them.
    """
    if case is None or not case.names_object:
        return
    if not placed:
        raise NotAsAskedError("the object could not be placed")
    if case.pose is not None and pose_name(objects[0]) != case.pose:
        raise NotAsAskedError(f"the object does not come to rest in pose {case.pose!r}")


def pose_name(item: ObjectSpec) -> str:
    """Return `upright`, `side`, `upside_down`, or `tumbled` for anything in between."""
    up = float(rotation_from_quaternion(item.rotation)[2, 2])
    lean = float(np.degrees(np.arccos(np.clip(up, -1.0, 1.0))))
    return next((name for name, (a, b) in _LEAN.items() if a <= lean <= b), "tumbled")


def _read(config: Config, number: int, raw: Any) -> Case:
    where = f"cases[{number}]"
    if not isinstance(raw, Mapping):
        raise InputError(f"{where}={raw!r}: expected name, share, set and object")
    _check_keys(where, raw, ("name", "share", "set", "object"))
    share = raw.get("share")
    if not isinstance(share, (int, float)) or isinstance(share, bool) or not 0 < share <= 1:
        raise InputError(f"{where}.share={share!r}: expected a number above 0, up to 1")
    wanted = raw.get("object") or {}
    _check_keys(f"{where}.object", wanted, ("class", "pose"))
    pose = wanted.get("pose")
    known = [name for name in NAMES["placement.poses"].names if name != "tumbled"]
    if pose is not None and pose not in known:
        raise InputError(f"{where}.object.pose={pose!r}: expected one of {', '.join(known)}")
    return Case(
        name=str(raw.get("name", f"case{number}")),
        share=float(share),
        config=_changed(config, f"{where}.set", raw.get("set") or {}),
        class_name=wanted.get("class"),
        pose=pose,
    )


def _check_keys(where: str, raw: Any, known: tuple[str, ...]) -> None:
    if not isinstance(raw, Mapping):
        raise InputError(f"{where}={raw!r}: expected keys and values")
    for key in raw:
        if key not in known:
            raise InputError(f"{where}: unknown key {key!r}; expected some of {', '.join(known)}")


def _changed(config: Config, where: str, changes: Any) -> Config:
    """Return a copy of the config with some values replaced."""
    changed = copy.deepcopy(config)
    changed.cases = []
    flat = _flat(where, changes)
    for key, value in flat.items():
        allowed = any(key == group or key.startswith(f"{group}.") for group in SETTABLE)
        if not allowed or key in _FIXED:
            raise InputError(f"{where}: {key!r} applies to the whole dataset; set it outside cases")
        *path, last = key.split(".")
        try:
            found = value_of(changed, key)
        except AttributeError:
            raise InputError(f"{where}: unknown key {key!r}") from None
        if dataclasses.is_dataclass(found):
            raise InputError(f"{where}: {key}={value!r}: expected keys and values")
        setattr(value_of(changed, ".".join(path)), last, _typed(where, key, value))
    try:
        changed = settle_rivals(changed, dict.fromkeys(flat, 1))
        check(changed)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    return changed


def _typed(where: str, key: str, value: Any) -> Any:
    """Convert a value to the type of a key in the schema. Raises `InputError` for another type."""
    schema = OmegaConf.structured(Config)
    try:
        OmegaConf.update(schema, key, value)
    except OmegaConfBaseException as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{where}: {key}={value!r}: {reason}") from error
    typed = OmegaConf.to_object(schema)
    assert isinstance(typed, Config)
    return value_of(typed, key)


def _flat(where: str, changes: Any, prefix: str = "") -> dict[str, Any]:
    """Flatten nested keys to dotted ones."""
    if not isinstance(changes, Mapping):
        raise InputError(f"{where}={changes!r}: expected keys and values")
    flat: dict[str, Any] = {}
    for key, value in changes.items():
        if isinstance(value, Mapping):
            flat |= _flat(where, value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
