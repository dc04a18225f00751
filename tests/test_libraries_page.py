"""docs/libraries.md: its commands run, on small folders with the names of the page."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import image_sites
import library_folders as libraries
import pytest

from simgen import cli
from simgen.assets import entries
from simgen.assets.layouts import registry
from simgen.commands import generate as hydra_app
from simgen.config import Config, check

PAGE = Path(__file__).resolve().parent.parent / "docs" / "libraries.md"


def command_lines() -> list[list[str]]:
    """The words of each command of the page, after `simgen`."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


def only_checked(config: Config, folder: Path) -> int:
    check(config)
    return 0


def test_every_layout_has_a_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == list(registry.LAYOUTS)


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    libraries.bop(tmp_path / "bop")
    libraries.ycb(tmp_path / "ycb")
    libraries.objaverse(tmp_path / ".objaverse")
    Path("ids.txt").write_text("brick_wall_001\ndawn\n")
    ran = 0
    with image_sites.serve() as sites:
        for words in command_lines():
            if words[0] == "generate":
                assert hydra_app.run(words[1:], only_checked) == 0
                continue
            if words[1] == "install":
                words += ["--api", sites.address]
            assert cli.main([*words, "--no-thumbnails"]) in (0, 3)  # one folder of YCB is empty
            ran += 1
    assert ran == 6
    known = {entry.class_name for entry in entries.read(Path("my_assets"))}
    assert {"ape", "eggbox", "master_chef_can", "mug"} <= known
    for place in ("textures/brick_wall_001", "textures/Bricks075A", "hdris/dawn"):
        assert any(Path("my_downloads", place).iterdir())
