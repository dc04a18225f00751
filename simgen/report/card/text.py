"""The text of a card in Markdown, from the facts of a dataset."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from simgen.dataset.layout import RECORD
from simgen.labels.label import DatasetFile, SceneArrays
from simgen.labels.registry import LABELS
from simgen.report.card.command import adapting, command
from simgen.report.card.front import front_matter, size_category, tags, tasks
from simgen.report.card.gather import Facts
from simgen.report.card.parts import OWN, Part, others
from simgen.report.templates import renderer

_ROWS = 60
"""Maximum number of rows in the table of parts; further parts are only counted."""


def head_of(facts: Facts) -> dict[str, Any]:
    """Return the front matter's keys, except those that depend on the layout of the files."""
    return {
        "pretty_name": title_of(facts),
        # The publisher chooses the licence; these are the Hub's names for an open choice.
        "license": "other" if others(facts.parts) else "unknown",
        "task_categories": tasks(facts.manifest.labels),
        "tags": tags(facts.manifest.labels),
        "size_categories": [size_category(facts.counts.image_count)],
    }


def title_of(facts: Facts) -> str:
    stage = str(facts.manifest.config["scene"]["name"]).replace("_", " ")
    classes = len(facts.classes)
    return f"Synthetic images of {classes} {'class' if classes == 1 else 'classes'}: {stage}"


def document(facts: Facts, pictures: Sequence[tuple[str, str]]) -> str:
    """Return the complete card of a dataset. pictures: paths and captions."""
    # The Hub's viewer would treat depth and masks as separate images.
    return front_matter(head_of(facts) | {"viewer": False}) + body(facts, pictures)


def body(facts: Facts, pictures: Sequence[tuple[str, str]]) -> str:
    """Return the card without its front matter."""
    text = _rendered(
        "card",
        facts=facts,
        title=title_of(facts),
        frames=facts.manifest.frames_per_scene,
        pictures=pictures,
        splits=Markup(_splits(facts)),
        cases={name: count for name, count in facts.cases.items() if name},
        classes=Markup(classes_table(facts)),
        labels=Markup(_labels(facts)),
        making=Markup(making(facts)),
        licences=Markup(licences(facts.parts)),
        limits=Markup(limits(facts)),
    )
    return f"\n{text}\n"


def _splits(facts: Facts) -> str:
    columns = [("scenes", facts.scenes), ("images", facts.counts.images)]
    if "objects" in facts.manifest.labels:  # otherwise objects were not counted
        of_classes = (facts.counts.by_class[name].objects for name in facts.classes)
        columns.append(("visible objects", sum(of_classes, Counter())))
    rows = [(split, *(f"{count[split]:,}" for _, count in columns)) for split in facts.splits]
    return table(("split", *(name for name, _ in columns)), rows)


def classes_table(facts: Facts) -> str:
    """Return a table with the images and objects of each class, by split."""
    if not facts.counts.object_count:
        return f"Classes: {', '.join(map(escape, facts.classes))}."
    head = ["class", *(f"{what}, {s}" for s in facts.splits for what in ("objects", "images"))]
    rows = []
    for name in facts.classes:
        one = facts.counts.by_class[name]
        numbers = [count[s] for s in facts.splits for count in (one.objects, one.images)]
        rows.append((name, *(f"{number:,}" for number in numbers)))
    return table(head, rows)


def _labels(facts: Facts) -> str:
    rows = [
        (name, _file(name), LABELS[name].about if name in LABELS else "")
        for name in facts.manifest.labels
    ]
    return table(("label", "file", "content"), rows)


def _file(name: str) -> str:
    if name not in LABELS:
        return RECORD
    stored = LABELS[name].stored
    if isinstance(stored, SceneArrays):
        return f"scenes/SSSSSS/{stored.file}"
    return stored.path if isinstance(stored, DatasetFile) else LABELS[name].suffix


def making(facts: Facts) -> str:
    """Return the section on versions, seed and command."""
    manifest = facts.manifest
    adaptation = manifest.adaptation
    return _rendered(
        "making",
        config=manifest.config,
        command=command(manifest),
        # Older datasets lack this key.
        fitted_to=", ".join(manifest.config.get("fitted_to", ())),
        adaptation=adaptation,
        adapting="" if adaptation is None else adapting(adaptation),
        methods="" if adaptation is None else ", then ".join(map(_method, adaptation["methods"])),
        figures="" if adaptation is None else _numbers(adaptation["figures"]),
        versions=", ".join(f"{name} {version}" for name, version in manifest.versions.items()),
    )


def _method(asked: Mapping[str, Any]) -> str:
    """Format a method of adaptation with its options."""
    options = _numbers(asked["options"])
    return asked["method"] + (f" ({options})" if options else "")


def _numbers(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in values.items())


def licences(parts: Sequence[Part]) -> str:
    """Return the section on the licences and authors of all visible parts."""
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
    head = ("name", "kind", "scenes", "licence", "author", "source")
    return _rendered(
        "licences",
        own=sum(part.licence == OWN for part in parts),
        rows=rows,
        table=Markup(table(head, rows[:_ROWS])),
        more=Counter(row[3] for row in rows[_ROWS:]),
        unknown=sum(row[3] == "unknown" for row in rows),
    )


def limits(facts: Facts) -> str:
    """Return the section on the dataset's limits."""
    missing = facts.manifest.num_scenes - facts.scenes.total()
    return _rendered("limits", facts=facts, missing=missing)


def _rendered(name: str, **values: Any) -> str:
    """Render one of the templates, without a final line break."""
    folder = Path(__file__).parent / "templates"
    render = renderer(folder, md=lambda text: Markup(escape(str(text))), listed=_listed)
    return render(f"{name}.md.jinja", **values).rstrip()


def _listed(counts: Mapping[str, int]) -> Markup:
    counted = sorted(counts.items())
    return Markup(", ".join(f"{escape(name)} {count:,}" for name, count in counted))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Format a table in GitHub's Markdown; cells are plain text."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(cell if line is lines[1] else escape(cell) for cell in line)} |"
        for line in lines
    )


def escape(text: str) -> str:
    """Escape plain text, so that no name becomes HTML, a link or a table."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    text = re.sub(r"([\\`*\[\]|!#])", r"\\\1", text)
    text = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
