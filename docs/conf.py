"""The documentation as a site: `make docs`. The pages themselves are plain Markdown for GitHub too.

Two things are added as they are read: the navigation, which is the links of `index.md` in their
order, and what the docstrings say, where a page has `<!-- autodoc: ... -->`.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

project = "simgen"
author = "The simgen maintainers"
release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]

myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a part of the API page that begins with a directive

# Docstrings are written for `help()`: single backticks are code.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_mock_imports = ["torch", "torchvision"]
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"simgen {release}"
html_static_path = ["static"]
html_css_files = ["simgen.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
# A summary is fetched, which browsers refuse to a page that was opened from a folder.
html_show_search_summary = False
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
pygments_style = "friendly"
pygments_dark_style = "native"

_TOCTREE = "\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{pages}\n```\n"
_AUTODOC = re.compile(r"^<!-- autodoc: (\w+) ([\w.]+)((?: :[\w-]+:[^:>]*?)*) -->$", re.MULTILINE)


def navigation(text: str) -> str:
    """A hidden table of contents for each section of a page: the pages that it links to. Those that
    no section links to come last."""
    found, left = [], {path.stem for path in ROOT.glob("docs/*.md")} - {"index"}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        links = re.findall(r"^- \[([^\]]+)\]\(([\w-]+)\.md\)", section, re.MULTILINE)
        if links:
            pages = "\n".join(f"{text[0].upper()}{text[1:]} <{page}>" for text, page in links)
            found.append(_TOCTREE.format(caption=section.splitlines()[0], pages=pages))
            left -= {page for _, page in links}
    if left:
        found.append(_TOCTREE.format(caption="More", pages="\n".join(sorted(left))))
    return "".join(found)


def directives(text: str) -> str:
    """The text with autodoc's directives in place of the comments that ask for them."""

    def directive(match: re.Match[str]) -> str:
        options = "".join(f"   {option}\n" for option in re.findall(r":[\w-]+:[^:]*", match[3]))
        return f"```{{eval-rst}}\n.. {match[1]}:: {match[2]}\n{options}```"

    return _AUTODOC.sub(directive, text)


def on_read(app: Any, page: str, source: list[str]) -> None:
    source[0] = directives(source[0])
    if page == "index":
        source[0] += navigation(source[0])


def on_docstring(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """A letter right after code, as in `Sample`s, is no part of it."""
    pattern = re.compile(r"`([^`]+)`(\w?)")
    text = pattern.sub(lambda m: f"``{m[1]}``\\ {m[2]}" if m[2] else m[0], "\n".join(lines))
    lines[:] = text.split("\n")


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", on_docstring)
    app.connect("source-read", on_read)
