"""Every config key, its type, its bounds, and which labels a config asks for."""

from simgen.config.bounds import CHANCES, FACTORS, NAMES, WHOLE
from simgen.config.checks import check, label_names, value_of
from simgen.config.rivals import settle_rivals
from simgen.config.schema import (
    HDRIS,
    AssetsConfig,
    CameraConfig,
    Config,
    DistractorsConfig,
    LightingConfig,
    MaterialsConfig,
    MotionConfig,
    ObjectsConfig,
    PlacementConfig,
    RenderConfig,
    RunnerConfig,
    SceneConfig,
    SensorConfig,
)
from simgen.config.shards import Shard, shard_of

__all__ = [
    "CHANCES",
    "FACTORS",
    "HDRIS",
    "NAMES",
    "WHOLE",
    "AssetsConfig",
    "CameraConfig",
    "Config",
    "DistractorsConfig",
    "LightingConfig",
    "MaterialsConfig",
    "MotionConfig",
    "ObjectsConfig",
    "PlacementConfig",
    "RenderConfig",
    "RunnerConfig",
    "SceneConfig",
    "SensorConfig",
    "Shard",
    "check",
    "label_names",
    "settle_rivals",
    "shard_of",
    "value_of",
]
