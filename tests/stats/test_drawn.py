"""Asked beside drawn, over whole datasets: every factor is there, rare cases have their own ranges,
and what departs is flagged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import simgen
from simgen.config import FACTORS, NAMES
from simgen.errors import InputError
from simgen.stats.collect import gather
from simgen.stats.drawn import Drawn, asked_and_drawn, flagged
from simgen.stats.names_drawn import NamesDrawn
from simgen.stats.page import html_of

SCENES = 40
Edit = Callable[[int, dict[str, Any]], None]


@pytest.fixture
def folder(stills_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stills_folder, tmp_path / "dataset"))


def config_of(folder: Path, **changes: Any) -> None:
    """Change what `dataset.json` says was asked for; keys have __ for dots."""
    path = folder / "dataset.json"
    plain = json.loads(path.read_text())
    for key, value in changes.items():
        *groups, last = key.split("__")
        node = plain["config"]
        for group in groups:
            node = node[group]
        node[last] = value
    path.write_text(json.dumps(plain))


def many(folder: Path, edit: Edit) -> None:
    """Scenes that are copies of the first, but for their specs."""
    first = folder / "scenes" / "000000"
    plain = json.loads((first / "spec.json").read_text())
    for number in range(SCENES):
        scene = folder / "scenes" / f"{number:06d}"
        scene.mkdir(exist_ok=True)
        spec = json.loads(json.dumps(plain))
        edit(number, spec)
        (scene / "spec.json").write_text(json.dumps(spec))


def found_in(folder: Path) -> dict[str, Drawn]:
    return {one.key: one for one in asked_and_drawn(simgen.open(folder))}


def test_every_factor_is_there_with_all_its_draws(stills_folder: Path) -> None:
    ds = simgen.open(stills_folder)
    counts: dict[str, int] = {}
    for scene in ds.scenes:
        for key, values in ds.spec(scene).factors.items():
            counts[key] = counts.get(key, 0) + len(values)
    found = found_in(stills_folder)
    assert set(found) >= {key for key in counts if key in FACTORS or key in NAMES} - {
        "sensor.effects",
        "lighting.hdris",
    }
    for key in set(found) & set(counts) - {"sensor.effects"}:
        assert found[key].count == counts[key], key
    assert found["objects.weights"].count == sum(len(ds.spec(s).objects) for s in ds.scenes)
    assert found["splits"].count == len(ds.scenes)
    assert all(one.outside == 0 for one in found.values())
    assert flagged(list(found.values())) == []


@pytest.mark.exhaustive
def test_draws_that_were_not_asked_for_are_flagged_and_shown(folder: Path) -> None:
    config_of(folder, camera__fill_range=[3.0, 4.0])
    found = found_in(folder)
    one = found["camera.fill_range"]
    assert one.outside == one.count > 0
    assert [one.key for one in flagged(list(found.values()))] == ["camera.fill_range"]
    text = html_of(*gather(str(folder)))
    assert "Significantly different from the config: camera.fill_range." in text
    assert text.count('<figure class="chart warn">') == 1


def test_classes_by_their_weights(folder: Path) -> None:
    config_of(folder, objects__weights=["mug:50"])
    one = found_in(folder)["objects.weights"]
    assert one.p is not None
    assert one.p < 1e-6


def test_chances_by_their_probability(folder: Path) -> None:
    config_of(folder, motion__probability=0.5)

    def edit(number: int, spec: dict[str, Any]) -> None:
        spec["factors"] = {"motion.probability": ["yes", "no"] if number % 4 else ["no", "no"]}

    many(folder, edit)
    one = found_in(folder)["motion.probability"]
    assert isinstance(one, NamesDrawn)
    assert one.names == ("no", "yes")
    assert one.asked.tolist() == [SCENES, SCENES]
    assert one.drawn.tolist() == [1.25 * SCENES, 0.75 * SCENES]
    assert one.outside == 0


@pytest.mark.parametrize(("placed", "departs"), [(10, False), (4, True)])
@pytest.mark.exhaustive
def test_objects_that_found_no_place_are_told(folder: Path, placed: int, departs: bool) -> None:
    """Things of the stage are none of those that were asked for."""
    mug = {"class_name": "mug", "asset": {"source": "parametric"}}
    chair = {"class_name": "mug", "asset": {"source": "stage"}}

    def edit(number: int, spec: dict[str, Any]) -> None:
        spec["factors"], spec["objects"] = {"objects.count_range": [10.0]}, [mug] * placed + [chair]

    many(folder, edit)
    found = found_in(folder)
    one = found["objects placed"]
    assert isinstance(one, NamesDrawn)
    told = dict(zip(one.names, one.drawn.tolist(), strict=True))
    assert told == {"placed": SCENES * placed, "omitted": SCENES * (10 - placed)}
    assert (one in flagged(list(found.values()))) is departs
    assert "share omitted" in html_of(*gather(str(folder))).lower()


def test_a_rare_case_has_its_own_ranges(folder: Path) -> None:
    case = {
        "name": "near",
        "share": 0.5,
        "set": {"camera.fill_range": [3.0, 4.0]},
        "object": {"class": "mug"},
    }
    config_of(folder, cases=[case], camera__fill_range=[0.9, 1.5])

    def edit(number: int, spec: dict[str, Any]) -> None:
        even = (number // 2 + 0.5) / (SCENES // 2)
        spec["case"] = "near" if number % 2 else ""
        fill = 3 + even if number % 2 else 0.9 + 0.6 * even
        spec["factors"] = {"camera.fill_range": [fill]}
        spec["objects"] = [{"class_name": "mug"}]

    many(folder, edit)
    found = found_in(folder)
    one = found["camera.fill_range"]
    assert one.outside == 0
    assert one.p is not None
    assert one.p > 0.9
    # What a case sets is not drawn: its first objects do not count.
    assert found["objects.weights"].count == SCENES // 2
    cases = found["cases"]
    assert cases.count == SCENES
    assert cases.asked.tolist() == [SCENES / 2, SCENES / 2]


def test_a_factor_that_depends_on_another(folder: Path) -> None:
    config_of(
        folder,
        scene__size_range=[1.0, 2.0],
        camera__fill_range=["linear", "scene.size_range", 0.5, 0.0, [0.0, 0.1]],
    )

    def edit(number: int, spec: dict[str, Any]) -> None:
        even = (number + 0.5) / SCENES
        size = 1 + (even * 7) % 1
        spec["factors"] = {
            "scene.size_range": [size],
            "camera.fill_range": [0.5 * size + 0.1 * even],
        }

    many(folder, edit)
    one = found_in(folder)["camera.fill_range"]
    assert one.p is not None
    assert one.p > 0.9
    assert one.asked.sum() == pytest.approx(SCENES)

    def unlike(number: int, spec: dict[str, Any]) -> None:
        edit(number, spec)
        # The same numbers in another order: right on the whole, wrong given the other factor.
        size = 1 + ((SCENES - 1 - number + 0.5) / SCENES * 7) % 1
        spec["factors"]["scene.size_range"] = [size]

    many(folder, unlike)
    other = found_in(folder)["camera.fill_range"]
    assert other.p is not None
    assert other.p < 1e-6


@pytest.mark.parametrize("content", ["{", "[]", '{"factors": {"a": [null]}}', "{}"])
def test_damaged_specs_are_named(content: str, folder: Path) -> None:
    path = folder / "scenes" / "000002" / "spec.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"000002/spec\.json: damaged"):
        asked_and_drawn(simgen.open(folder))


def test_a_config_of_another_version_leaves_it_out(folder: Path) -> None:
    config_of(folder, camera__unknown_key=3)
    found, drawn = gather(str(folder))
    assert drawn is None
    assert "not a config of this version" in found.left_out["asked"]
    assert found.image_count == 12
