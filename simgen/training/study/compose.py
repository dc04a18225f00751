"""Composes a typed study from overrides such as `study=size real=photos`, with Hydra."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from simgen.config import KEYS as GENERATE_KEYS
from simgen.config.compose import explained, own_hydra
from simgen.config.explain import explain
from simgen.config.keys import value_of
from simgen.dataset.adaptation.adaptation import Asked, asked_for
from simgen.errors import InputError, did_you_mean
from simgen.resources import resource
from simgen.training.study.schema import BASELINES, KEYS, ArmConfig, StudyConfig

_ROOT = "study"
_FREE = ("arms.", "data.class_map.")
"""Keys with user-defined sub-keys."""
_OF_ARMS = tuple(item.name for item in fields(ArmConfig))
_GENERATE = re.compile(r"(?:base|arms\.(?P<arm>[^.=]+))\.(?P<key>[^=]+)=(?P<value>.*)", re.DOTALL)
"""Overrides of `simgen generate`, for all arms or one."""


@dataclass(frozen=True)
class Study:
    """A study as requested. name: of its file in `configs/study/`. arms: by name, in order.
    reference: the arm that others are compared with."""

    name: str
    config: StudyConfig
    arms: Mapping[str, ArmConfig]
    reference: str


def load_study(overrides: Sequence[str], config_dir: str | Path | None = None) -> Study:
    """Compose the study that a command line requests.

    overrides: of the study's keys; `base.KEY=VALUE` and `arms.NAME.KEY=VALUE` are overrides of
    `simgen generate`, for all arms and for one. config_dir: a folder of user-supplied config files.
    Raises `InputError`, one line, for unknown keys and invalid values.
    """
    words, generate = _sorted_out(overrides)
    if config_dir is not None:
        words.append(f"hydra.searchpath=[{Path(config_dir).absolute().as_uri()}]")
    ConfigStore.instance().store(name="study_schema", node=StudyConfig)
    folder = str(resource("configs"))
    with own_hydra(), explained(), initialize_config_dir(folder, version_base="1.3"):
        composed = compose(_ROOT, words, return_hydra_config=True)
        name = str(composed.hydra.runtime.choices["study"])
        with open_dict(composed):
            del composed["hydra"]
        config = OmegaConf.to_object(composed)
    assert isinstance(config, StudyConfig)
    config.base += generate.pop("", [])
    for arm, added in generate.items():
        known = dict(config.arms).get(arm) or {}
        config.arms[arm] = known | {"overrides": [*known.get("overrides", []), *added]}
    return _checked(name, config)


def _sorted_out(overrides: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Separate Hydra's overrides from those of `simgen generate`, by arm; those for all arms are
    under ``""``."""
    words: list[str] = []
    generate: dict[str, list[str]] = {}
    for word in overrides:
        if word == "scene=auto":
            continue
        if word.startswith("scene="):
            # Hydra would take it for a config group, which it is for `base`.
            word = f"base.{word}"
        found = _GENERATE.fullmatch(word)
        if found and found["key"].split(".")[0] not in _OF_ARMS:
            generate.setdefault(found["arm"] or "", []).append(f"{found['key']}={found['value']}")
            if found["arm"]:
                # Arms are in the order in which they are first mentioned.
                words.append(f"++arms.{found['arm']}={{}}")
        else:
            _check_word(word)
            words.append(f"++{word}" if word.startswith(_FREE) else word)
    return words, generate


def _check_word(word: str) -> None:
    key, sign, _ = word.lstrip("+~").partition("=")
    known = ("study", "real", *KEYS)
    if not sign:
        raise InputError(f"{word}: expected key=value" + did_you_mean(key, known))
    if key not in known and not key.startswith((*_FREE, "hydra.")) and key != "data.class_map":
        hint = did_you_mean(key, known)
        if key in GENERATE_KEYS:
            hint = f"; write overrides of `simgen generate` as base.{key}=..."
        raise InputError(f"{key}: unknown key of a study{hint}")


