import json

import numpy as np
import pytest

from simgen.randomizers.lighting import blackbody, draw_environment, draw_lights
from simgen.rng import stream
from simgen.spec import LightSpec, to_plain

HDRIS = ("city", "night", "studio")
LUMINANCE = (0.2126, 0.7152, 0.0722)


def all_lights(count: int = 200) -> list[LightSpec]:
    return [light for seed in range(count) for light in draw_lights(stream(seed, "lights"))]


def test_environment_lies_in_its_ranges_and_takes_every_image() -> None:
    specs = [draw_environment(stream(seed), HDRIS, (0.2, 0.9)) for seed in range(200)]
    assert {spec.hdri for spec in specs} == set(HDRIS)
    assert all(0.0 <= spec.rotation < 2.0 * np.pi for spec in specs)
    assert all(0.2 <= spec.strength <= 0.9 for spec in specs)


def test_environment_needs_an_image() -> None:
    with pytest.raises(ValueError, match="no HDRI"):
        draw_environment(stream(0), ())


def test_same_stream_gives_the_same_light() -> None:
    assert draw_lights(stream(7)) == draw_lights(stream(7))
    assert draw_environment(stream(7), HDRIS) == draw_environment(stream(7), HDRIS)
    assert len({draw_environment(stream(seed), HDRIS).rotation for seed in range(20)}) == 20


def test_count_range_includes_both_ends() -> None:
    counts = {
        len(draw_lights(stream(seed), count_range=(1, 3), sun_probability=0.0))
        for seed in range(100)
    }
    assert counts == {1, 2, 3}


@pytest.mark.parametrize(("probability", "kinds"), [(0.0, set()), (1.0, {"sun"})])
def test_sun_probability(probability: float, kinds: set[str]) -> None:
    lights = draw_lights(stream(0), count_range=(0, 0), sun_probability=probability)
    assert {light.kind for light in lights} == kinds


def test_area_lights_hang_above_the_table_and_aim_at_it() -> None:
    areas = [light for light in all_lights() if light.kind == "area"]
    assert areas
    for light in areas:
        assert 0.9 <= light.position[2] <= 1.9
        assert 0.15 <= light.size <= 1.0
        assert np.hypot(*light.target[:2]) <= 0.25
        assert light.target[2] == 0.0


@pytest.mark.parametrize("count", [1, 4])
def test_area_lights_share_the_drawn_light_from_any_distance(count: int) -> None:
    for seed in range(50):
        lights = draw_lights(stream(seed), (count, count), (2.0, 10.0), sun_probability=0.0)
        distances = [np.linalg.norm(np.subtract(x.position, x.target)) for x in lights]
        near = [x.power * (1.5 / d) ** 2 for x, d in zip(lights, distances, strict=True)]
        assert len(near) == count
        assert 2.0 - 1e-9 <= sum(near) <= 10.0 + 1e-9


def test_suns_stand_well_above_the_horizon() -> None:
    suns = [light for light in all_lights() if light.kind == "sun"]
    assert suns
    for light in suns:
        elevation = np.arctan2(light.position[2], np.hypot(*light.position[:2]))
        assert 0.4 - 1e-9 <= elevation <= 1.25 + 1e-9


def test_specs_hold_plain_numbers_that_survive_json() -> None:
    for light in all_lights(20):
        plain = to_plain(light)
        numbers = [plain["power"], plain["size"]]
        numbers += [part for key in ("position", "target", "color") for part in plain[key]]
        assert {type(number) for number in numbers} == {float}
        assert json.loads(json.dumps(plain))["power"] == light.power
    environment = draw_environment(stream(0), HDRIS)
    assert type(environment.rotation) is type(environment.strength) is float


@pytest.mark.parametrize("kelvin", [1800.0, 2500.0, 3999.0, 4001.0, 6504.0, 7500.0])
def test_black_bodies_have_unit_luminance(kelvin: float) -> None:
    assert np.dot(blackbody(kelvin), LUMINANCE) == pytest.approx(1.0, abs=0.02)


def test_black_bodies_are_red_when_cool_and_blue_when_hot() -> None:
    warm, white, cold = (blackbody(kelvin) for kelvin in (2700.0, 6500.0, 9000.0))
    assert warm[0] > warm[1] > warm[2]
    assert white == pytest.approx((1.0, 1.0, 1.0), abs=0.06)
    assert cold[2] > cold[1] > cold[0]
