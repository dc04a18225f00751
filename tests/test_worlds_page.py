"""docs/worlds.md shows every stage and every distribution."""

from __future__ import annotations

from pathlib import Path

from simgen.config import DISTRIBUTIONS
from simgen.stages.registry import stage_names

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "worlds.md").read_text(encoding="utf-8")


def test_every_distribution_and_stage_is_shown() -> None:
    assert all(f"`[{name}," in PAGE or f"or `[{name}," in PAGE for name in DISTRIBUTIONS)
    for name in (*stage_names(), "blend"):
        assert f"| `{name}` |" in PAGE
    for name in stage_names():
        assert f"](images/scenes/{name}.jpg)" in PAGE
