"""Selection of annotations: renaming, merging and dropping of classes; treatment of barely visible
objects, which are dropped or marked as ignore regions."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from simgen.errors import InputError
from simgen.formats.items import Annotation, Item

HARDLY_SEEN = ("drop", "crowd")
_NAMED = 10
"""Maximum number of classes named in a remark."""


@dataclass
class LeftOut:
    """Counts of visible objects that were omitted or marked.

    by_class: omitted because of their class. hardly_seen: omitted, or marked as ignore regions,
    because they are barely visible. unknown: kept because their visibility is unknown.
    """

    by_class: Counter[str] = field(default_factory=Counter)
    hardly_seen: int = 0
    unknown: int = 0

    def clear(self) -> None:
        self.by_class.clear()
        self.hardly_seen = self.unknown = 0


@dataclass(frozen=True)
class Selection:
    """Options for the selection of annotations.

    rename: new names by old names; several classes may get the same name. keep: new names of the
    exported classes; empty for all. drop: new names of the omitted classes.
    min_visibility: minimum visible fraction of an object, 0..1. min_pixels: minimum number of
    visible pixels. hardly_seen: treatment of objects below either limit: `drop` or `crowd`.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    keep: Sequence[str] = ()
    drop: Sequence[str] = ()
    min_visibility: float = 0.0
    min_pixels: int = 0
    hardly_seen: str = "drop"

    def __post_init__(self) -> None:
        if self.hardly_seen not in HARDLY_SEEN:
            raise InputError(f"--hardly-seen {self.hardly_seen}: expected drop or crowd")
        if not 0 <= self.min_visibility <= 1:
            raise InputError(f"--min-visibility {self.min_visibility}: expected 0 to 1")

    def classes(self, found: Sequence[str]) -> tuple[str, ...]:
        """Return the exported classes in order, without duplicates.

        found: the classes of all sources. Raises `InputError` for a name that no source has.
        """
        renamed = list(dict.fromkeys(self.rename.get(name, name) for name in found))
        _check_known("--rename", self.rename, found)
        _check_known("--keep", self.keep, renamed)
        _check_known("--drop", self.drop, renamed)
        chosen = tuple(name for name in renamed if self._chosen(name))
        if found and not chosen:
            raise InputError(
                f"--keep, --drop: no class is left of {', '.join(renamed)}; keep at least one"
            )
        return chosen

    def of(self, item: Item, left_out: LeftOut | None = None) -> Item:
        """Return an item with its selected and renamed annotations. left_out: counts the others."""
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
        """Return remarks on the objects that were omitted or marked."""
        found = []
        if self.keep or self.drop:
            most = [f"{name} {n}" for name, n in left_out.by_class.most_common(_NAMED)]
            others = len(left_out.by_class) - len(most)
            named = ", ".join(most) + (f" and {others} more classes" if others else "")
            total = left_out.by_class.total()
            found.append(f"--keep, --drop: omitted {total} objects{named and f' ({named})'}")
        options = [("--min-visibility", self.min_visibility), ("--min-pixels", self.min_pixels)]
        given = ", ".join(name for name, value in options if value)
        if given and self.hardly_seen == "crowd":
            found.append(f"{given}: marked {left_out.hardly_seen} objects as ignore regions")
        elif given:
            advice = ", which become background; --hardly-seen crowd marks them instead"
            count = left_out.hardly_seen
            found.append(f"{given}: omitted {count} objects{advice if count else ''}")
        if self.min_visibility and left_out.unknown:
            found.append(
                f"--min-visibility: kept {left_out.unknown} objects whose visibility is unknown"
            )
        return found

    def _name(self, name: str) -> str:
        """Return the exported name of a class; empty if it is omitted."""
        new = self.rename.get(name, name)
        return new if self._chosen(new) else ""

    def _chosen(self, name: str) -> bool:
        return name not in self.drop and (not self.keep or name in self.keep)

    def _judged(self, entry: Annotation) -> Annotation | None:
        # An ignore region that is omitted would become background.
        if entry.crowd or not self._hardly_seen(entry):
            return entry
        return replace(entry, crowd=True) if self.hardly_seen == "crowd" else None

    def _hardly_seen(self, entry: Annotation) -> bool:
        fraction = entry.visible_fraction
        # External datasets may lack visible fractions.
        few = fraction is not None and fraction < self.min_visibility
        return few or entry.area < self.min_pixels


def _check_known(
    option: str, names: Mapping[str, str] | Sequence[str], known: Sequence[str]
) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(known)}"
            raise InputError(f"{option} {name}: no such class; {hint}")
