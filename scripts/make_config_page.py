"""Writes docs/config.md, the reference of all config keys, from the schema and from configs/.

python scripts/make_config_page.py
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from simgen.config.help import HelpEntry, all_keys, group_folders

PAGE = Path(__file__).resolve().parent.parent / "docs" / "config.md"
HEAD = """\
# Every config key

<!-- Made by scripts/make_config_page.py. What is changed here is lost. -->

Every key of `simgen generate`, as the fields in `simgen/config/` define it;
`simgen generate --help` prints the same. A key is set on the command line as `key=value`, in
[a file of your own](own-randomizer.md#config-files-of-your-own), or for some scenes only
([rare cases](worlds.md#rare-cases)). An unknown name, a wrong type and a value out of range are
refused in one line before anything is rendered.

A *range* is a number, a pair `[min,max]` or [any distribution](worlds.md#how-a-range-is-written),
and is drawn for each scene, object or view; both ends are included. `null` stands for no value.

"""
EXPLAINED = {
    "scene": "[stages](worlds.md#stages), [your own](own-scene.md).",
    "assets": "[assets](assets.md).",
    "objects": "[objects](worlds.md#objects).",
    "distractors": "[objects](worlds.md#objects).",
    "placement": "[where they lie](worlds.md#where-they-lie).",
    "materials": "[materials](worlds.md#materials).",
    "lighting": "[light](worlds.md#light).",
    "lighting.sky": "[light](worlds.md#light).",
    "lighting.studio": "[light](worlds.md#light).",
    "lighting.indoor": "[light](worlds.md#light).",
    "weather": "[weather](worlds.md#weather).",
    "camera": "[cameras](worlds.md#cameras), [lenses and axes](conventions.md#camera).",
    "motion": "[motion](labels.md#motion).",
    "tracks": "[tracks](labels.md#tracks).",
    "lidar": "[LiDAR](lidar.md), of the label `lidar`.",
    "render": "[render presets](worlds.md#render-presets).",
    "sensor": "[sensor](worlds.md#sensor).",
    "runner": "[GPUs and clusters](scale.md).",
    "runner.ray": "[on a Ray cluster](scale.md#on-a-ray-cluster).",
    "runner.slurm": "[on Slurm](scale.md#on-slurm).",
    "run": "[shards](scale.md#shards).",
    "output": "[the dataset on disk](dataset.md), [object storage](scale.md#into-object-storage).",
}
"""Parts of the config, and the pages that explain them."""
GROUPS = """\
## Ready-made choices

A *group* is a folder of files in `configs/`, of which one is chosen by its name, as in
`simgen generate scene=bin lighting=studio`. A file sets keys; what the command line says comes
after it and wins.

"""


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE}: {len(all_keys())} keys")
    return 0


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, keys in sections(all_keys()):
        title = f"## `{name}`" if name else "## The dataset"
        more = f"See also: {EXPLAINED[name]}\n\n" if name else ""
        parts.append(f"{title}\n\n{more}")
        parts.append(table(name, keys) + "\n")
    return "".join(parts) + GROUPS + "\n".join(groups())


def sections(keys: Iterable[HelpEntry]) -> list[tuple[str, list[HelpEntry]]]:
    """The keys by what stands before their last dot; those without a dot first."""

    def part(key: HelpEntry) -> str:
        return key.name.rpartition(".")[0]

    found: dict[str, list[HelpEntry]] = {}
    for key in keys:
        found.setdefault(part(key), []).append(key)
    return list(found.items())


def table(name: str, keys: Iterable[HelpEntry]) -> str:
    head = f"| key{f' of `{name}`' if name else ''} | default | takes | is |\n|---|---|---|---|\n"
    rows = (
        f"| `{key.name.rpartition('.')[2]}` | `{key.default}` | {cell(key.takes)} "
        f"| {cell(key.meaning)} |\n"
        for key in keys
    )
    return head + "".join(rows)


def cell(text: str) -> str:
    """Words for a table: no bar ends the cell, pages are links, numbers can be read."""
    text = text.replace("|", "\\|").replace("<", "&lt;")
    text = re.sub(r"docs/(\w+)\.md", r"[\1](\1.md)", text)
    return re.sub(r"(?<![\d.:])\d{5,}", lambda found: f"{int(found[0]):,}", text)


def groups() -> Iterator[str]:
    """A section for each group, with what each of its files is for and sets."""
    for folder in group_folders():
        yield f"### `{folder.name}=`\n"
        for path in sorted(folder.glob("*.yaml")):
            lines = path.read_text(encoding="utf-8").splitlines()
            comments = list(itertools.takewhile(lambda line: line.startswith("#"), lines))
            words = [line[1:].strip() for line in comments if not line.startswith("# @package")]
            sets = "\n".join(lines[len(comments) :]).strip()
            yield f"`{folder.name}={path.stem}`: {linked(' '.join(words))}\n"
            if sets:
                yield f"```yaml\n{sets}\n```\n"


def linked(text: str) -> str:
    """Config keys and files in a comment as code."""
    return re.sub(r"(?<![\w`])([a-z]+(?:[._/][a-z_]+)+(?:=\S*[^\s.,:;])?)(?![\w`])", r"`\1`", text)


if __name__ == "__main__":
    sys.exit(main())
