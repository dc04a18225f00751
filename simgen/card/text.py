"""Facts as the text of a card, in Markdown."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from simgen.card.command import command
from simgen.card.facts import Facts, Part
from simgen.card.front import front_matter, size_category, tags, tasks
from simgen.card.parts import OWN, others
from simgen.labels.label import DatasetFile, SceneArrays
from simgen.labels.registry import LABELS
from simgen.store.layout import RECORD

_ROWS = 60
"""Of a table of parts; more are counted."""


def head_of(facts: Facts) -> dict[str, Any]:
    """The card's keys for the Hub, but for those that depend on how its files are laid out."""
    return {
        "pretty_name": title_of(facts),
        # Whoever publishes it chooses; the Hub has names for not having chosen.
        "license": "other" if others(facts.parts) else "unknown",
        "task_categories": tasks(facts.manifest.labels),
        "tags": tags(facts.manifest.labels),
        "size_categories": [size_category(facts.image_count)],
    }


def title_of(facts: Facts) -> str:
    stage = str(facts.manifest.config["scene"]["name"]).replace("_", " ")
    classes = len(facts.classes)
    return f"Synthetic images of {classes} {'class' if classes == 1 else 'classes'}: {stage}"


def document(facts: Facts, pictures: Sequence[tuple[str, str]]) -> str:
    """The whole card of a dataset as it lies on the disk. pictures: paths and what they show."""
    # The Hub's viewer would take depth and masks for images of their own.
    return front_matter(head_of(facts) | {"viewer": False}) + body(facts, pictures)


def body(facts: Facts, pictures: Sequence[tuple[str, str]]) -> str:
    """All but the head."""
    shown = "\n\n".join(f"![{escape(text)}]({path})" for path, text in pictures)
    parts = [
        f"# {escape(title_of(facts))}",
        _introduction(facts),
        shown,
        f"## Images and classes\n\n{_splits(facts)}\n\n{classes_table(facts)}",
        f"## Labels\n\n{_labels(facts)}",
        f"## How it was made\n\n{making(facts)}",
        f"## Licences and authors\n\n{licences(facts.parts)}",
        f"## Known limits\n\n{limits(facts)}",
    ]
    return "\n" + "\n\n".join(part for part in parts if part) + "\n"


def _introduction(facts: Facts) -> str:
    width, height = facts.image_size
    frames = facts.manifest.frames_per_scene
    each = "" if frames == 1 else f" with {frames} frames each"
    return (
        f"{facts.image_count:,} rendered images, {width} x {height} pixels, of "
        f"{facts.scene_count:,} scenes{each}, with exact labels. Made with simgen: objects, "
        "places, surfaces, light and cameras are drawn at random from a config, objects fall or "
        "are put down, and Blender's Cycles renders them."
    )


def _splits(facts: Facts) -> str:
    columns = [("scenes", facts.split_scenes), ("images", facts.split_images)]
    if "objects" in facts.manifest.labels:  # else nobody counted them, which is not to say none
        visible = {s: sum(facts.objects[s, name] for name in facts.classes) for s in facts.splits}
        columns.append(("visible objects", Counter(visible)))
    rows = [(split, *(f"{count[split]:,}" for _, count in columns)) for split in facts.splits]
    text = table(("split", *(name for name, _ in columns)), rows)
    text += f"\n\nAll frames of a scene are in one split. Objects: {facts.amounts}."
    cases = {name: count for name, count in sorted(facts.cases.items()) if name}
    if cases:
        text += f" Rare cases, scenes made for each: {_listed(cases)}."
    return text


def classes_table(facts: Facts) -> str:
    """Images and objects of each class, by split."""
    if not sum(facts.objects.values()):
        return f"Classes: {', '.join(map(escape, facts.classes))}."
    head = ["class", *(f"{what}, {s}" for s in facts.splits for what in ("objects", "images"))]
    rows = [
        (
            name,
            *(
                f"{counts[split, name]:,}"
                for split in facts.splits
                for counts in (facts.objects, facts.images)
            ),
        )
        for name in facts.classes
    ]
    return table(head, rows)


def _labels(facts: Facts) -> str:
    rows = [
        (name, _file(name), LABELS[name].about if name in LABELS else "")
        for name in facts.manifest.labels
    ]
    return (
        table(("label", "in", "is"), rows)
        + "\n\nFiles of a frame are `scenes/SSSSSS/frame_FFFF.` and what the table says. Lengths "
        "are metres, pixel centres are at +0.5, camera axes are x right, y down, z forward. "
        "`simgen.open` reads all of it."
    )


