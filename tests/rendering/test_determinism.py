"""Same config and seed, same bytes: in any order, after any interruption, on any worker."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import WORDS, Simgen, content

import simgen
from simgen.assets.library import Library
from simgen.stages.resolver import Resolver

pytestmark = pytest.mark.render


@pytest.mark.exhaustive
def test_two_workers_in_another_order_make_the_same_bytes(
    dataset_folder: Path, tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(dataset_folder, folder)
    # Scene 1 stays, so the others are made by other workers, after other scenes.
    shutil.rmtree(folder / "scenes" / "000000")
    shutil.rmtree(folder / "scenes" / "000002")
    (folder / "annotations" / "instances.json").unlink()
    done = simgen_command([*WORDS, f"output.dir={folder}", "runner.workers=2"])
    assert done.returncode == 0, done.stderr
    assert content(folder) == content(dataset_folder)


@pytest.mark.exhaustive
def test_a_grown_dataset_is_the_larger_one(
    dataset_folder: Path, tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    for count in (1, 3):
        words = [word for word in WORDS if not word.startswith("num_scenes")]
        done = simgen_command([*words, f"num_scenes={count}", f"output.dir={folder}"])
        assert done.returncode == 0, done.stderr
    assert content(folder) == content(dataset_folder)


@pytest.mark.exhaustive
def test_labelling_beside_the_render_changes_no_byte(moving_folder: Path, tmp_path: Path) -> None:
    """The dataset was made with threads beside the renderer; here is one thing after the other."""
    from simgen.dataset.writer import write_frame
    from simgen.labels.annotate import Annotator
    from simgen.labels.registry import render_passes
    from simgen.rendering.blender.make import Machine, render_frames

    spec, resolver = simgen.open(moving_folder).spec(0), Resolver(Library(None))
    assets = resolver.resolve(spec)
    meshes, stage = assets.objects, assets.parts
    annotator = Annotator(spec, meshes, stage)
    (tmp_path / "again").mkdir()
    machine, passes = Machine(tmp_path, 0, "cpu"), render_passes(spec.labels)
    for number, raw in enumerate(render_frames(spec, meshes, stage, machine, passes)):
        write_frame(tmp_path / "again", number, annotator.annotate(raw, number))
    again = content(tmp_path / "again")
    made = content(moving_folder / "scenes" / "000000")
    assert set(made) - set(again) == {"spec.json", "tracks.npz"}
    assert again == {name: made[name] for name in again}
    tracks = annotator.scene()["tracks"]
    with np.load(moving_folder / "scenes" / "000000" / "tracks.npz") as stored:
        assert np.array_equal(stored["points"], tracks["points"], equal_nan=True)
        assert np.array_equal(stored["occluded"], tracks["occluded"])


def test_replay_says_that_a_scene_is_identical(
    dataset_folder: Path, simgen_command: Simgen
) -> None:
    done = simgen_command(["replay", str(dataset_folder), "--scene", "1"])
    assert done.returncode == 0, done.stderr
    assert "all 11 files are identical" in done.stdout


@pytest.mark.exhaustive
def test_replay_says_what_differs(
    dataset_folder: Path, tmp_path: Path, simgen_command: Simgen
) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(dataset_folder, folder)
    depth = folder / "scenes" / "000001" / "frame_0001.depth.exr"
    depth.write_bytes(depth.read_bytes()[:-1] + b"x")
    kept = tmp_path / "kept"
    words = ["replay", str(folder), "--scene", "1", "--output", str(kept)]
    done = simgen_command(words)
    assert done.returncode == 1
    assert "differs    frame_0001.depth.exr" in done.stdout
    assert "1 of 11 files differ" in done.stdout
    original = dataset_folder / "scenes" / "000001" / depth.name
    assert filecmp.cmp(kept / depth.name, original, shallow=False)


@pytest.mark.exhaustive
def test_replay_of_a_scene_that_is_not_there(dataset_folder: Path, simgen_command: Simgen) -> None:
    done = simgen_command(["replay", str(dataset_folder), "--scene", "9"])
    assert done.returncode == 2
    assert "has no scene 9; it holds 3 scenes from 0 to 2" in done.stderr
