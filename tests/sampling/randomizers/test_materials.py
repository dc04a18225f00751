import colorsys
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.assets.textures import FoundTexture, TextureFolder
from simgen.config import MaterialsConfig
from simgen.sampling.randomizers.materials import (
    ALBEDO_RANGE,
    IMAGE,
    KINDS,
    LEVELS,
    OBJECT_KINDS,
    OFFSET_RANGE,
    STAGE_KINDS,
    draw_material,
    draw_surface,
)
from simgen.sampling.randomizers.surfaces import SURFACES, Palette
from simgen.spec.rng import log_uniform, stream
from simgen.spec.scene import MaterialSpec, to_plain

SEEDS = range(25)
METALLIC = {"metal", "chrome", "brushed_metal", "gold"}
CLEAR = {"glass", "clear_glass", "bottle_glass", "clear_plastic", "water"}
TEXTURES = TextureFolder(
    (FoundTexture("a.png", "0" * 64, (4, 4)), FoundTexture("b/c.jpg", "1" * 64, (8, 4))), ()
)


def draws(kind: str) -> list[MaterialSpec]:
    return [draw_material(kind, stream(seed, kind)) for seed in SEEDS]


def surfaces(level: str, kinds: tuple[str, ...], count: int = 600) -> list[MaterialSpec]:
    config = MaterialsConfig(level=level)
    return [draw_surface(config, kinds, None, 0.1, stream(n, "surface")) for n in range(count)]


@given(st.sampled_from(KINDS), st.integers(0, 2**31))
def test_every_number_lies_in_its_range(kind: str, seed: int) -> None:
    ranges = SURFACES[kind]
    spec = draw_material(kind, stream(seed))
    assert spec.kind == kind
    for name in ("roughness", "scale", "bump", "coat"):
        low, high = getattr(ranges, f"{name}_range")
        assert low - 1e-12 <= getattr(spec, name) <= high + 1e-12, name
    assert all(OFFSET_RANGE[0] <= value <= OFFSET_RANGE[1] for value in spec.offset)
    assert spec.motif in ranges.motifs
    assert spec.metallic in ranges.metallic
    assert spec.transmission == ranges.transmission
    low, high = ranges.emission_range
    assert spec.emission == 0.0 if spec.motif == "off" else low <= spec.emission <= high


@given(st.sampled_from(KINDS), st.integers(0, 2**31))
def test_colours_are_physically_plausible(kind: str, seed: int) -> None:
    spec = draw_material(kind, stream(seed))
    for color in (spec.color_a, spec.color_b):
        assert ALBEDO_RANGE[0] <= min(color)
        assert max(color) <= ALBEDO_RANGE[1]


@pytest.mark.parametrize("kind", KINDS)
def test_colours_come_from_the_palettes(kind: str) -> None:
    for spec in draws(kind):
        assert any(fits(palette, spec.color_a) for palette in SURFACES[kind].main)


