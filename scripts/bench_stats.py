"""What statistics and a card cost: `python scripts/bench_stats.py DATASET [SCENES]`.

Prints CPU seconds and memory of each, over the first scenes of a dataset of simgen's.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from simgen.dataset.reader import Dataset
from simgen.formats.sources import SimgenSource
from simgen.report.card.gather import gather
from simgen.stats.collect import collect, silent
from simgen.stats.drawn import asked_and_drawn
from simgen.stats.page import html_of


def main() -> None:
    dataset = Dataset(Path(sys.argv[1]))
    dataset.scenes = dataset.scenes[: int(sys.argv[2]) if len(sys.argv) > 2 else None]
    print(f"{len(dataset)} images")
    timed("card's numbers", lambda: gather(dataset))
    found = timed("statistics", lambda: collect(SimgenSource(dataset), silent))
    drawn = timed("asked and drawn", lambda: asked_and_drawn(dataset))
    timed("page", lambda: html_of(found, drawn))


def timed[T](name: str, action: Callable[[], T]) -> T:
    start, cpu = time.perf_counter(), time.process_time()
    found = action()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    seconds = time.perf_counter() - start
    print(f"{name}: {time.process_time() - cpu:.1f} CPU s, {seconds:.1f} s, {memory} MB at most")
    return found


if __name__ == "__main__":
    main()
