"""Selection of what is exported: classes renamed, merged or dropped; barely visible objects
dropped, or marked as regions to be ignored."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from simgen.errors import InputError
from simgen.formats.items import Annotation, Item

HARDLY_SEEN = ("drop", "crowd")
_NAMED = 10
"""Classes in a remark."""


@dataclass
class LeftOut:
    """Counts of visible objects that were not exported as such. by_class: dropped for their class.
    hardly_seen: dropped, or marked as regions to be ignored. unknown: kept, since their visibility
    is unknown."""

    by_class: Counter[str] = field(default_factory=Counter)
    hardly_seen: int = 0
    unknown: int = 0

    def clear(self) -> None:
        self.by_class.clear()
        self.hardly_seen = self.unknown = 0


@dataclass(frozen=True)
class Selection:
    """rename: new name by old name; several classes may get one name. keep: classes, by their new
    names, that are exported; empty for all. drop: classes that are not.
    min_visibility: visible part of the whole object, 0..1. min_pixels: visible pixels.
    hardly_seen: what becomes of objects below either: `drop` or `crowd`.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    keep: Sequence[str] = ()
    drop: Sequence[str] = ()
    min_visibility: float = 0.0
    min_pixels: int = 0
    hardly_seen: str = "drop"

    def __post_init__(self) -> None:
        if self.hardly_seen not in HARDLY_SEEN:
            raise InputError(f"hardly seen objects: {self.hardly_seen!r}; expected drop or crowd")
        if not 0 <= self.min_visibility <= 1:
            raise InputError(f"minimum visibility {self.min_visibility}: expected 0 to 1")

    def classes(self, found: Sequence[str]) -> tuple[str, ...]:
        """The classes of the export, of those of its sources, in order and each once. Raises
        `InputError` for a name that no source has."""
        renamed = list(dict.fromkeys(self.rename.get(name, name) for name in found))
        _check_known("--rename", self.rename, found)
        _check_known("--keep", self.keep, renamed)
        _check_known("--drop", self.drop, renamed)
        chosen = tuple(name for name in renamed if self._chosen(name))
        if found and not chosen:
            raise InputError(f"no class is left to export, of {', '.join(renamed)}")
        return chosen

    def of(self, item: Item, left_out: LeftOut | None = None) -> Item:
        """An item with the annotations that are exported, under the names that they get. left_out:
        is told of the others."""
        left_out = left_out or LeftOut()
        named = [(entry, self._name(entry.class_name)) for entry in item.annotations]
        left_out.by_class.update(e.class_name for e in item.objects if not self._name(e.class_name))
        chosen = [
            entry if name == entry.class_name else replace(entry, class_name=name)
            for entry, name in named
            if name
        ]
        if self.min_visibility or self.min_pixels:
            judged = [(entry, self._judged(entry)) for entry in chosen]
            seen = [(entry, kept) for entry, kept in judged if entry.bbox and not entry.crowd]
            left_out.hardly_seen += sum(kept is not entry for entry, kept in seen)
            left_out.unknown += sum(entry.visible_fraction is None for entry, _ in seen)
            chosen = [kept for _, kept in judged if kept is not None]
        things = tuple(self._name(name) for name in item.things)
        return replace(item, annotations=tuple(chosen), things=things)

    def remarks(self, left_out: LeftOut) -> list[str]:
        """What to say of the objects that are not exported as such."""
        found = []
        if self.keep or self.drop:
            most = [f"{name} {n}" for name, n in left_out.by_class.most_common(_NAMED)]
            others = len(left_out.by_class) - len(most)
            named = ", ".join(most) + (f" and {others} more classes" if others else "")
            total = left_out.by_class.total()
            found.append(f"--keep, --drop: left out {total} objects{named and f' ({named})'}")
        options = [("--min-visibility", self.min_visibility), ("--min-pixels", self.min_pixels)]
        given = ", ".join(name for name, value in options if value)
        if given and self.hardly_seen == "crowd":
            found.append(f"{given}: marked {left_out.hardly_seen} objects as regions to be ignored")
        elif given:
            advice = ", background from now on; --hardly-seen crowd marks them instead"
            count = left_out.hardly_seen
            found.append(f"{given}: left out {count} objects{advice if count else ''}")
        if self.min_visibility and left_out.unknown:
            found.append(
                f"--min-visibility: kept {left_out.unknown} objects of which it is not known"
            )
        return found

    def _name(self, name: str) -> str:
        """Of a class in the export; empty for one that is left out."""
        new = self.rename.get(name, name)
        return new if self._chosen(new) else ""

    def _chosen(self, name: str) -> bool:
        return name not in self.drop and (not self.keep or name in self.keep)

    def _judged(self, entry: Annotation) -> Annotation | None:
        # A region to be ignored that is left out would be background.
        if entry.crowd or not self._hardly_seen(entry):
            return entry
        return replace(entry, crowd=True) if self.hardly_seen == "crowd" else None

    def _hardly_seen(self, entry: Annotation) -> bool:
        fraction = entry.visible_fraction
        # External datasets do not say how much of an object is visible.
        few = fraction is not None and fraction < self.min_visibility
        return few or entry.area < self.min_pixels


def _check_known(
    option: str, names: Mapping[str, str] | Sequence[str], known: Sequence[str]
) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise InputError(f"{option} {name}: no such class; {hint}")
