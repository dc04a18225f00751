"""Compares the distributions in a dataset's config with the sampled values of its scenes.

A difference is not necessarily an error. Scenes that cannot be realized are sampled again, which
favours what fits: many large objects, for example, are rarer than requested on a small table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from simgen.config import FACTORS, NAMES, PROBABILITIES, Config, value_of
from simgen.config.distributions import Value
from simgen.config.draws import per
from simgen.config.weights import weighted
from simgen.dataset.layout import SPEC, Layout
from simgen.dataset.manifest import config_of
from simgen.dataset.reader import Dataset
from simgen.errors import InputError
from simgen.report.counting.scenes import Amounts, Json, placed_objects, read_scenes
from simgen.sampling.cases import Case, read_cases
from simgen.stats.names_drawn import NamesDrawn, NameTally, SetTally
from simgen.stats.numbers_drawn import NumberDrawn, NumberTally

LEVEL = 0.01
"""Significance level for a dataset: each of n tests uses `LEVEL / n` (Bonferroni)."""
_FEW = 0.9
"""Share of placed objects among the requested ones below which the dataset departs from its
config."""
_PLAIN = "(none)"
"""Name for scenes without a rare case."""

Drawn = NumberDrawn | NamesDrawn


@dataclass(frozen=True)
class Scene:
    """The sampled values of a spec."""

    index: int
    case: str
    factors: dict[str, tuple[Value, ...]]
    classes: tuple[str, ...]
    """Classes of its objects, in order, without furnishings of the stage."""


def asked_and_drawn(dataset: Dataset) -> list[Drawn]:
    """Return all sampled factors with their config keys, most significant difference first.

    Raises `InputError` for a dataset whose config or specs this version cannot read.
    """
    config = config_of(dataset.manifest)
    tally = _Tally(config, read_cases(config), dataset.classes)
    shares = weighted(config.splits)
    splits = NameTally("splits", even=True)
    for scene in scenes(dataset):
        tally.add(scene)
        splits.add(dataset.split_of(scene.index), shares)
    found = [*tally.results(), *([found] if (found := splits.result()) else [])]
    return sorted(found, key=lambda one: (1.0 if one.p is None else one.p, one.key))


def flagged(found: list[Drawn]) -> list[Drawn]:
    """Return the factors that differ significantly from the config."""
    tests = max(1, sum(one.p is not None for one in found))
    return [one for one in found if one.p is not None and one.p * tests < LEVEL]


def scenes(dataset: Dataset) -> Iterator[Scene]:
    """Yield all scenes in order. Raises `InputError` for a damaged spec."""
    for scene in read_scenes(dataset, with_frames=False):
        try:
            yield _scene(scene.index, scene.spec)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            path = Layout(dataset.root).scene(scene.index) / SPEC
            raise InputError(f"{path}: damaged: not a scene spec ({error!r})") from error


def _scene(index: int, spec: Json) -> Scene:
    factors = {
        str(key): tuple(v if isinstance(v, str) else float(v) for v in values)
        for key, values in spec["factors"].items()
    }
    classes = tuple(str(item["class_name"]) for item in placed_objects(spec))
    return Scene(index, str(spec["case"]), factors, classes)


def _placed(amounts: Amounts) -> NamesDrawn | None:
    """Compare the requested number of objects with the number placed; None without objects. No
    randomness is involved, so too many omitted objects count as a significant difference."""
    if not amounts.asked:
        return None
    drawn = np.array([amounts.asked - amounts.placed, amounts.placed], float)
    few = amounts.placed < _FEW * amounts.asked
    return NamesDrawn(
        "objects placed", ("omitted", "placed"), drawn, np.array([0.0, amounts.asked]),
        amounts.asked, "share omitted", float(drawn[0] / amounts.asked), 0.0 if few else None,
        False, 0,
    )  # fmt: skip


class _Tally:
    def __init__(self, config: Config, cases: tuple[Case, ...], classes: tuple[str, ...]) -> None:
        self._configs = [config, *(case.config for case in cases)]
        self._numbers = {"": 0} | {case.name: i + 1 for i, case in enumerate(cases)}
        self._forced = {case.name for case in cases if case.class_name is not None}
        self._classes = classes
        self._found: dict[str, NumberTally | NameTally | SetTally] = {}
        self._cases = NameTally("cases", even=True)
        self._shares = {case.name: case.share for case in cases}
        self._amounts = Amounts()
        self._shares[_PLAIN] = max(0.0, 1.0 - sum(self._shares.values()))
        self._weights = [self._class_weights(config) for config in self._configs]

    def add(self, scene: Scene) -> None:
        number = self._numbers.get(scene.case, 0)
        for key, values in scene.factors.items():
            if key in FACTORS:
                self._add_numbers(key, number, values, scene)
            elif key in NAMES and values:
                self._add_names(key, number, [str(value) for value in values])
            elif key in PROBABILITIES:
                self._add_chances(key, number, [str(value) for value in values])
        classes = self._tally("objects.weights", NameTally)
        for name in scene.classes[1 if scene.case in self._forced else 0 :]:
            classes.add(name, self._weights[number])
        asked = scene.factors.get("objects.count_range", ())
        if asked and isinstance(asked[0], float):
            self._amounts += Amounts(round(asked[0]), len(scene.classes))
        if len(self._configs) > 1:
            self._cases.add(scene.case or _PLAIN, self._shares)

    def results(self) -> list[Drawn]:
        found = [one.result() for one in (*self._found.values(), self._cases)]
        return [one for one in (*found, _placed(self._amounts)) if one is not None]

    def _add_numbers(self, key: str, number: int, values: tuple[Value, ...], scene: Scene) -> None:
        if key not in self._found:
            self._found[key] = NumberTally(key, self._configs)
        tally = self._found[key]
        assert isinstance(tally, NumberTally)
        for place, value in enumerate(values):
            if isinstance(value, float):
                tally.add(number, value, partial(_other, scene, key, place))

    def _add_names(self, key: str, number: int, values: list[str]) -> None:
        written = value_of(self._configs[number], key)
        if not written:  # the user's own HDRIs, for example
            return
        weights = weighted(written)
        if NAMES[key].set:
            self._tally(key, SetTally).add(values, weights)
            return
        for value in values:
            self._tally(key, NameTally).add(value, weights)

    def _add_chances(self, key: str, number: int, values: list[str]) -> None:
        yes = float(value_of(self._configs[number], key))
        for value in values:
            self._tally(key, NameTally).add(value, {"yes": yes, "no": 1.0 - yes})

    def _tally[T: (NameTally, SetTally)](self, key: str, kind: type[T]) -> T:
        tally = self._found.setdefault(key, kind(key))
        assert isinstance(tally, kind)
        return tally

    def _class_weights(self, config: Config) -> dict[str, float]:
        given = weighted(config.objects.weights) if config.objects.weights else {}
        return {name: given.get(name, 1.0) for name in self._classes}


def _other(scene: Scene, key: str, place: int, other: str) -> Value:
    """Return the value of another factor when `key` was sampled, as `Draws` looks it up."""
    values = scene.factors.get(other, ())
    at = place if per(key) == per(other) != "scene" else 0
    if at >= len(values):
        raise InputError(f"scene {scene.index}: {key} depends on {other}, which it does not have")
    return values[at]
