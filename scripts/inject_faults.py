"""Disturb runs with all kinds of faults, and check that each scene is stored once, complete and
unchanged.

    python scripts/inject_faults.py                           200 faults, on datasets of 24 scenes
    python scripts/inject_faults.py --faults 17 --scenes 10   one of each kind

Inside workers (scripts/faulty.py): exceptions, exits, crashes, exhausted memory, hangs. From
outside: killed or stopped workers and supervisors, SIGTERM, a full disk, broken mesh files. Kinds
and times are sampled from `--seed`; their effects depend on the machine.

A run that ended early is started again with the same command. After it has completed, every scene
is stored with the bytes of an undisturbed dataset, or has failed with a reason; the folder contains
nothing else, and no process is left. Then, without disturbance, the same command generates the
failed scenes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from faults import OUTSIDE, Disturbance, content, problems, quarantined, survivors, write_meshes
from faulty import ALWAYS, DONE, FAULTS, FOLDER
from rich.console import Console
from rich.table import Table

_PATIENCE = 600.0
"""`runner.scene_timeout` of undisturbed runs on a busy machine, seconds."""
STOPPED, REFUSED = 1, 2
"""Exit codes of a run that may be started again, and of one with a broken mesh."""


@dataclass
class Tally:
    """Results over all datasets."""

    injected: Counter[str] = field(default_factory=Counter)
    datasets: int = 0
    runs: int = 0
    scenes: int = 0
    given_up: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@dataclass
class Campaign:
    """work: folder for everything. disk: a small file system to fill up, or None."""

    work: Path
    disk: Path | None
    scenes: int
    timeout: float
    pause: float
    rng: np.random.Generator
    tally: Tally = field(default_factory=Tally)
    reference: dict[str, bytes] = field(default_factory=dict)

    @property
    def meshes(self) -> Path:
        return self.work / "meshes"

    @property
    def plans(self) -> Path:
        return self.work / "plans"

    def command(self, folder: Path, timeout: float) -> list[str]:
        return [
            sys.executable, "-m", "simgen", "generate", "--plugin", "faulty", "scene=flying",
            f"num_scenes={self.scenes}", "render.width=48", "render.height=36",
            "render.samples=1", "render.denoise=false", "objects.count_range=[1,3]",
            "lighting=studio", "materials.level=plausible",
            f"assets.dir={self.meshes}", "assets.with_parametric=true",
            "assets.classes=[ball,box,crate,post,slab]", "runner.workers=2",
            "runner.max_retries=3", "runner.retry_seconds=0.2", "runner.grace_seconds=10",
            f"runner.scene_timeout={timeout}", "runner.max_failures=1000",
            f"output.dir={folder}",
        ]  # fmt: skip

    def start(self, folder: Path, timeout: float = _PATIENCE) -> subprocess.Popen[bytes]:
        self.tally.runs += 1
        paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            FOLDER: str(self.plans),
        }
        with (self.work / "output.txt").open("ab") as output:
            return subprocess.Popen(
                self.command(folder, timeout), env=environment, stdout=output, stderr=output,
                cwd=self.work, start_new_session=True,
            )  # fmt: skip

    def make_reference(self) -> None:
        write_meshes(self.meshes)
        self.plans.mkdir()
        folder = self.work / "reference"
        code = self.start(folder).wait()
        if code:
            sys.exit(f"the undisturbed run ended with {code}; see {self.work / 'output.txt'}")
        self.reference = content(folder)
        self.tally.problems += problems(folder, self.scenes, self.reference, whole=True)
        shutil.rmtree(folder)

    def disturb(self, inside: Sequence[str], outside: list[str]) -> None:
        """Generate one dataset with faults. Removes the faults from the list `outside` that were
        injected."""
        folder = (self.disk or self.work) / f"dataset-{self.tally.datasets}"
        self._plan(inside)
        with Disturbance(self.meshes, self.disk, self.rng) as disturbance:
            code = self._run_to_the_end(folder, outside, disturbance)
        self._count_inside()
        self._check(folder, code, whole=False)
        failed = quarantined(folder)
        self.tally.given_up += len(failed)
        self.tally.reasons.update(_without_numbers(reason) for reason in failed.values())
        if failed:
            self._check(folder, self.start(folder).wait(), whole=True)
        self.tally.datasets += 1
        self.tally.scenes += self.scenes
        shutil.rmtree(folder)

    def _run_to_the_end(self, folder: Path, outside: list[str], disturbance: Disturbance) -> int:
        while True:
            run = self.start(folder, self.timeout)
            try:
                code = self._watch(run, outside, disturbance)
            finally:
                run.kill()  # if this script is interrupted
            refused = code == REFUSED and disturbance.broke_meshes  # a mesh broke during start-up
            if not (code < 0 or code == STOPPED or refused):
                return code
            disturbance.mend()

    def _watch(
        self, run: subprocess.Popen[bytes], outside: list[str], disturbance: Disturbance
    ) -> int:
        while True:
            try:
                return run.wait(timeout=float(self.rng.exponential(self.pause)))
            except subprocess.TimeoutExpired:
                if outside and disturbance.inject(outside[0], run.pid):
                    self.tally.injected[outside.pop(0)] += 1

    def _plan(self, inside: Sequence[str]) -> None:
        shutil.rmtree(self.plans)
        self.plans.mkdir()
        # One scene per fault, since a scene that fails permanently would not reach a second one.
        for scene, fault in zip(self.rng.permutation(self.scenes), inside, strict=False):
            ever = ALWAYS if self.rng.random() < 0.1 else ""
            (self.plans / str(scene)).write_text(f"{ever}{fault}")

    def _count_inside(self) -> None:
        done = self.plans / DONE
        if done.exists():
            self.tally.injected.update(done.read_text().split())
        shutil.rmtree(self.plans)
        self.plans.mkdir()

    def _check(self, folder: Path, code: int, *, whole: bool) -> None:
        expected = 3 if quarantined(folder) else 0
        found = list(problems(folder, self.scenes, self.reference, whole=whole))
        if code != expected:
            found.append(f"exit code {code} instead of {expected}")
        found += [f"process {left.pid} is left" for left in survivors(str(self.plans))]
        for problem in found:
            print(f"{folder.name}: {problem}", flush=True)
            self.tally.problems.append(f"{folder.name}: {problem}")
        if found:
            kept = self.work / f"{folder.name}-{len(self.tally.problems)}"
            shutil.copytree(folder, kept, dirs_exist_ok=True)


def _without_numbers(reason: str) -> str:
    """Shorten a reason so that similar ones are counted together."""
    return " ".join("*" if "/" in word else word for word in reason.split())[:90]


@contextmanager
def small_disk(work: Path) -> Iterator[Path | None]:
    """Mount a file system of 64 MB in memory, if possible."""
    folder = work / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def run(campaign: Campaign, faults: int) -> None:
    campaign.make_reference()
    kinds = [kind for kind in OUTSIDE if campaign.disk or kind != "full disk"]
    queue = [[*FAULTS, *kinds][n % (len(FAULTS) + len(kinds))] for n in range(faults)]
    queue = [str(kind) for kind in campaign.rng.permutation(queue)]
    outside = [kind for kind in queue if kind in OUTSIDE]
    inside = [kind for kind in queue if kind in FAULTS]
    while inside or outside:
        now, inside = inside[: campaign.scenes], inside[campaign.scenes :]
        campaign.disturb(now, outside)
        tally = campaign.tally
        done, wrong = tally.injected.total(), len(tally.problems)
        print(f"{tally.datasets} datasets, {done} faults, {wrong} problems", flush=True)


def show(tally: Tally, seconds: float) -> None:
    console = Console()
    table = Table("fault", "times", box=None, pad_edge=False)
    for kind in (*FAULTS, *OUTSIDE):
        table.add_row(kind, str(tally.injected[kind]))
    table.add_row("all", str(tally.injected.total()), style="bold")
    console.print(table)
    console.print(
        f"{tally.datasets} datasets of {tally.scenes} scenes in all, {tally.runs} runs, "
        f"{seconds / 60:.0f} minutes",
        highlight=False,
    )
    console.print(f"{tally.given_up} scenes failed, and were generated without disturbance")
    for reason, count in tally.reasons.most_common():
        console.print(f"  {count} x {reason}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"{len(tally.problems)} problems", style="bold red" if tally.problems else "bold")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--scenes", type=int, default=24, help="of each dataset")
    parser.add_argument("--timeout", type=float, default=30.0, help="runner.scene_timeout")
    parser.add_argument(
        "--pause", type=float, default=4.0, help="seconds between faults from outside, on average"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", action="store_true", help="keep the output of the runs")
    given = parser.parse_args()
    work, started = Path(tempfile.mkdtemp(prefix="simgen-faults-")), time.monotonic()
    with small_disk(work) as disk:
        rng = np.random.default_rng(given.seed)
        campaign = Campaign(work, disk, given.scenes, given.timeout, given.pause, rng)
        run(campaign, given.faults)
    show(campaign.tally, time.monotonic() - started)
    if campaign.tally.problems or given.keep:
        print(f"output of the runs and datasets with problems: {work}")
    else:
        shutil.rmtree(work)
    return 1 if campaign.tally.problems else 0


if __name__ == "__main__":
    sys.exit(main())
