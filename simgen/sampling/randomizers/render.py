"""Render settings of a scene. Only the seed of the noise is sampled."""

from __future__ import annotations

from simgen.config.draws import Draws
from simgen.spec.scene import RenderSpec


def draw_render(draws: Draws) -> RenderSpec:
    render = draws.config.render
    return RenderSpec(
        width=render.width,
        height=render.height,
        samples=render.samples,
        denoise=render.denoise,
        max_bounces=render.max_bounces,
        seed=int(draws.stream("noise").integers(2**31 - 1)),
        noise_threshold=float(render.noise_threshold),
        denoise_quality=render.denoise_quality,
        diffuse_bounces=render.diffuse_bounces,
        glossy_bounces=render.glossy_bounces,
        clamp_indirect=float(render.clamp_indirect),
        light_tree=render.light_tree,
        denoiser=render.denoiser,
        depth_bits=render.depth_bits,
    )