def _file(name: str) -> str:
    if name not in LABELS:
        return RECORD
    stored = LABELS[name].stored
    if isinstance(stored, SceneArrays):
        return f"scenes/SSSSSS/{stored.file}"
    return stored.path if isinstance(stored, DatasetFile) else LABELS[name].suffix


def making(facts: Facts) -> str:
    """Versions, seed and command."""
    manifest = facts.manifest
    render = manifest.config["render"]
    versions = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
    denoised = "denoised" if render["denoise"] else "not denoised"
    return (
        f"Seed {manifest.config['seed']}, stage {escape(str(manifest.config['scene']['name']))}, "
        f"{render['samples']} paths a pixel, {denoised}. `dataset.json` of the dataset has the "
        "whole config, `spec.json` of a scene all that was drawn for it. This makes it again, byte "
        "for byte with the same versions on the same kind of device:\n\n"
        f"```sh\n{command(manifest)}\n```\n\n"
        f"Versions: {escape(versions)}."
    )


def licences(parts: Sequence[Part]) -> str:
    """Whose the things are that can be seen."""
    own = sum(part.licence == OWN for part in parts)
    rows = [
        (
            part.name,
            part.kind,
            f"{part.scenes:,}",
            part.licence or "unknown",
            part.author or "unknown",
            part.source or "unknown",
        )
        for part in sorted(parts, key=lambda one: (one.kind, -one.scenes, one.name))
        if part.licence != OWN
    ]
    text = (
        f"{own} of the classes and stages are made by simgen's code, surfaces included; no asset "
        "of anybody else's is in them."
        if own
        else ""
    )
    if rows:
        head = ("name", "kind", "scenes", "licence", "author", "source")
        text += f"{' ' if text else ''}Made by others:\n\n{table(head, rows[:_ROWS])}"
    if len(rows) > _ROWS:
        text += f"\n\n{_more(rows[_ROWS:])}"
    unknown = sum(row[3] == "unknown" for row in rows)
    if unknown:
        text += (
            f"\n\nOf {unknown} of them the licence is unknown. Find out before you publish images "
            "of them."
        )
    return text + "\n\nWhoever publishes the images chooses their licence, within what these allow."


def _more(rows: Sequence[tuple[str, ...]]) -> str:
    counts: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        counts[row[3]] += 1
    listed = ", ".join(f"{escape(name)} {count}" for name, count in sorted(counts.items()))
    return f"And {len(rows)} more, by licence: {listed}."


def limits(facts: Facts) -> str:
    """What a user should not expect."""
    manifest = facts.manifest
    lines = [
        "Images are synthetic. What is trained on them alone meets a gap to real images; measure "
        "it on real ones.",
        "Shapes, surfaces and places come from a limited set; classes of simgen's own are simple "
        "forms, and variety within a class is what its parameters allow.",
        "Frequencies are what the config asks for, not those of any place in the world.",
        "Labels are exact for the geometry. At glass they speak of the glass, not of what is "
        "seen through it; depth of field and motion blur are not in them.",
        "Distractors, and parts of the stage that are of no labelled class, have no boxes; they "
        "hide objects, and count as background.",
    ]
    if facts.ignored:
        lines.append(
            f"{_listed(facts.ignored)}: regions to be ignored, since they hold many of the class "
            "or only look like one; they count neither for nor against a detector."
        )
    if facts.unlabelled:
        lines.append(
            f"Furnishings of labelled classes that carry no label: {_listed(facts.unlabelled)}. A "
            "detector learns that they are background; scene.label_furnishings=instances labels "
            "them."
        )
    if facts.amounts.refused:
        names = ", ".join(map(escape, facts.amounts.refused))
        lines.append(f"The physics refused these assets, and others took their places: {names}.")
    if manifest.config["render"]["denoise"]:
        lines.append("A denoiser smooths fine texture, mostly in dark places.")
    if "objects" not in manifest.labels:
        lines.append("There are no boxes and no poses.")
    missing = manifest.num_scenes - facts.scene_count
    if missing > 0:
        lines.append(f"{missing:,} of {manifest.num_scenes:,} scenes could not be made.")
    return "\n".join(f"- {line}" for line in lines)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{escape(name)} {count:,}" for name, count in sorted(counts.items()))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """In GitHub's form; cells are plain text."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(cell if line is lines[1] else escape(cell) for cell in line)} |"
        for line in lines
    )


def escape(text: str) -> str:
    """Plain text, so that no name of anybody's becomes HTML, a link or a table."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    text = re.sub(r"([\\`*\[\]|!#])", r"\\\1", text)
    text = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
