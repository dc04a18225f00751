"""docs/gallery.md is what its script writes, and its commands are commands."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

import make_gallery
from PIL import Image

from simgen.commands import generate as hydra_app
from simgen.config import Config, check
from simgen.stages.registry import stage_names

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = (DOCS / "gallery.md").read_text(encoding="utf-8")


def commands() -> list[list[str]]:
    """Of each picture: the command above its table, with the words below it."""
    found = []
    for section in PAGE.split("\n## ")[1:]:
        lines = section.replace(" \\\n       ", "")
        head = re.search(r"^    simgen generate (.*) \.\.\.$", lines, re.MULTILINE)
        if head:
            for words in re.findall(r"`([a-z_.]+=[^`]*)`", section):
                found.append([*head[1].split(), *words.split()])
    return found


def test_the_page_is_what_the_script_writes() -> None:
    """If not: python scripts/make_gallery.py --page"""
    assert make_gallery.page() == PAGE


@pytest.mark.parametrize("words", commands(), ids=" ".join)
@pytest.mark.corpus(3)
def test_each_command_is_one(words: list[str]) -> None:
    taken: list[Config] = []

    def keep(config: Config, folder: Path) -> int:
        check(config)
        taken.append(config)
        return 0

    assert hydra_app.run(words, keep) == 0
    assert (taken[0].num_scenes, taken[0].render.width, taken[0].render.height) == (1, 320, 240)


def test_its_pictures_are_there_and_small() -> None:
    named = set(re.findall(r"\]\(images/gallery/([\w-]+\.jpg)\)", PAGE))
    there = {path.name: path for path in (DOCS / "images/gallery").glob("*.jpg")}
    assert set(there) == named
    assert len(named) == len(commands())
    assert sum(path.stat().st_size for path in there.values()) < 2_000_000
    for path in there.values():
        with Image.open(path) as image:
            assert image.size == (320, 240)


def test_no_stage_is_left_out() -> None:
    for name in stage_names():
        assert f"`scene={name}`" in PAGE
