"""The benchmarks run and print what they promise. What the figures are is not tested here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from simgen.labels.registry import LABELS

pytestmark = pytest.mark.exhaustive

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
    verdicts = re.findall(r"^  target: at most 1.0 CPU s \((reached|MISSED)\)$", done.stdout, re.M)
    assert len(verdicts) == 2
    growth = re.findall(r"^ +(\d+) objects +([\d.]+)", done.stdout, re.M)
    assert [int(count) for count, _ in growth] == [4, 8]


@pytest.mark.render
def test_the_quality_benchmark_prints_every_preset(tmp_path: Path) -> None:
    words = ["--quick", "--cache", str(tmp_path)]
    command = [sys.executable, str(ROOT / "scripts" / "bench_quality.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(\S+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)$", done.stdout, re.M)
    contestants = ["defaults-16", "defaults-32", "defaults-64", "fast"]
    contestants += ["draft", "standard", "high"]
    assert [row[0] for row in rows] == contestants
    assert all(float(cpu) > 0 and 0 < float(ssim) <= 1 for _, cpu, _, _, ssim in rows)
    # Something else than the scene, or another brightness of it, is below 20 dB.
    assert all(float(psnr) > 20 for _, _, _, psnr, _ in rows)
    assert len(re.findall(r"^target: .*\((reached|MISSED)\)$", done.stdout, re.M)) == 1
    assert len(list(tmp_path.glob("*.png"))) == 1


def scale(*words: str) -> str:
    command = [sys.executable, str(ROOT / "scripts" / "bench_scale.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def verdicts(output: str) -> int:
    return len(re.findall(r"^  target: .*\((reached|MISSED)\)$", output, re.M))


@pytest.mark.render
def test_the_scale_benchmark_compares_workers() -> None:
    tiny = ["render.samples=1", "render.width=64", "render.height=48", "render.denoise=false"]
    words = ["--scenes", "4", "--rounds", "1", "--setting", "small frames"]
    output = scale(*words, "scene=flying", "assets.classes=[ball,box]", *tiny)
    rows = re.findall(r"^(\S.*?) {2,}([\d.]+) +([\d.]+)$", output, re.M)
    every = ["images per minute", "CPU s per scene", "wall s per scene"]
    assert [row[0] for row in rows] == every
    assert all(float(one) > 0 and float(two) > 0 for _, one, two in rows)
    assert verdicts(output) == 1
    start = dict(re.findall(r"^(command|new worker|minimal scene).*? {2,}([\d.]+)$", output, re.M))
    assert float(start["command"]) > 0
    assert float(start["new worker"]) > 0


@pytest.mark.render
def test_the_scale_benchmark_watches_memory() -> None:
    output = scale("--memory", "--scenes", "8")
    assert re.search(r"^supervisor +resident MB +handles", output, re.M)
    assert re.search(r"^worker 0 +resident MB +handles", output, re.M)
    rows = re.findall(r"^(\d+) scenes +([\d.]+) +(\d+) +(\d+) +(\d+) +(\d+)$", output, re.M)
    assert rows
    assert all(float(memory) > 50 and int(handles) > 3 for _, memory, handles, *_ in rows)
    assert verdicts(output) == 2


@pytest.mark.render
def test_the_scale_benchmark_resumes_stubs() -> None:
    output = scale("--resume", "--scenes", "40")
    rows = re.findall(r"^(\S.*?) {2,}([\d.]+)", output, re.M)
    assert [name for name, _ in rows] == [
        "nothing left to do",
        "one more scene, until it begins",
        "2 more scenes, COCO rewritten",
        "no new scenes, COCO written first",
    ]
    assert verdicts(output) == 1
