"""Resuming a very large dataset, for `bench_scale.py`: one scene, and its files again and again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from scale_runs import TINY, Run, generate, print_table, verdict

AIM = 10.0
"""Seconds."""
_LINKS = 30_000
"""To one file. File systems allow little more than twice as many."""
_NEW = 2
"""Scenes that are added."""


def measure_resume(folder: Path, scenes: int, more: Sequence[str]) -> None:
    """Time a run that finds a dataset whole, one that adds scenes to it, and one after that."""
    words = (*TINY, *more)
    make_stubs(folder, scenes, words)
    unfinished = generate(folder, *words, f"num_scenes={scenes}")
    nothing = generate(folder, *words, f"num_scenes={scenes}")
    grown = generate(folder, *words, f"num_scenes={scenes + _NEW}")
    first = grown.reports()[0]
    until = first["time"] - first["seconds"] - grown.began
    rows = [
        _row("nothing left to do", nothing),
        ("a scene more, until it begins", until, "", ""),
        _row(f"{_NEW} scenes more, COCO made again", grown),
        _row("no scene more, COCO made first", unfinished),
    ]
    print_table((f"{scenes} scenes", "wall s", "CPU s", "most MB"), rows)
    verdict(f"goes on within {AIM:.0f} s", max(nothing.seconds, until) < AIM)


def _row(name: str, run: Run) -> tuple[str, float, float, float]:
    return name, run.seconds, run.cpu, run.memory_mb


def make_stubs(folder: Path, scenes: int, words: Sequence[str]) -> None:
    """A dataset whose scenes are all copies of its first one. They share their files' blocks."""
    generate(folder, *words, "num_scenes=1")
    multiply(folder, scenes)


def multiply(folder: Path, scenes: int) -> None:
    """Make a dataset of many scenes of one that has a single scene, as `make_stubs` does."""
    template = folder / "scenes" / "000000"
    for number in range(1, scenes):
        copy = folder / "scenes" / f"{number:06d}"
        if number % _LINKS == 0:
            shutil.copytree(template, copy)
            template = copy
            continue
        copy.mkdir()
        for file in os.scandir(template):
            os.link(file.path, copy / file.name)
    manifest = folder / "dataset.json"
    plain = json.loads(manifest.read_text())
    plain["num_scenes"] = plain["config"]["num_scenes"] = scenes
    manifest.write_text(json.dumps(plain))
