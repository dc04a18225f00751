"""The functions for Python do what the command does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from simgen.config import Config, check
from simgen.errors import InputError
from simgen.runs.api import load_config, sample_scene

ROOT = Path(__file__).resolve().parents[2]

CHECKS = """
import json

import numpy as np

from simgen.labels import record

assert len(frames) == 1 and len(dataset) == 2
assert dataset.spec(0) == spec
for label in ("rgb", "depth", "instances"):
    assert np.array_equal(getattr(frames[0], label), getattr(dataset[0], label)), label
ours, theirs = (record.dumps(each[0].record) for each in (frames, dataset))
made, kept = json.loads(ours), json.loads(theirs)
differing = {key: (made.get(key), kept[key]) for key in kept if made.get(key) != kept[key]}
assert ours == theirs, differing
folder = frames[0].folder
assert folder.is_dir()
frame = frames.pop()
assert folder.is_dir(), "as long as a frame is in use"
del frame
assert not folder.exists()
"""


@pytest.mark.exhaustive
def test_the_lines_of_the_readme_do_what_the_command_does(tmp_path: Path) -> None:
    """As a script, which has no guard against being imported by worker processes."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (lines,) = [block for block in blocks if "simgen.generate(" in block]
    assert len(re.findall(r"^\w", lines, re.MULTILINE)) == 5
    script = tmp_path / "five_lines.py"
    script.write_text(lines + CHECKS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of them by this run" in done.stdout


def test_a_scene_is_a_function_of_config_and_index() -> None:
    words = ["scene=flying", "objects.count_range=2", "seed=3"]
    first = sample_scene(words, 4)
    assert first == sample_scene(load_config(words), 4)
    assert first.index == 4
    assert first != sample_scene(words, 5)


def test_a_config_of_the_users_own_is_found(tmp_path: Path) -> None:
    (tmp_path / "scene").mkdir()
    (tmp_path / "scene" / "mine.yaml").write_text(
        "# @package _global_\nscene: {name: bin}\nseed: 12\n", encoding="utf-8"
    )
    config = load_config(["scene=mine"], tmp_path)
    assert (config.scene.name, config.seed) == ("bin", 12)
    check(config)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["seeed=1"], "unknown key 'seeed'; did you mean 'seed'?"),
        (["render.width=2"], "render.width=2: expected a number from 4 to 16384"),
        (["assets.classes=[mugg]"], "mugg"),
    ],
)
def test_what_is_wrong_is_one_line_as_on_the_command_line(words: list[str], message: str) -> None:
    with pytest.raises(InputError) as refused:
        sample_scene(words, 0)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_config_made_in_python_is_checked() -> None:
    config = Config(num_scenes=0)
    with pytest.raises(InputError, match="num_scenes=0: expected a number from 1"):
        sample_scene(config, 0)
