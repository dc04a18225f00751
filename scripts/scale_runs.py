"""Runs of the real command for the benchmarks, and their results; datasets of very many scenes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TINY = (
    *("render.width=64", "render.height=48", "render.samples=1", "render.denoise=false"),
    *("scene=flying", "assets.classes=[ball,box]", "objects.count_range=[1,2]"),
    "render.device=cpu",
)
"""Arguments for scenes that are generated as fast as possible."""
_LINKS = 30_000
"""Maximum number of links to one file. File systems allow little more than twice as many."""


@dataclass
class Run:
    """A run of `simgen generate` and its results."""

    folder: Path
    began: float
    """Seconds since the epoch."""
    seconds: float
    cpu: float
    memory_mb: float
    """Peak resident memory of its largest process."""
    output: str

    def reports(self) -> list[dict[str, Any]]:
        """Return the metrics of its scenes, in the order of their commits, at `time`."""
        found = []
        for path in sorted((self.folder / ".simgen" / "metrics").rglob("*.jsonl")):
            found += [json.loads(line) for line in path.read_text().splitlines()]
        mine = [report for report in found if report["time"] > self.began]
        return sorted(mine, key=lambda report: report["time"])


def command(folder: Path, words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "simgen", "generate", *words, f"output.dir={folder}"]


def generate(folder: Path, *words: str) -> Run:
    with tempfile.TemporaryFile("w+") as output:
        began, clock = time.time(), time.perf_counter()
        process = subprocess.Popen(command(folder, words), stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - clock
        output.seek(0)
        text = output.read()
    if status:
        sys.exit(text)
    cpu = usage.ru_utime + usage.ru_stime
    return Run(folder, began, seconds, cpu, usage.ru_maxrss / 1024, text)


def make_stubs(folder: Path, scenes: int, words: Sequence[str]) -> None:
    """Create a dataset whose scenes are all copies of its first one. They share their files'
    blocks."""
    generate(folder, *words, "num_scenes=1")
    multiply(folder, scenes)


def multiply(folder: Path, scenes: int) -> None:
    """Extend a dataset with a single scene to many scenes, like `make_stubs`."""
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


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print(f"\n{head[0]:34}" + "".join(f"{name:>14}" for name in head[1:]))
    for name, *values in rows:
        cells = (
            f"{value:14.2f}" if isinstance(value, float) else f"{value:>14}" for value in values
        )
        print(f"{name:34}" + "".join(cells))


def verdict(what: str, reached: bool) -> None:
    print(f"  target: {what} ({'reached' if reached else 'MISSED'})")
