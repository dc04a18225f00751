"""The rooms of simgen: what may lie at the top, and which room may import which."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from syntax import statements, tree

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "simgen"
DISPATCHERS = ("simgen/cli.py", "simgen/commands/")
"""Where imports within functions need no reason: a command loads only what it needs."""
OPTIONAL = {"fsspec", "pyarrow", "ray", "submitit", "torch", "torchvision", "upath"}
"""What an extra brings, or what only datasets in object storage need: loaded where it is used."""


def rooms() -> list[str]:
    """The rooms in the order of docs/extending.md, highest first."""
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `(\w+)/` \|", page, re.MULTILINE)


def docstring(room: str) -> str:
    return ast.get_docstring(tree(PACKAGE / room / "__init__.py")) or ""


def allowed(room: str) -> set[str]:
    """What the docstring of a room says that it may import."""
    (text,) = re.findall(r"^May import: ([^.]*)\.", docstring(room), re.MULTILINE)
    return set(re.findall(r"\w+", text)) & set(rooms())


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules() -> dict[str, Path]:
    return {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


MODULES = modules()


def imported(path: Path, *, running: bool) -> set[str]:
    """The modules of simgen that a file imports; only those that it loads when it runs, or also
    what only a type checker sees."""
    names = set()
    for node in statements(tree(path), running=running):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                names.add(whole if whole in MODULES else node.module)
    return {name for name in names if name in MODULES} - {module_name(path)}


def test_the_top_is_small() -> None:
    files = {path.stem for path in PACKAGE.glob("*.py")}
    assert len(files) <= 6, files
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == set(rooms())
    assert len(folders) <= 16


@pytest.mark.parametrize("room", rooms())
def test_a_room_imports_what_it_says_and_only_rooms_below(room: str) -> None:
    text = docstring(room)
    assert all(f"\n{line}: " in text for line in ("Input", "Output", "May import"))
    below = rooms()[rooms().index(room) + 1 :]
    assert allowed(room) <= set(below)
    for path in sorted((PACKAGE / room).rglob("*.py")):
        others = {name.split(".")[1] for name in imported(path, running=False) if "." in name}
        assert others & set(rooms()) <= allowed(room) | {room}, path.relative_to(ROOT)


@pytest.mark.parametrize(
    ("folder", "used"),
    [
        ("assets", {"assets", "geometry", "rendering", "spec"}),
        ("scenes", {"assets", "geometry", "sampling", "spec", "stages"}),
    ],
)
def test_content_uses_the_package_and_the_package_only_finds_content(
    folder: str, used: set[str]
) -> None:
    names = {
        name
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in imported(path, running=False)
    }
    assert {name.split(".")[1] for name in names} - {"errors"} == used
    assert "simgen.resources" not in names  # among themselves by relative imports
    named = f"simgen.resources.{folder}"
    text = "".join(path.read_text(encoding="utf-8") for path in MODULES.values())
    assert re.findall(rf"import.*{named}|from {named}", text) == []


def test_no_imports_go_round_in_circles() -> None:
    graph = {name: imported(path, running=True) for name, path in MODULES.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules


def test_an_import_within_a_function_has_a_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in MODULES.values()
        if not path.relative_to(ROOT).as_posix().startswith(DISPATCHERS)
        for line in unexplained(path)
    ]
    assert bare == []


def unexplained(path: Path) -> set[int]:
    """The lines of imports within functions that have no comment, beside them or not far above."""
    lines = path.read_text(encoding="utf-8").splitlines()
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    nodes = (node for node in statements(tree(path)) if isinstance(node, functions))
    return {
        inner.lineno
        for node in nodes
        for inner in statements(node)
        if isinstance(inner, ast.Import | ast.ImportFrom) and not roots(inner) <= OPTIONAL
        if "#" not in "\n".join(lines[max(node.lineno, inner.lineno - 14) : inner.end_lineno])
    }


def roots(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The packages that a statement imports from."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
    return {str(name).split(".")[0] for name in names}
