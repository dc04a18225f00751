"""The typed schema of the config. Hydra uses it to reject unknown keys and wrong types."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simgen.config.background import BackgroundConfig
from simgen.config.camera import CameraConfig, MotionConfig, TracksConfig
from simgen.config.depth_camera import DepthCameraConfig
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
    seed: int = key(0, "Seed of all random numbers. The same seed generates the same dataset.")
    num_scenes: int = key(
        10,
        "Number of scenes. It may be increased later; the dataset then grows.",
        at_least=1,
        at_most=10_000_000,
    )
    frames_per_scene: int = key(
        1,
        "Number of images per scene: views of one moment, or a sequence in time (camera.path).",
        at_least=1,
        at_most=100_000,
    )
    labels: Any = key(
        "detection",
        "Labels to generate: a list such as [rgb,depth], or a preset: detection, pose, flow, all. "
        "docs/labels.md lists every label.",
    )
    scene: SceneConfig = field(default_factory=SceneConfig)
    background: BackgroundConfig = field(default_factory=BackgroundConfig)
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
    depth_camera: DepthCameraConfig = field(default_factory=DepthCameraConfig)
    render: RenderConfig = field(default_factory=RenderConfig)
    sensor: SensorConfig = field(default_factory=SensorConfig)
    splits: list[str] = weighted_names(
        ["train:0.8", "val:0.1", "test:0.1"],
        "Splits of the dataset, as name:weight. Scenes keep their split when the dataset grows.",
    )
    cases: list[Any] = key(
        [],
        "Rare cases and the number of scenes for each; docs/worlds.md describes the syntax.",
    )
    fitted_to: list[str] = key(
        [],
        "Names of the real datasets that this config was fitted to, shown on the dataset's card. "
        "It has no other effect; `simgen fit` writes it.",
    )
    runner: RunnerConfig = field(default_factory=RunnerConfig)
    run: RunConfig = field(default_factory=RunConfig)
    output: OutputConfig = field(default_factory=OutputConfig)


KEYS: dict[str, ConfigKey] = {found.name: found for found in keys_of(Config)}
"""Every key by its dotted name, in the order of the schema."""
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
"""Sampled numbers."""
NAMES: dict[str, Names] = {
    name: found.rule for name, found in KEYS.items() if isinstance(found.rule, Names)
}
"""Lists of names to sample from."""
PROBABILITIES: dict[str, Probability] = {
    name: found.rule for name, found in KEYS.items() if isinstance(found.rule, Probability)
}
"""Probabilities of events."""
