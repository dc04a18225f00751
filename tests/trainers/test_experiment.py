"""`simgen experiment` from photographs with boxes to a report, in one short study."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SIMGEN = (sys.executable, "-m", "simgen")
PLAIN = (
    *("scene=tabletop", "assets.classes=[ball,mug,book]", "render.width=192", "render.height=144"),
    *("render.samples=2", "frames_per_scene=4", "placement.methods=[scatter]"),
    "labels=[rgb,objects]",
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What stands for photographs: another sensor and light, exported as COCO."""
    folder = tmp_path_factory.mktemp("real")
    made, coco = folder / "made", folder / "coco"
    keys = (*PLAIN, "seed=77", "num_scenes=4", "sensor=phone", "lighting=studio", "splits=[all:1]")
    subprocess.run([*SIMGEN, "generate", *keys, f"output.dir={made}"], check=True)
    subprocess.run([*SIMGEN, "export", "coco", str(made), str(coco)], check=True)
    shutil.rmtree(made)
    return coco


def words(real: Path, folder: Path) -> list[str]:
    base = [f"base.{key}" for key in PLAIN]
    return [
        *SIMGEN, "experiment", "study=arms", f"real={real}", f"output.dir={folder}", *base,
        "arms.few.images=8", "arms.more.images=24", "replicates=1", "held_out=4",
        "trainer.name=small", "budget.steps=240", "budget.batch=4", "budget.side=128",
        "data.group_by=image",
    ]  # fmt: skip


def test_a_study_that_is_killed_ends_with_the_table_of_one_that_is_not(
    real: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    for seconds in (20, 30, 40):
        process = subprocess.Popen(words(real, folder), stdout=subprocess.DEVNULL)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(words(real, folder), check=True)
    results = json.loads((folder / "results.json").read_text())
    arms = {arm["name"]: arm for arm in results["arms"]}
    assert arms["more"]["ap50"]["mean"] > arms["untrained"]["ap50"]["mean"] + 0.1
    assert arms["few"]["images"] == 8
    assert arms["more"]["images"] == 24
    shutil.rmtree(folder / "trainings")
    subprocess.run(words(real, folder), check=True)
    again = json.loads((folder / "results.json").read_text())
    for found in (results, again):
        found.pop("seconds")
        for arm in found["arms"]:
            arm.pop("seconds")
    assert again == results
    assert "<svg" in (folder / "report.html").read_text()
