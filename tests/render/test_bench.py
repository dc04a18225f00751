"""The benchmarks run and print what they promise. What the figures are is not tested here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from simgen.labels import LABELS

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_MEASURED = ("rgb", "rgb_right", "camera", "coco")
"""Images, what is always there, and what is made once for a whole dataset."""


@pytest.mark.render
def test_the_overhead_benchmark_prints_costs_and_ratios() -> None:
    words = ["--samples", "1", "--frames", "2", "--rounds", "1"]
    command = [sys.executable, str(ROOT / "scripts" / "bench_overhead.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(.+?, (?:cpu|wall) s) +([\d.]+) +([\d.]+) +([\d.]+)$", done.stdout, re.M)
    assert [row[0] for row in rows] == [
        f"{what}, {unit} s"
        for what, unit in [
            ("first frame", "cpu"), ("further frame", "cpu"),
            ("first frame", "wall"), ("further frame", "wall"),
            ("import", "cpu"), ("import", "wall"),
        ]
    ]  # fmt: skip
    assert all(float(bare) > 0 and float(mine) > 0 for _, bare, mine, _ in rows)


@pytest.mark.render
def test_the_label_benchmark_prints_every_label() -> None:
    words = ["--width", "64", "--height", "48", "--samples", "1", "--frames", "3"]
    words += ["--rounds", "1", "--counts", "4", "8"]
    command = [sys.executable, str(ROOT / "scripts" / "bench_labels.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(\S.*?) +(-?[\d.]+) +(-?[\d.]+) +-?[\d.]+% +-?[\d.]+$", done.stdout, re.M)
    found = [name for name, _, _ in rows]
    single = [name for name in LABELS if name not in NOT_MEASURED]
    assert found == [*single, "all but intrinsic", "all labels"]
    assert float(rows[-1][1]) > 0
    verdicts = re.findall(r"^  aim: at most 1.0 CPU s \((reached|MISSED)\)$", done.stdout, re.M)
    assert len(verdicts) == 2
    growth = re.findall(r"^ +(\d+) objects +([\d.]+)", done.stdout, re.M)
    assert [int(count) for count, _ in growth] == [4, 8]
