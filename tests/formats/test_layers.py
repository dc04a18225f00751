"""What may import what in `simgen.formats`, so that a format is one folder."""

from __future__ import annotations

import ast
from pathlib import Path

import simgen.formats
from simgen.formats.registry import FOLDERS, format_names, format_of

ROOT = Path(simgen.formats.__file__).parent
BELOW = (
    "findings",
    "items",
    "keys",
    "groups",
    "plan",
    "reading",
    "output",
    "pipeline",
    "registry",
    "validate",
)
"""What formats share; each imports what stands before it, and no format."""
ABOVE = ("sources", "export")
"""What brings formats together."""


def imported(path: Path) -> set[str]:
    """The parts of `simgen.formats` that a module imports from."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return {name.split(".")[2] for name in names if name.startswith("simgen.formats.")}


def modules(part: str) -> list[Path]:
    return [*ROOT.glob(f"{part}.py"), *ROOT.glob(f"{part}/*.py")]


def test_every_part_has_its_place() -> None:
    paths = [path for path in ROOT.iterdir() if path.suffix != ".yaml"]
    parts = {path.stem for path in paths if not path.stem.startswith("_")}
    assert parts == {*BELOW, *ABOVE, *FOLDERS}


def test_what_formats_share_imports_no_format() -> None:
    for place, part in enumerate(BELOW):
        for path in modules(part):
            assert imported(path) <= {*BELOW[: place + 1]}, path


def test_formats_import_no_other_format() -> None:
    """But for simgen's own datasets, which exports start from."""
    for folder in FOLDERS:
        for path in modules(folder):
            assert imported(path) <= {folder, "simgen", *BELOW}, path


def test_every_writer_is_found_under_its_name() -> None:
    assert {name.split("-")[0] for name in format_names()} == set(FOLDERS) - {"simgen"}
    for name in format_names():
        assert format_of(name).name == name
