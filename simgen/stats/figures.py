"""Figures as inline SVG, plotted with matplotlib and coloured by the page's style sheet.

Placeholder colours stand for roles; in the SVG they become CSS variables, so that a figure works on
light and dark pages. Matplotlib's global state is not changed.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK, LINE, FIRST, SECOND, WARN = "#010101", "#020202", "#030303", "#040404", "#050505"
PARTS = ("#030303", "#060606", "#070707", "#080808", "#090909", "#0a0a0a")
"""Colours of stacked bars, one per split."""
ROLES = {
    INK: "--ink", LINE: "--line", FIRST: "--first", SECOND: "--second", WARN: "--warn",
    **{colour: f"--part{number}" for number, colour in enumerate(PARTS) if number},
}  # fmt: skip
_HEAT = np.array([0x2B, 0x7B, 0xC4]) / 255
"""Used with varying opacity, so that it works on light and dark pages."""
_ROOT = r'<svg viewBox="\1" aria-hidden="true" focusable="false">'
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.linewidth": 0.8,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.5,
    "grid.alpha": 0.6,
    "axes.formatter.useoffset": False,
    "axes.unicode_minus": False,
}


def svg(name: str, draw: Callable[[Axes], None], size: tuple[float, float] = (4.4, 2.5)) -> Markup:
    """Return a figure with one plot as SVG; deterministic.

    name: unique within the page, since ids are derived from it. size: inches; it determines the
    size of text relative to the figure.
    """
    with mpl.rc_context(_STYLE | {"svg.hashsalt": name}):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.add_subplot())
        buffer = io.StringIO()
        with warnings.catch_warnings():  # the browser's fonts have the glyphs
            warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
            figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return Markup(_inline(buffer.getvalue()))


def _inline(text: str) -> str:
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # A style element within an inline SVG would apply to the entire page.
    text = re.sub(r"<style[^>]*>.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', _ROOT, text, count=1)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'\bstyle="[^"]*"', _with_variables, text)
    text = re.sub(r'\bd="[^"]*"', _rounded, text)
    return re.sub(r">\s+<", "><", text).strip()


def _with_variables(found: re.Match[str]) -> str:
    return re.sub(r"#0[0-9a-f]0[0-9a-f]0[0-9a-f]\b", _variable, found.group())


def _rounded(found: re.Match[str]) -> str:
    """Round a path to hundredths of a point: finer than any screen, and half as long."""
    return re.sub(r"(\d+\.\d\d)\d+", r"\1", found.group())


def _variable(found: re.Match[str]) -> str:
    role = ROLES.get(found.group())
    return found.group() if role is None else f"var({role})"


def bars(axes: Axes, edges: np.ndarray, heights: np.ndarray, *, gaps: bool = False) -> None:
    """Plot the first dataset's histogram, filled. gaps: separate the bars, for integers."""
    if gaps:
        widths = 0.86 * np.diff(edges)
        axes.bar((edges[:-1] + edges[1:]) / 2, heights, widths, color=FIRST, alpha=0.85)
    else:
        axes.stairs(heights, edges, fill=True, color=FIRST, alpha=0.85, linewidth=0)


def outline(axes: Axes, edges: np.ndarray, heights: np.ndarray, colour: str = SECOND) -> None:
    """Plot the second dataset's histogram as a line."""
    axes.stairs(heights, edges, color=colour, linewidth=1.6)


def heat(axes: Axes, values: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    """Plot a map of counts, from transparent (0) to full colour (maximum).

    extent: left, right, bottom, top; the first row of `values` is at the top.
    """
    level = np.sqrt(values / max(1.0, float(values.max())))
    colours = np.empty((*values.shape, 4))
    colours[..., :3], colours[..., 3] = _HEAT, level
    axes.imshow(colours, extent=extent, interpolation="none", aspect="auto")


def clean(axes: Axes, *, grid: str = "y") -> None:
    """Apply the common style of all plots."""
    axes.grid(visible=True, axis=grid)  # type: ignore[arg-type]
    axes.tick_params(length=0)
    axes.tick_params(axis="x", pad=5)
    axes.margins(x=0.02)
