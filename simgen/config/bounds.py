"""What each config key may be, as far as that is more than its type: numbers and names."""

from __future__ import annotations

from simgen.config.schema import HDRIS
from simgen.distributions import Bounds
from simgen.furnishings import CHOICES as FURNISHINGS
from simgen.lens import MODELS
from simgen.motion import KINDS

MAX_INSTANCES = 1_000_000
"""Objects in a scene. Far more than a scene can be built of in reasonable time."""

NUMBERS: dict[str, Bounds] = {
    "num_scenes": (1, 10_000_000),
    "frames_per_scene": (1, 100_000),
    "assets.unit": (1e-9, 1e6),
    "assets.max_triangles": (1, 5_000_000),
    "assets.max_file_mb": (0.001, 10_000),
    "placement.max_seconds": (1.0, 600),
    "placement.spread": (0.0, 10.0),
    "materials.texture_probability": (0.0, 1.0),
    "lighting.sun_probability": (0.0, 1.0),
    "camera.sensor_width_mm": (0.1, 1000),
    "camera.shake": (0.0, 100.0),
    "camera.pixel_aspect": (0.1, 10.0),
    "camera.shutter": (0.0, 1.0),
    "camera.row_exposure": (0.001, 1.0),
    "camera.stereo_baseline": (0.0, 100.0),
    "camera.attempts": (1, 10_000),
    "camera.recognisable": (0.0, 1.0),
    "camera.min_object_px": (0.0, 100_000.0),
    "motion.probability": (0.0, 1.0),
    "motion.deform_probability": (0.0, 1.0),
    "motion.frame_rate": (0.1, 10_000),
    "tracks.count": (1, 100_000),
    "render.width": (4, 16_384),  # Blender has no smaller images
    "render.height": (4, 16_384),
    "render.samples": (1, 1_048_576),
    "render.noise_threshold": (0.0, 1.0),
    "render.max_bounces": (0, 1024),
    "render.diffuse_bounces": (0, 1024),
    "render.glossy_bounces": (0, 1024),
    "render.clamp_indirect": (0.0, 1e6),
    "runner.workers": (1, 1024),
    "runner.gpu_memory_gb": (0.01, 10_000),
    "runner.max_retries": (0, 1000),
    "runner.max_losses": (0, 10_000),
    "runner.retry_seconds": (0.0, 3600),
    "runner.max_failures": (0, None),
    "runner.scene_timeout": (1, None),
    "runner.grace_seconds": (0.0, 86_400),
    "runner.recycle_scenes": (1, None),
    "runner.recycle_growth_mb": (1, None),
    "runner.ray.cpus_per_worker": (0.01, 1024),
    "runner.ray.gpus_per_worker": (0.0, 64),
    "runner.ray.wait_seconds": (0.0, None),
    "runner.slurm.tasks": (1, 10_000),
    "runner.slurm.parallel": (1, 10_000),
    "runner.slurm.minutes": (1, 525_600),
    "runner.slurm.cpus_per_task": (1, 4096),
    "runner.slurm.gpus_per_task": (0, 64),
    "runner.slurm.memory_gb": (0.1, 100_000),
}
"""What each number may be: (lowest, highest). None means no bound."""
FACTORS: dict[str, Bounds] = {
    "scene.size_range": (0.05, 500),
    "objects.count_range": (1, MAX_INSTANCES),
    "objects.scale_range": (1e-3, 1e3),
    "objects.size_range": (1e-3, 1e3),
    "distractors.count_range": (0, 10_000),
    "placement.gap_range": (0.0, 100.0),
    "materials.texture_size_range": (1e-3, 1e3),
    "lighting.strength_range": (1e-4, 1e4),
    "lighting.temperature_range": (1700.0, 20_000.0),
    "lighting.tint_range": (-1.0, 1.0),
    "lighting.area_count_range": (0, 100),
    "lighting.sky.hour_range": (0.0, 24.0),
    "lighting.sky.latitude_deg_range": (-90.0, 90.0),
    "lighting.sky.day_range": (1, 366),
    "lighting.sky.haze_range": (0.0, 10.0),
    "lighting.sky.overcast_range": (0.0, 1.0),
    "lighting.studio.softness_range": (0.01, 10.0),
    "lighting.studio.contrast_range": (1.0, 1000.0),
    "lighting.indoor.lamps_range": (0, 100),
    "lighting.indoor.daylight_range": (0.0, 1.0),
    "camera.elevation_deg_range": (-90.0, 90.0),
    "camera.azimuth_deg_range": (-360.0, 360.0),
    "camera.focal_length_mm_range": (1.0, 5000.0),
    "camera.fill_range": (0.01, 5.0),
    "camera.roll_deg_range": (-180.0, 180.0),
    "camera.distance_range": (0.001, 10_000.0),
    "camera.height_range": (-1000.0, 10_000.0),
    "camera.object_px_range": (1.0, 100_000.0),
    "camera.gsd_range": (1e-6, 1000.0),
    "camera.travel_range": (0.0, 10.0),
    "camera.f_stop_range": (0.05, 1000.0),
    "camera.focus_range": (0.01, 100.0),
    "motion.travel_range": (0.0, 10.0),
    "motion.turn_deg_range": (0.0, 3600.0),
    "sensor.exposure_range": (-10.0, 10.0),
    "sensor.effect_count_range": (0, 100),
    "sensor.white_balance_range": (-1.0, 1.0),
    "sensor.vignetting_range": (0.0, 1.0),
    "sensor.chromatic_aberration_range": (0.0, 20.0),
    "sensor.blur_range": (0.0, 50.0),
    "sensor.iso_range": (10.0, 1e6),
    "sensor.sharpening_range": (0.0, 10.0),
    "sensor.contrast_range": (0.1, 5.0),
    "sensor.saturation_range": (0.0, 5.0),
    "sensor.jpeg_quality_range": (1, 100),
}
"""Keys whose value is drawn, and what it may be."""
WHOLE = {
    "objects.count_range",
    "distractors.count_range",
    "lighting.area_count_range",
    "lighting.sky.day_range",
    "lighting.indoor.lamps_range",
    "sensor.effect_count_range",
    "sensor.jpeg_quality_range",
}
"""Those of them that are whole numbers."""
CHANCES = {"lighting.sun_probability", "motion.probability", "motion.deform_probability"}
"""Numbers that are the probability of something which a scene, or an object, then has or not."""
PAIRS: dict[str, Bounds] = {
    "assets.size_range": (1e-6, 1e6),
    "camera.visible_range": (0.0, 1.0),
    "camera.inside_range": (0.0, 1.0),
}
"""Pairs [min, max] that are not drawn from, and what both ends may be."""
NAMES: dict[str, tuple[str, ...]] = {
    "placement.methods": ("drop", "scatter", "grid", "stack", "float"),
    "placement.poses": ("upright", "side", "upside_down", "tumbled"),
    "lighting.kinds": ("hdri", "sky", "studio", "indoor", "night"),
    "lighting.hdris": HDRIS,
    "motion.deform_kinds": KINDS,
    "sensor.effects": (
        *("white_balance", "vignetting", "chromatic_aberration", "blur", "noise", "bayer"),
        *("sharpening", "jpeg"),
    ),
}
"""Keys that list names to pick from, with or without weights."""
MAY_BE_EMPTY = {"lighting.hdris", "sensor.effects"}
"""Those of them that may list no name at all."""
CHOICES: dict[str, tuple[str, ...]] = {
    "scene.label_furnishings": FURNISHINGS,
    "assets.up": ("auto", "y", "z"),
    "materials.level": ("realistic", "plausible", "random"),
    "sensor.metering": ("scene", "fixed"),
    "render.device": ("auto", "cpu", "cuda", "optix", "hip", "oneapi", "metal"),
    "render.denoise_quality": ("fast", "balanced", "high"),
    "runner.name": ("local", "ray", "slurm"),
    "runner.slurm.cluster": ("slurm", "local"),
    "camera.path": ("views", "static", "orbit", "dolly", "linear", "handheld"),
    "camera.aim": ("pile", "object", "sphere"),
    "camera.model": MODELS,
    "motion.objects": ("none", "keyframed", "physics"),
}
"""Keys that are one of some names."""
OPTIONAL = {
    *("camera.f_stop_range", "camera.distance_range", "camera.height_range"),
    *("camera.object_px_range", "camera.gsd_range"),
    "objects.size_range",
}
"""Factors that may be null."""
