"""A dataset that is older than some built-in classes goes on with those that it has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import FLIGHT, Simgen

WORDS = (*FLIGHT, "assets.classes=null", "num_scenes=1", "frames_per_scene=1")


@pytest.mark.render
def test_classes_that_were_added_since_shift_no_ids(tmp_path: Path, simgen_command: Simgen) -> None:
    folder = tmp_path / "dataset"
    done = simgen_command([*WORDS, f"output.dir={folder}"])
    assert done.returncode == 0, done.stderr
    described = folder / "dataset.json"
    plain = json.loads(described.read_text())
    used = {item["class_name"] for item in spec(folder, 0)["objects"]}
    later = next(name for name in plain["classes"] if name not in used)
    older = [name for name in plain["classes"] if name != later]
    described.write_text(json.dumps({**plain, "classes": older}))

    done = simgen_command([*WORDS, "num_scenes=2", f"output.dir={folder}"])

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"continued without them: {later}" in " ".join((done.stdout + done.stderr).split())
    assert json.loads(described.read_text())["classes"] == older
    assert spec(folder, 1)["classes"] == older


@pytest.mark.render
def test_a_dataset_of_other_classes_is_not_continued(
    tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    assert simgen_command([*WORDS, f"output.dir={folder}"]).returncode == 0
    described = folder / "dataset.json"
    plain = json.loads(described.read_text())
    described.write_text(json.dumps({**plain, "classes": [*plain["classes"], "zeppelin"]}))

    done = simgen_command([*WORDS, "num_scenes=2", f"output.dir={folder}"])

    assert done.returncode == 2
    assert "difference in classes is ['zeppelin'] there and []" in " ".join(done.stderr.split())


def spec(folder: Path, scene: int) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(
        (folder / "scenes" / f"{scene:06d}" / "spec.json").read_text()
    )
    return found
