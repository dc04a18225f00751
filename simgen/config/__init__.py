"""Every config key, its type and its bounds."""

from simgen.config.bounds import CHANCES, FACTORS, NAMES, WHOLE
from simgen.config.checks import check, value_of
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
    "check",
    "settle_rivals",
    "value_of",
]
