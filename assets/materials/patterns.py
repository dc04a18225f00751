"""Abstract patterns, for domain randomization."""

from __future__ import annotations

from collections.abc import Callable

from simgen.rendering.blender.nodes import Graph, Recipe, Socket
from simgen.spec.scene import MaterialSpec

from .parts import face_plane


def _pattern(g: Graph, spec: MaterialSpec, p: Socket) -> None:
    """Wire a motif in two colours; `spec.scale` is its period, and the offset also rotates it."""
    plane = g.turn(face_plane(g, p), spec.offset[2])
    one = 1.0 / spec.scale
    figure = _MOTIFS[spec.motif](g, g.stretch(plane, one, one, 0.0), p, spec.scale)
    g.set(base_color=g.mix(figure, spec.color_a, spec.color_b))
    g.bump(g.noise(p, spec.scale * 0.3, 2.0), spec.bump)


def _plain(g: Graph, uv: Socket, p: Socket, size: float) -> float:
    return 0.0


def _stripes(g: Graph, uv: Socket, p: Socket, size: float) -> Socket:
    u, _, _ = g.parts(uv)
    return g.math("LESS_THAN", g.math("FRACT", u), 0.5)


def _checks(g: Graph, uv: Socket, p: Socket, size: float) -> Socket:
    u, v, _ = g.parts(uv)
    ways = [g.math("LESS_THAN", g.math("FRACT", axis), 0.5) for axis in (u, v)]
    return g.math("ABSOLUTE", g.math("SUBTRACT", *ways))


def _dots(g: Graph, uv: Socket, p: Socket, size: float) -> Socket:
    u, v, _ = g.parts(uv)
    within = g.join(g.math("FRACT", u), g.math("FRACT", v))
    return g.math("LESS_THAN", g.vector("DISTANCE", within, (0.5, 0.5, 0.0)), 0.3)


def _gradient(g: Graph, uv: Socket, p: Socket, size: float) -> Socket:
    u, _, _ = g.parts(uv)
    return g.math("MULTIPLY", g.math("PINGPONG", u, 0.5), 2.0)


def _clouds(g: Graph, uv: Socket, p: Socket, size: float) -> Socket:
    return g.remap(g.noise(p, size, 5.0), 0.35, 0.65)


def _cells(g: Graph, uv: Socket, p: Socket, size: float) -> Socket:
    shade, _, _ = g.parts(g.cells(p, size).outputs["Color"])
    return shade


_MOTIFS: dict[str, Callable[[Graph, Socket, Socket, float], Socket | float]] = {
    "": _plain,
    "plain": _plain,
    "stripes": _stripes,
    "checks": _checks,
    "dots": _dots,
    "gradient": _gradient,
    "noise": _clouds,
    "cells": _cells,
}


RECIPES: dict[str, Recipe] = {
    "pattern": _pattern,
}
