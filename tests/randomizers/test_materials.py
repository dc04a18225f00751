import json

import numpy as np
import pytest

from simgen.randomizers.materials import (
    _LOOKS,
    ALBEDO_RANGE,
    KINDS,
    OFFSET_RANGE,
    draw_material,
)
from simgen.rng import log_uniform, stream
from simgen.spec import MaterialSpec, to_plain

SEEDS = range(25)


def draws(kind: str) -> list[MaterialSpec]:
    return [draw_material(kind, stream(seed, kind)) for seed in SEEDS]


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_lies_in_its_range(kind: str) -> None:
    look = _LOOKS[kind]
    for spec in draws(kind):
        assert spec.kind == kind
        for name in ("roughness", "scale", "bump", "coat"):
            low, high = getattr(look, f"{name}_range")
            assert low - 1e-12 <= getattr(spec, name) <= high + 1e-12, name
        assert all(OFFSET_RANGE[0] <= value <= OFFSET_RANGE[1] for value in spec.offset)


@pytest.mark.parametrize("kind", KINDS)
def test_colours_are_physically_plausible(kind: str) -> None:
    for spec in draws(kind):
        for color in (spec.color_a, spec.color_b):
            assert ALBEDO_RANGE[0] <= min(color)
            assert max(color) <= ALBEDO_RANGE[1]


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_of_sizes_that_things_have(kind: str) -> None:
    for spec in draws(kind):
        assert 1e-4 <= spec.scale <= 0.5
        assert 0.0 <= spec.bump < 0.4 * spec.scale
        assert 0.0 <= spec.roughness <= 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_same_stream_gives_the_same_material_and_another_one_does_not(kind: str) -> None:
    first, again, other = (draw_material(kind, stream(seed, "m")) for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize("kind", KINDS)
def test_spec_holds_plain_numbers_that_survive_json(kind: str) -> None:
    spec = draw_material(kind, stream(3))
    plain = to_plain(spec)
    numbers = [value for value in plain.values() if isinstance(value, (float, int, np.generic))]
    numbers += [part for key in ("color_a", "color_b", "offset") for part in plain[key]]
    assert {type(number) for number in numbers} == {float}
    back = json.loads(json.dumps(plain)).items()
    assert MaterialSpec(**{k: tuple(v) if isinstance(v, list) else v for k, v in back}) == spec


def test_only_metal_is_metallic_and_only_glass_lets_light_through() -> None:
    specs = [draw_material(kind, stream(0)) for kind in KINDS]
    assert [spec.kind for spec in specs if spec.metallic > 0.0] == ["metal"]
    assert [spec.kind for spec in specs if spec.transmission > 0.0] == ["glass"]


def test_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'velvet'.*plastic"):
        draw_material("velvet", stream(0))


def test_log_uniform_gives_every_decade_the_same_chance() -> None:
    rng = stream(0)
    values = np.array([log_uniform(rng, (1e-4, 1e-2)) for _ in range(4000)])
    assert np.mean(values < 1e-3) == pytest.approx(0.5, abs=0.03)
