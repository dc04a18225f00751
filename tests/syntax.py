"""Syntax trees of the project's own modules, for tests of its conventions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def tree(path: Path) -> ast.Module:
    """Of a module, parsed once a process."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def statements(node: ast.AST, *, running: bool = False) -> Iterator[ast.AST]:
    """All statements below a node, in functions and branches too; not the expressions, which are
    most of a tree. running: without what only a type checker sees."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        if name == "body" and running and only_for_types(node):
            continue
        for child in getattr(node, name, ()):
            yield child
            yield from statements(child, running=running)


def only_for_types(node: ast.AST) -> bool:
    """Whether the body of a statement stands under `if TYPE_CHECKING`."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
