"""Benchmark of runs apart from rendering: workers, start-up, memory, and time to resume.

    python scripts/bench_scale.py                            images per minute, fixed cost, start-up
    python scripts/bench_scale.py --memory --scenes 2000     resident memory, handles, /dev/shm
    python scripts/bench_scale.py --resume --scenes 100000   resuming a dataset of stubs
    python scripts/bench_scale.py --overlap                  labelling while the next frame renders

All of them run the real command; arguments such as `scene=room` are passed to it. On shared
machines only the ratios of the first benchmark are meaningful: the runs with one and with two
workers alternate, over the same scenes.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scale_memory import measure_memory
from scale_overlap import measure_overlap
from scale_runs import TINY, Run, generate, make_stubs, print_table, verdict

SETTINGS = {
    "32 samples": (("render.samples=32", "render.width=320", "render.height=240"), 1.0),
    "small frames": (("render.samples=4", "render.width=128", "render.height=96"), 1.5),
}
"""Arguments, and target speed-up of two workers over one worker with all cores."""
RESUME_AIM = 10.0
"""Target, seconds."""
_NEW = 2
"""Number of added scenes."""


def steady_rate(reports: Sequence[dict[str, Any]]) -> float:
    """Return scenes per minute while all workers are busy: from each worker's first commit to its
    last."""
    rate = 0.0
    for worker in {report["worker"] for report in reports}:
        ends = [report["time"] for report in reports if report["worker"] == worker]
        if len(ends) > 1:
            rate += 60 * (len(ends) - 1) / (ends[-1] - ends[0])
    return rate


def compare_workers(
    root: Path, settings: Sequence[str], scenes: int, rounds: int, more: Sequence[str]
) -> None:
    for name in settings:
        words, aim = SETTINGS[name]
        runs: dict[int, list[list[dict[str, Any]]]] = {1: [], 2: []}
        for number in range(rounds):
            for workers, made in runs.items():
                folder = root / f"{name.replace(' ', '-')}-{workers}-{number}"
                every = (*words, f"num_scenes={scenes}", f"runner.workers={workers}", *more)
                made.append(generate(folder, *every).reports())
                shutil.rmtree(folder)
        print_table((name, "1 worker", "2 workers"), list(_speed_rows(runs)))
        pairs = zip(runs[2], runs[1], strict=True)
        ratio = statistics.median(steady_rate(two) / steady_rate(one) for two, one in pairs)
        print(f"  2 workers generate {ratio:.2f} times as many images")
        verdict(f"at least {aim} times", ratio >= aim)


def _speed_rows(runs: dict[int, list[list[dict[str, Any]]]]) -> Iterator[tuple[object, ...]]:
    later = {workers: [r for made in many for r in _later(made)] for workers, many in runs.items()}
    yield (
        "images per minute",
        *(statistics.median(steady_rate(made) for made in many) for many in runs.values()),
    )
    for key, name in (("cpu_seconds", "CPU s per scene"), ("seconds", "wall s per scene")):
        yield name, *(statistics.median(r[key] for r in found) for found in later.values())
    for stage in next(iter(later.values()))[0]["stages"]:
        yield (
            f"  {stage}, wall s",
            *(statistics.median(r["stages"][stage] for r in found) for found in later.values()),
        )


def _later(reports: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the reports without the first scene of each worker, which includes its start-up."""
    firsts: dict[str, dict[str, Any]] = {}
    for report in reports:
        firsts.setdefault(report["worker"], report)
    return [report for report in reports if report is not firsts[report["worker"]]]


def measure_start(root: Path, rounds: int) -> None:
    """Measure the time until the first scenes are generated, and the cost of a new worker during a
    run."""
    first, worker, fixed, cpu = [], [], [], []
    for number in range(rounds):
        run = generate(root / f"start-{number}", *TINY, "num_scenes=8", "runner.recycle_scenes=4")
        reports = run.reports()
        begins = [report["time"] - report["seconds"] for report in reports]
        usual = statistics.median(r["seconds"] for r in reports[1:4] + reports[5:])
        first.append(begins[0] - run.began)
        worker.append(reports[4]["time"] - reports[3]["time"] - usual)
        fixed.append(usual)
        cpu.append(statistics.median(r["cpu_seconds"] for r in reports[1:4] + reports[5:]))
    rows = [
        ("command until the first scene begins", statistics.median(first)),
        ("new worker, including its imports", statistics.median(worker)),
        ("minimal scene, wall", statistics.median(fixed)),
        ("minimal scene, CPU", statistics.median(cpu)),
    ]
    print_table(("start-up and fixed cost", "s"), rows)


def measure_resume(folder: Path, scenes: int, more: Sequence[str]) -> None:
    """Time a run on a complete dataset, one that adds scenes to it, and one after that."""
    words = (*TINY, *more)
    make_stubs(folder, scenes, words)
    unfinished = generate(folder, *words, f"num_scenes={scenes}")
    nothing = generate(folder, *words, f"num_scenes={scenes}")
    grown = generate(folder, *words, f"num_scenes={scenes + _NEW}")
    first = grown.reports()[0]
    until = first["time"] - first["seconds"] - grown.began
    rows = [
        _row("nothing left to do", nothing),
        ("one more scene, until it begins", until, "", ""),
        _row(f"{_NEW} more scenes, COCO rewritten", grown),
        _row("no new scenes, COCO written first", unfinished),
    ]
    print_table((f"{scenes} scenes", "wall s", "CPU s", "peak MB"), rows)
    verdict(f"resumes within {RESUME_AIM:.0f} s", max(nothing.seconds, until) < RESUME_AIM)


def _row(name: str, run: Run) -> tuple[str, float, float, float]:
    return name, run.seconds, run.cpu, run.memory_mb


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--memory", action="store_true", help="only memory, handles, /dev/shm")
    parser.add_argument("--resume", action="store_true", help="only resuming")
    parser.add_argument("--overlap", action="store_true", help="only overlapping")
    parser.add_argument("--setting", choices=SETTINGS, help="of the images (default: both)")
    parser.add_argument("--scenes", type=int, help="per run (12; 2000; 100000)")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of runs (3)")
    parser.add_argument("--folder", type=Path, help="for the datasets; must be empty")
    parser.add_argument("words", nargs="*", help="arguments of simgen generate")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        root = Path(folder)
        if given.memory:
            measure_memory(root / "dataset", given.scenes or 2000, given.words)
        elif given.resume:
            measure_resume(root / "dataset", given.scenes or 100_000, given.words)
        elif given.overlap:
            measure_overlap(given.rounds, given.words)
        else:
            settings = [given.setting] if given.setting else [*SETTINGS]
            compare_workers(root, settings, given.scenes or 12, given.rounds, given.words)
            measure_start(root, given.rounds)


if __name__ == "__main__":
    main()
