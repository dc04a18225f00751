"""The benchmark runs and prints what it promises. What the figures are is not tested here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


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
