"""Makes a few scenes again and again in this process, and prints what it holds after each one.

python tests/long_run.py FOLDER ROUNDS SCENES [key=value ...]
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import shutil
import sys
from pathlib import Path

import psutil

from simgen.assets.catalogue import load_catalogue
from simgen.commands import generate as hydra_app
from simgen.config import Config
from simgen.dataset.layout import Layout
from simgen.dataset.reports import WorkerInfo
from simgen.runs.pipeline import Job, make_scene
from simgen.stages.resolver import make_resolver, resolver_settings


class _Mallinfo2(ctypes.Structure):
    """Of glibc's malloc.h."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks",
                     "uordblks", "fordblks", "keepcost")
    ]  # fmt: skip


def allocated_mb() -> float:
    """Megabytes that were taken from the C library and not given back. What is resident says less:
    the kernel takes pages back, and free memory lies between blocks in use. Raises `AttributeError`
    where the C library is not glibc, 2.33 or newer."""
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = _Mallinfo2
    found = ask()
    return float(found.uordblks + found.hblkhd) / 2**20


def measured() -> dict[str, int]:
    import bpy

    me = psutil.Process()
    return {
        "datablocks": len(bpy.data.all_ids),
        "handles": me.num_fds(),
        "threads": me.num_threads(),
        "objects": len(gc.get_objects()),
        "shared": Path("/proc/self/maps").read_text().count("/dev/shm/"),
    }


def main() -> None:
    folder, rounds, scenes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

    def task(config: Config, _: Path) -> int:
        settings = resolver_settings(config)
        catalogue = load_catalogue(config.assets, {})
        job = Job(config, catalogue, Layout(folder / "dataset"), settings, threads=1)
        resolver = make_resolver(settings)
        for number in range(rounds * scenes):
            scene = number % scenes
            shutil.rmtree(folder / "dataset" / "scenes", ignore_errors=True)
            make_scene(job, resolver, scene, 1, WorkerInfo("0"), folder)
            row = {"scene": scene, "allocated_mb": allocated_mb(), **measured()}
            print(json.dumps(row), flush=True)
        return 0

    hydra_app.run([*sys.argv[4:], f"output.dir={folder}"], task)
    sys.stdout.flush()
    os._exit(0)  # as workers do: interpreters that imported bpy have hung on their way out


if __name__ == "__main__":
    main()
