"""What a stage has put up of a labelled class and carries no label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from simgen.assets.catalogue import built_in_info
from simgen.assets.synonyms import built_in_names
from simgen.dataset.manifest import Manifest
from simgen.errors import SimgenError
from simgen.formats.findings import Finding, finding
from simgen.spec.scene import SceneSpec
from simgen.stages.furnishings import NONE, label_furnishings
from simgen.stages.resolver import Resolver


def furnishings(
    place: str, spec: SceneSpec, content: Manifest, resolver: Resolver | None
) -> Iterator[Finding]:
    """place: of the scene's spec in the dataset. resolver: None where no stage is built."""
    found, mode = spec.unlabelled, content.config["scene"].get("label_furnishings", NONE)
    if not found and mode == NONE and resolver is not None:  # older specs do not say it
        found = _of_stage(spec, resolver)
    if found:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(found.items()))
        yield finding(
            "training/unlabelled-furnishings", place, "stage", f"{listed} without a label", "none"
        )


def _of_stage(spec: SceneSpec, resolver: Resolver) -> dict[str, int]:
    aliases = {name: info.aliases for name, info in built_in_info().items()}
    known = built_in_names(spec.classes, aliases, {})
    try:
        parts = resolver.stages.build(replace(spec.stage, whole=True)).parts
    except (SimgenError, OSError):  # a stage of the user's own that no longer exists
        return {}
    return label_furnishings(NONE, spec.stage, parts, known, spec.classes, 1).unlabelled