def fits(palette: Palette, linear: tuple[float, float, float]) -> bool:
    """Whether a colour lies in a palette, apart from what the bounds of albedo take away."""
    display = [12.92 * c if c < 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in linear]
    hue, saturation, value = colorsys.rgb_to_hsv(*display)
    low, high = palette.hue_range
    clipped = min(linear) <= ALBEDO_RANGE[0] or max(linear) >= ALBEDO_RANGE[1]
    slack = 0.12 if clipped else 1e-6
    near = any(low - slack <= hue + turn <= high + slack for turn in (-1, 0, 1))
    return (
        (near or saturation < 0.1)
        and saturation <= palette.saturation_range[1] + 1e-6
        and palette.value_range[0] - 1e-6 <= value <= max(palette.value_range[1], 0.152) + 1e-6
    )


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_of_sizes_that_things_have(kind: str) -> None:
    ranges = SURFACES[kind]
    assert 1e-4 <= ranges.scale_range[0] <= ranges.scale_range[1] <= 0.6
    assert 0.0 <= ranges.bump_range[0] <= ranges.bump_range[1] <= 0.5 * ranges.scale_range[0]
    assert 0.0 <= ranges.roughness_range[0] <= ranges.roughness_range[1] <= 1.0
    assert 0.0 <= ranges.coat_range[0] <= ranges.coat_range[1] <= 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_same_stream_gives_the_same_material_and_another_one_does_not(kind: str) -> None:
    first, again, other = (draw_material(kind, stream(seed, "m")) for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize("kind", KINDS)
def test_spec_holds_plain_values_that_survive_json(kind: str) -> None:
    spec = draw_material(kind, stream(3))
    plain = to_plain(spec)
    values = [value for value in plain.values() if not isinstance(value, (list, tuple))]
    values += [part for key in ("color_a", "color_b", "offset") for part in plain[key]]
    assert {type(value) for value in values} <= {float, str}
    back = json.loads(json.dumps(plain)).items()
    assert MaterialSpec(**{k: tuple(v) if isinstance(v, list) else v for k, v in back}) == spec


def test_only_metals_are_metallic_and_only_clear_things_let_light_through() -> None:
    real = {kind: SURFACES[kind] for kind in (*OBJECT_KINDS, *STAGE_KINDS)}
    assert {kind for kind, ranges in real.items() if min(ranges.metallic) == 1.0} == METALLIC
    assert {kind for kind, ranges in real.items() if ranges.transmission > 0.0} == CLEAR


@pytest.mark.exhaustive
def test_every_motif_is_drawn() -> None:
    for kind, ranges in SURFACES.items():
        found = {draw_material(kind, stream(seed)).motif for seed in range(100)}
        assert found == set(ranges.motifs), kind


def test_screens_are_lit_or_off() -> None:
    screens = [draw_material("screen", stream(seed)) for seed in range(60)]
    assert all((spec.emission == 0.0) == (spec.motif == "off") for spec in screens)
    assert 0 < sum(spec.emission > 0.0 for spec in screens) < 60


def test_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'velvet'.*plastic"):
        draw_material("velvet", stream(0))


def test_realistic_surfaces_are_of_the_kinds_of_the_slot() -> None:
    found = [spec.kind for spec in surfaces("realistic", ("wood", "gold", "wood"), 900)]
    assert set(found) == {"wood", "gold"}
    assert found.count("gold") / 900 == pytest.approx(1 / 3, abs=0.07)  # over four sigma


def test_plausible_surfaces_are_any_real_kind_within_its_ranges() -> None:
    for kinds, expected in ((("wood",), OBJECT_KINDS), (("plaster", "tiles"), STAGE_KINDS)):
        found = surfaces("plausible", kinds)
        assert {spec.kind for spec in found} == set(expected)
        assert all(
            low <= spec.roughness <= high
            for spec in found
            for low, high in [SURFACES[spec.kind].roughness_range]
        )


def test_random_surfaces_are_anything_in_any_colour() -> None:
    found = surfaces("random", ("wood",), 2000)
    kinds = [spec.kind for spec in found]
    assert set(kinds) == set(KINDS)
    assert kinds.count("pattern") > 1000
    motifs = {spec.motif for spec in found if spec.kind == "pattern"}
    assert {"stripes", "checks", "dots", "gradient", "noise"} <= motifs
    hues = [colorsys.rgb_to_hsv(*spec.color_a)[0] for spec in found]
    counts, _ = np.histogram(hues, bins=6, range=(0, 1))
    assert counts.min() > 200
    roughness = [spec.roughness for spec in found]
    assert min(roughness) < 0.05
    assert max(roughness) > 0.95


@pytest.mark.parametrize("level", LEVELS)
def test_images_take_their_part_of_the_surfaces(level: str) -> None:
    config = MaterialsConfig(level=level, texture_probability=0.3)
    found = [
        draw_surface(config, ("wood",), TEXTURES, 0.123, stream(n, "image")) for n in range(1000)
    ]
    shown = [spec for spec in found if spec.kind == IMAGE]
    assert len(shown) / 1000 == pytest.approx(0.3, abs=0.06)  # four sigma
    assert {spec.scale for spec in shown} == {0.123}
    assert {(spec.texture, spec.texture_sha256) for spec in shown} == {
        ("a.png", "0" * 64),
        ("b/c.jpg", "1" * 64),
    }
    assert all(not spec.texture for spec in found if spec.kind != IMAGE)


def test_folder_without_images_changes_nothing() -> None:
    config = MaterialsConfig(texture_probability=1.0)
    empty = TextureFolder((), ())
    with_folder, without = (
        draw_surface(config, ("wood",), folder, 0.1, stream(4)) for folder in (empty, None)
    )
    assert with_folder == without


def test_unknown_level_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'wild'.*realistic, plausible, random"):
        draw_surface(MaterialsConfig(level="wild"), ("wood",), None, 0.1, stream(0))


def test_log_uniform_gives_every_decade_the_same_chance() -> None:
    rng = stream(0)
    values = np.array([log_uniform(rng, (1e-4, 1e-2)) for _ in range(4000)])
    assert np.mean(values < 1e-3) == pytest.approx(0.5, abs=0.03)
