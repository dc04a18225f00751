"""The typed schema of the whole config. Hydra refuses unknown keys and wrong types against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simgen.config.camera import CameraConfig, MotionConfig, TracksConfig
from simgen.config.imaging import RenderConfig, SensorConfig
from simgen.config.keys import ConfigKey, Factor, Names, Probability, key, keys_of, weighted_names
from simgen.config.lidar import LidarConfig
from simgen.config.lighting import LightingConfig
from simgen.config.running import OutputConfig, RunConfig, RunnerConfig
from simgen.config.weather import WeatherConfig
from simgen.config.world import (
    AssetsConfig,
    DistractorsConfig,
    MaterialsConfig,
    ObjectsConfig,
    PlacementConfig,
    SceneConfig,
)


@dataclass
class Config:
    seed: int = key(0, "Seed of all random draws. The same seed makes the same dataset.")
    num_scenes: int = key(
        10,
        "Number of scenes. May be raised later: the dataset grows.",
        at_least=1,
        at_most=10_000_000,
    )
    frames_per_scene: int = key(
        1,
        "Images of each scene: views of one moment, or a sequence in time (camera.path).",
        at_least=1,
        at_most=100_000,
    )
    labels: Any = key(
        "detection",
        "A list such as [rgb,depth], or a preset: detection, pose, flow, all. docs/labels.md "
        "lists every label.",
    )
    scene: SceneConfig = field(default_factory=SceneConfig)
    assets: AssetsConfig = field(default_factory=AssetsConfig)
    objects: ObjectsConfig = field(default_factory=ObjectsConfig)
    distractors: DistractorsConfig = field(default_factory=DistractorsConfig)
    placement: PlacementConfig = field(default_factory=PlacementConfig)
    materials: MaterialsConfig = field(default_factory=MaterialsConfig)
    lighting: LightingConfig = field(default_factory=LightingConfig)
    weather: WeatherConfig = field(default_factory=WeatherConfig)
    camera: CameraConfig = field(default_factory=CameraConfig)
    motion: MotionConfig = field(default_factory=MotionConfig)
    tracks: TracksConfig = field(default_factory=TracksConfig)
    lidar: LidarConfig = field(default_factory=LidarConfig)
    render: RenderConfig = field(default_factory=RenderConfig)
    sensor: SensorConfig = field(default_factory=SensorConfig)
    splits: list[str] = weighted_names(
        ["train:0.8", "val:0.1", "test:0.1"],
        "Splits of the dataset, as name:weight. A scene never changes its split when the dataset "
        "grows.",
    )
    cases: list[Any] = key(
        [],
        "Rare cases and how many scenes they get; docs/worlds.md describes how they are written.",
    )
    fitted_to: list[str] = key(
        [],
        "Names of the real datasets that this config was fitted to, for the dataset's card. It "
        "changes nothing else; `simgen fit` writes it.",
    )
    runner: RunnerConfig = field(default_factory=RunnerConfig)
    run: RunConfig = field(default_factory=RunConfig)
    output: OutputConfig = field(default_factory=OutputConfig)


KEYS: dict[str, ConfigKey] = {found.name: found for found in keys_of(Config)}
"""Every key, in the order of the schema, by its name with dots."""
SECTIONS: tuple[str, ...] = tuple(
    dict.fromkeys(
        ".".join(parts[: depth + 1])
        for parts in (name.split(".") for name in KEYS)
        for depth in range(len(parts) - 1)
    )
)
"""Every group of keys, such as `lighting` and `lighting.sky`."""
FACTORS: dict[str, Factor] = {
    name: found.rule for name, found in KEYS.items() if isinstance(found.rule, Factor)
}
"""Numbers that are drawn."""
NAMES: dict[str, Names] = {
    name: found.rule for name, found in KEYS.items() if isinstance(found.rule, Names)
}
"""Lists of names to draw from."""
PROBABILITIES: dict[str, Probability] = {
    name: found.rule for name, found in KEYS.items() if isinstance(found.rule, Probability)
}
"""Probabilities of something that happens or does not."""
