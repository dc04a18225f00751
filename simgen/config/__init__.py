"""Every config key: its type, default, rule and help, and the distributions that factors have.

Comes in: what a user wrote.
Goes out: a checked `Config`, the distribution of each of its factors, draws from them.
May import: geometry, spec.
"""

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
