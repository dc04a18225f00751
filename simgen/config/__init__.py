"""Every config key with its type, default, bounds and help text, and the distributions of factors.

Input: what a user wrote, in YAML or on the command line.
Output: a validated `Config`, the distribution of each factor, and values sampled from them.
May import: geometry, spec.
"""

from simgen.config.calibrated import moments_of
from simgen.config.checks import check
from simgen.config.keys import value_of
from simgen.config.lighting import HDRIS
from simgen.config.parse import DISTRIBUTIONS, parse
from simgen.config.rivals import settle_rivals
from simgen.config.schema import (
    FACTORS,
    KEYS,
    NAMES,
    PROBABILITIES,
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
    WeatherConfig,
)
from simgen.config.shards import Shard, shard_of
from simgen.config.world import FURNISHING_LABELS