def _checked(name: str, config: StudyConfig) -> Study:
    for key, known in KEYS.items():
        value = value_of(config, key)
        if value is not None or not known.optional:
            known.rule.check(key, value)
    arms = {arm: _arm(arm, given) for arm, given in dict(config.arms).items()}
    if not arms:
        raise InputError(
            "arms: empty; add arms to compare, as in arms.plain.images=50 "
            "arms.random.materials.level=random"
        )
    if config.reference is not None and config.reference not in arms:
        raise InputError(
            f"reference={config.reference}: expected one of the arms {', '.join(arms)}"
        )
    for baseline in config.baselines:
        if baseline not in BASELINES:
            raise InputError(f"baselines={baseline}: expected some of {', '.join(BASELINES)}")
        if baseline in arms:
            raise InputError(f"arms.{baseline}: is the name of a baseline; choose another name")
    if config.trainer.name == "command" and not config.trainer.command:
        raise InputError("trainer.command=[]: expected a program, as in [python,train.py]")
    return Study(name, config, arms, config.reference or next(iter(arms)))


def _arm(name: str, given: Any) -> ArmConfig:
    given = {} if given is None else given
    if not isinstance(given, dict):
        raise InputError(
            f"arms.{name}: expected overrides, scenes, images, real, adapt; found {given!r}"
        )
    for key in given:
        if key not in _OF_ARMS:
            raise InputError(
                f"arms.{name}.{key}: unknown key; expected {', '.join(_OF_ARMS)}"
                + did_you_mean(str(key), _OF_ARMS)
            )
    try:
        arm = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(ArmConfig), given))
    except OmegaConfBaseException as error:
        raise InputError(f"arms.{name}: {explain(error)}") from error
    assert isinstance(arm, ArmConfig)
    if arm.images is not None and arm.images < 0:
        raise InputError(f"arms.{name}.images={arm.images}: expected a number from 0, or null")
    if not 0 <= arm.real <= 1:
        raise InputError(f"arms.{name}.real={arm.real}: expected a share from 0 to 1")
    if arm.images == 0 and arm.real == 0:
        raise InputError(f"arms.{name}: has no training images; set images or real above 0")
    _check_scenes(name, arm)
    _check_adapt(name, arm)
    return arm


def _check_scenes(name: str, arm: ArmConfig) -> None:
    repeated = [scene for scene, count in Counter(arm.scenes).items() if count > 1]
    if repeated:
        raise InputError(f"arms.{name}.scenes: {', '.join(repeated)} occurs more than once")
    own = next((word for word in arm.overrides if word.startswith("scene=")), None)
    if own and arm.scenes:
        raise InputError(
            f"arms.{name}: {own} and scenes=[{','.join(arm.scenes)}] both choose stages; "
            "remove one of them"
        )


def _check_adapt(name: str, arm: ArmConfig) -> None:
    if arm.adapt is None and arm.options:
        raise InputError(f"arms.{name}.options: require arms.{name}.adapt, which is not set")
    if arm.adapt is not None and arm.images == 0:
        raise InputError(f"arms.{name}.adapt={arm.adapt}: has no synthetic images to adapt")
    try:
        adapting_of(arm)
    except InputError as error:
        raise InputError(f"arms.{name}.adapt={arm.adapt}: {error}") from None


def adapting_of(arm: ArmConfig) -> tuple[Asked, ...]:
    """Return the methods that adapt an arm's images; empty for none. Raises `InputError`."""
    options = [f"{name}={value!r}" for name, value in arm.options.items()]
    return () if arm.adapt is None else asked_for(arm.adapt, options)


def shipped_studies() -> dict[str, str]:
    """Return the names of the built-in studies, each with the question it answers."""
    files = sorted((resource("configs") / "study").glob("*.yaml"))
    return {file.stem: str(OmegaConf.select(OmegaConf.load(file), "about")) for file in files}
