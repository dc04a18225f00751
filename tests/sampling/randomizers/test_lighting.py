"""Light as it is drawn: kinds, places, amounts, colours."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import numpy as np
import pytest

from simgen.assets import environments
from simgen.assets.hdris import FoundHdri, HdriFolder
from simgen.config import HDRIS, NAMES, Config
from simgen.config.draws import Draws
from simgen.geometry.color import blackbody, white_balanced
from simgen.sampling.randomizers.lamps import Target, watts_of_disk
from simgen.sampling.randomizers.lighting import Light, draw_light
from simgen.sampling.randomizers.studio import KEY_IRRADIANCE
from simgen.spec.scene import LightSpec, to_plain
from simgen.stages.stage import LampPlace, Room

LUMINANCE = (0.2126, 0.7152, 0.0722)
KINDS = NAMES["lighting.kinds"].names
CENTRE = (0.3, -0.2, 0.8)
PLACES = (
    LampPlace("ceiling", (0.0, 0.0, 2.5), (0.0, 0.0, 0.0), 0.4, 0.0),
    LampPlace("ceiling", (2.0, 0.0, 2.5), (2.0, 0.0, 0.0), 1.2, 0.3),
    LampPlace("bulb", (1.0, 1.0, 1.6), (1.0, 1.0, 0.0), 0.1, 0.1),
    LampPlace("window", (-3.0, 0.0, 1.5), (0.0, 0.0, 0.7), 1.4, 1.2),
)


def drawn(
    kind: str,
    count: int = 100,
    places: tuple[LampPlace, ...] = (),
    radius: float = 0.25,
    hdris: HdriFolder | None = None,
    **settings: object,
) -> list[tuple[Draws, Light]]:
    config = Config()
    config.lighting.kinds = [kind]
    for key, value in settings.items():
        owner = config.lighting
        *path, name = key.split("__")
        for part in path:
            owner = getattr(owner, part)
        setattr(owner, name, value)
    made = [Draws(config, scene) for scene in range(count)]
    return [(draws, draw_light(draws, hdris, places, CENTRE, radius)) for draws in made]


def level(light: LightSpec, point: tuple[float, float, float] = CENTRE) -> float:
    """Irradiance of a surface at a point that faces a lamp, by the formulas of radiometry."""
    to_point = np.subtract(point, light.position)
    distance = float(np.linalg.norm(to_point))
    if light.kind == "sun":
        return light.power
    if light.kind == "point":
        return float(light.power / (4 * np.pi * distance**2))
    ahead = np.subtract(light.target, light.position)
    slant = float(to_point @ ahead) / distance / float(np.linalg.norm(ahead))
    area = np.pi * light.size**2 / 4 if light.kind == "area" else light.size * light.height
    return float(light.power * slant / (np.pi * distance**2 + area))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("radius", [0.1, 0.5, 6.0])
def test_all_kinds_light_small_and_large_scenes_alike(kind: str, radius: float) -> None:
    levels = []
    for _, (environment, lights) in drawn(kind, 60, radius=radius):
        lamps = sum(level(light) for light in lights)
        clear = environment.sky
        around = 3.0 if clear else np.pi * environment.strength
        levels.append(lamps + around)
    low, high = (0.01, 1.2) if kind == "night" else (0.15, 20.0)
    assert low < min(levels)
    assert max(levels) < high
    if kind == "night":
        assert np.median(levels) < 0.4


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "photo"])
@pytest.mark.parametrize("places", [(), PLACES])
def test_light_is_plain_repeatable_and_its_own(kind: str, places: tuple[LampPlace, ...]) -> None:
    first, again = ([light for _, light in drawn(kind, 20, places)] for _ in range(2))
    assert first == again
    assert len({str(light) for light in first}) == 20
    for environment, lights in first:
        for item in (environment, *lights):
            text = json.dumps(to_plain(item), allow_nan=False)
            assert json.dumps(json.loads(text)) == text
        for light in lights:
            assert {type(value) for value in (light.power, light.size, *light.position)} == {float}
            assert light.power > 0
            assert light.size > 0


@pytest.mark.parametrize("kind", KINDS)
def test_lamps_are_above_what_they_light(kind: str) -> None:
    for _, (_, lights) in drawn(kind):
        for light in lights:
            assert light.position[2] > CENTRE[2]
            assert light.kind in ("area", "rectangle", "point", "sun")
            if light.kind == "area" and kind == "studio":
                half = light.size / 2
                level_part = np.hypot(*np.subtract(light.position, light.target)[:2])
                level_part /= np.linalg.norm(np.subtract(light.position, light.target))
                assert light.position[2] - half * level_part > CENTRE[2] - 0.25, "not in the ground"


# ---- hdri


def test_worlds_come_from_the_list_by_their_weights() -> None:
    made = drawn("hdri", 400, hdris=None)
    assert {environment.hdri for _, (environment, _) in made} == set(HDRIS)
    for draws, (environment, _) in made:
        assert environment.normalisation == environments.normalisation(environment.hdri)
        assert draws.factors()["lighting.hdris"] == (environment.hdri,)
        assert environment.strength == draws.factors()["lighting.strength_range"][0]
        assert np.dot(environment.tint, LUMINANCE) == pytest.approx(1.0)
    some = drawn("hdri", 300, **{"hdris": None}, area_count_range=0, sun_probability=0.0)
    assert all(lights == () for _, (_, lights) in some)


@pytest.mark.exhaustive
def test_own_worlds_are_drawn_beside_blenders() -> None:
    own = HdriFolder(tuple(FoundHdri(f"sub/{i}.hdr", f"{i:064}", 2.0 + i) for i in range(8)), ())
    config = Config()
    config.lighting.kinds = ["hdri"]
    for listed, expected in ((list(HDRIS), 0.5), ([f"{HDRIS[0]}:24"], 0.25), ([], 1.0)):
        config.lighting.hdris = listed
        worlds = [draw_light(Draws(config, scene), own, (), CENTRE, 0.2)[0] for scene in range(400)]
        mine = [world for world in worlds if world.hdri_sha256]
        assert len(mine) / 400 == pytest.approx(expected, abs=0.08)
        assert {world.hdri for world in mine} == {item.file for item in own.found}
        for world in mine:
            number = int(PurePosixPath(world.hdri).stem)
            assert world.normalisation == 2.0 + number
            assert world.hdri_sha256 == f"{number:064}"


def test_warm_tints_are_red_and_cool_ones_blue() -> None:
    for tint in (-0.3, 0.3):
        ((_, (environment, _)),) = drawn("hdri", 1, tint_range=tint)
        assert np.sign(environment.tint[0] - environment.tint[2]) == np.sign(tint)


def test_lamps_beside_a_world_share_the_light() -> None:
    for count in (1, 4):
        for draws, (_, lights) in drawn("hdri", 60, area_count_range=count, sun_probability=0.0):
            assert len(lights) == count
            assert len(draws.factors()["lighting.temperature_range"]) == count
            total = sum(
                light.power / watts_of_disk(_apart(light), light.size / 2) for light in lights
            )
            assert 0.35 / 4 <= total <= 1.7


def _apart(light: LightSpec) -> float:
    return float(np.linalg.norm(np.subtract(light.position, light.target)))


def test_sun_probability() -> None:
    for probability, kinds in ((0.0, set()), (1.0, {"sun"})):
        made = drawn("hdri", 20, area_count_range=0, sun_probability=probability)
        assert {light.kind for _, (_, lights) in made for light in lights} == kinds


# ---- studio


def test_the_key_light_is_as_much_brighter_as_drawn() -> None:
    for draws, (environment, lights) in drawn("studio"):
        key, fill = lights[:2]
        contrast = draws.factors()["lighting.studio.contrast_range"][0]
        assert level(key) == pytest.approx(KEY_IRRADIANCE)
        assert level(key) / level(fill) == pytest.approx(contrast)
        assert environment.kind == "plain"
        assert 2 <= len(lights) <= 4


# ---- indoor


def test_indoor_lamps_hang_at_the_stages_places() -> None:
    spots = {place.position for place in PLACES}
    for draws, (environment, lights) in drawn("indoor", 60, PLACES):
        assert {light.position for light in lights} <= spots
        lamps = draws.factors()["lighting.indoor.lamps_range"][0]
        windows = [light for light in lights if light.position == PLACES[3].position]
        assert len(lights) - len(windows) == lamps
        assert len(windows) == 1
        assert windows[0].kind == "rectangle"
        assert (windows[0].size, windows[0].height) == (1.4, 1.2)
        assert environment.hdri in ("city", "courtyard", "forest")


@pytest.mark.parametrize("daylight", [0.0, 0.5, 1.0])
def test_daylight_is_the_part_that_was_drawn(daylight: float) -> None:
    for _, (_, lights) in drawn("indoor", 40, indoor__daylight_range=daylight):
        day = sum(level(light) for light in lights if light.target == CENTRE)
        lamps = sum(level(light) for light in lights if light.target != CENTRE)
        assert day / (day + lamps) == pytest.approx(daylight, abs=0.25 if daylight % 1 else 1e-9)


def test_a_camera_sees_lamps_nearly_white_unless_there_are_others() -> None:
    """By day and lamp at once, lamps are warmer than the window."""
    for _, (_, lights) in drawn(
        "indoor", 30, PLACES, temperature_range=2700.0, indoor__daylight_range=0.5
    ):
        *lamps, window = lights
        assert all(lamp.color[0] / lamp.color[2] > 1.5 for lamp in lamps)
        assert window.color[0] < window.color[2]
    for _, (_, lights) in drawn(
        "indoor", 10, PLACES, temperature_range=2700.0, indoor__daylight_range=0.0
    ):
        for lamp in lights:
            assert 1.1 < lamp.color[0] / lamp.color[2] < 3.0, "warm, not orange"


# ---- night


def test_night_has_lamps_and_little_else() -> None:
    for _, (environment, lights) in drawn("night"):
        assert environment.strength <= 0.012
        assert [light for light in lights if light.kind != "sun"]
    for _, (_, lights) in drawn("night", 40, PLACES):
        spots = {light.position for light in lights if light.kind == "point"}
        assert spots == {PLACES[2].position}


# ---- colours and amounts


@pytest.mark.parametrize("kelvin", [1800.0, 2500.0, 3999.0, 4001.0, 6504.0, 7500.0])
def test_black_bodies_have_unit_luminance(kelvin: float) -> None:
    assert np.dot(blackbody(kelvin), LUMINANCE) == pytest.approx(1.0, abs=0.02)


def test_black_bodies_are_red_when_cool_and_blue_when_hot() -> None:
    warm, white, cold = (blackbody(kelvin) for kelvin in (2700.0, 6500.0, 9000.0))
    assert warm[0] > warm[1] > warm[2]
    assert white == pytest.approx((1.0, 1.0, 1.0), abs=0.06)
    assert cold[2] > cold[1] > cold[0]


def test_white_balance_makes_its_own_white_white() -> None:
    for kelvin in (2200.0, 4000.0, 9000.0):
        assert white_balanced(kelvin, kelvin, 1.0) == pytest.approx((1, 1, 1), abs=1e-6)
        assert np.dot(white_balanced(kelvin, 5000.0, 0.5), LUMINANCE) == pytest.approx(1.0)
        assert white_balanced(kelvin, kelvin, 0.0) == pytest.approx(blackbody(kelvin), rel=0.03)


def test_a_disk_lamps_irradiance_is_the_integral_over_it() -> None:
    radius, distance = 0.7, 0.9
    rings = (np.arange(2000) + 0.5) / 2000 * radius
    squared = rings**2 + distance**2
    # Radiance of one watt over a matt disk, cos at both ends: d / r each.
    radiance = 1.0 / (np.pi * np.pi * radius**2)
    summed = (radiance * distance**2 / squared**2 * 2 * np.pi * rings).sum() * radius / 2000
    assert 1.0 / watts_of_disk(distance, radius) == pytest.approx(summed, rel=1e-4)


def test_targets_have_room_for_lamps() -> None:
    assert Target((0, 0, 0), 0.01).reach(4.0) == 0.5
    assert Target((0, 0, 0), 2.0).reach(4.0) == 8.0


@pytest.mark.parametrize("kind", ["hdri", "studio", "indoor", "night"])
def test_lamps_stay_in_the_room_and_give_the_same_light(kind: str) -> None:
    room = Room((-2.0, -1.5, 0.0), (2.0, 2.5, 2.4))
    config = Config()
    config.lighting.kinds = [kind]
    moved = 0
    for scene in range(60):
        free, inside = (
            draw_light(Draws(config, scene), None, (), CENTRE, 0.6, place)[1]
            for place in (None, room)
        )
        for before, after in zip(free, inside, strict=True):
            if before.kind == "sun":
                assert before == after
                continue
            assert (np.array(after.position) >= room.low).all()
            assert (np.array(after.position) <= room.high).all()
            assert level(after, after.target) == pytest.approx(level(before, before.target))
            moved += before != after
    assert moved > 10


@pytest.mark.parametrize("kind", ["hdri", "sky"])
def test_daylight_comes_through_the_stages_windows(kind: str) -> None:
    for _, (_, lights) in drawn(kind, 20, PLACES, area_count_range=0, sun_probability=0.0):
        (window,) = lights
        assert window.kind == "rectangle"
        assert window.position == PLACES[3].position
        assert 0.3 < level(window) < 3.0
    assert all(not lights for _, (_, lights) in drawn("sky", 10))
