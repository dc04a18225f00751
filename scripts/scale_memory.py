"""Memory of a long run, for `bench_scale.py`: whether it stays constant after the first scenes.

The memory of a scene depends on the scene, so medians over windows of scenes are compared.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from scale_runs import TINY, command, print_table, verdict

SETTLED = 200
"""Number of scenes after which memory should stay constant."""
GROWTH = 1.05
_WINDOW = 100
"""Maximum number of scenes over which medians are taken."""
_PAUSE = 0.5
"""Seconds between two measurements."""


@dataclass(frozen=True)
class Look:
    """The state of a process at one moment. who: `supervisor`, or a worker by its number."""

    scenes: int
    """Number of scenes committed by then, by all workers."""
    who: str
    pid: int
    resident_mb: float
    handles: int
    threads: int
    shared: frozenset[str]
    """Files in /dev/shm that it has mapped."""


def measure_memory(folder: Path, scenes: int, more: Sequence[str]) -> None:
    """Generate many tiny scenes and measure the processes meanwhile.

    more: overrides such as `runner.recycle_scenes=1000000`, which shows the growth of a worker that
    is not replaced.
    """
    words = (*TINY, *more)
    with Path(folder.parent, "output").open("w+") as output:
        process = subprocess.Popen(
            command(folder, (*words, f"num_scenes={scenes}")), stdout=output, stderr=output
        )
        looks = list(_watch(process, folder))
        if process.returncode:
            output.seek(0)
            sys.exit(output.read())
    settled = min(SETTLED, scenes // 2)
    flat = [_report(who, looks, settled, scenes) for who in sorted({look.who for look in looks})]
    used = frozenset[str]().union(*(look.shared for look in looks))
    left = [name for name in used if Path("/dev/shm", name).exists()]
    print(f"\n/dev/shm: {len(used)} files used, {len(left)} left over")
    verdict(f"memory within {GROWTH - 1:.0%} of that after {settled} scenes", all(flat))
    whos = {look.who for look in looks}
    verdict(
        "handles and /dev/shm flat",
        all(_is_flat(looks, who, settled) for who in whos) and not left,
    )


def _watch(process: subprocess.Popen[bytes], folder: Path) -> Iterator[Look]:
    """Yield measurements until the run ends."""
    while process.poll() is None:
        scenes = folder / "scenes"
        made = len(os.listdir(scenes)) if scenes.is_dir() else 0
        for who, found in _processes(process.pid):
            try:
                with found.oneshot():
                    resident = found.memory_info().rss / 2**20
                    handles, threads = found.num_fds(), found.num_threads()
            except psutil.Error:  # the process has just ended
                continue
            yield Look(made, who, found.pid, resident, handles, threads, _shared(found.pid))
        time.sleep(_PAUSE)


def _processes(supervisor: int) -> list[tuple[str, psutil.Process]]:
    """Return the supervisor and its children that run Blender, in order of their start."""
    try:
        top = psutil.Process(supervisor)
        children = sorted(top.children(), key=lambda child: child.create_time())
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.Error:
        return []
    return [("supervisor", top), *((f"worker {n}", found) for n, found in enumerate(workers))]


def _report(who: str, looks: Sequence[Look], settled: int, scenes: int) -> bool:
    """Print the history of a process. Returns whether its memory stayed constant."""
    mine = [look for look in looks if look.who == who]
    steps = max(1, settled // 2)
    rows = []
    for end in range(settled, scenes + 1, steps):
        found = _window(mine, end, min(_WINDOW, steps))
        if found:
            rows.append((
                f"{end} scenes",
                statistics.median(look.resident_mb for look in found),
                max(look.handles for look in found),
                max(look.threads for look in found),
                max(len(look.shared) for look in found),
                len({look.pid for look in found}),
            ))  # fmt: skip
    print_table((who, "resident MB", "handles", "threads", "/dev/shm", "processes"), rows)
    if not rows:
        return False
    ratio = rows[-1][1] / rows[0][1]
    print(f"  {ratio:.3f} times the memory after {settled} scenes")
    return ratio <= GROWTH


def _window(looks: Sequence[Look], end: int, width: int) -> list[Look]:
    return [look for look in looks if end - width <= look.scenes < end]


def _is_flat(looks: Sequence[Look], who: str, settled: int) -> bool:
    """Return whether no more handles are open at the end than after settling. Handles come and go
    with the files of a scene, so the maxima of both parts are compared."""
    mine = [look for look in looks if look.who == who]
    before = [look for look in mine if look.scenes < settled]
    after = [look for look in mine if look.scenes >= settled]
    return all(
        max(map(count, after), default=0) <= max(map(count, before), default=0)
        for count in (lambda look: look.handles, lambda look: len(look.shared))
    )


def _shared(pid: int) -> frozenset[str]:
    try:
        return frozenset(re.findall(r"/dev/shm/(\S+)", Path(f"/proc/{pid}/maps").read_text()))
    except OSError:  # the process has just ended, or this is not Linux
        return frozenset()
