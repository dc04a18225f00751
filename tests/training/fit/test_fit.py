"""`simgen fit`: ranges that are moved, a sensor that is found again, and the command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import Generate
from drawn_sets import scene, write_coco
from hypothesis import given
from hypothesis import strategies as st

from simgen import cli
from simgen.config import FACTORS
from simgen.config.compose import load_config
from simgen.formats.items import Picture
from simgen.stats.gap.measuring import Measured
from simgen.stats.gap.scale import Scale
from simgen.stats.gap.sides import Entry, Side
from simgen.training.fit.appearance import developed, distances
from simgen.training.fit.content import Content, moved, shown, start
from simgen.training.fit.drafts import Frame
from simgen.training.fit.fitting import Options, fit
from simgen.training.fit.quantiles import Range, octaves_of
from simgen.training.fit.sensor import SETTINGS, search, sensor_of, with_sensor
from simgen.training.fit.target import Target, read_target

SIDE = 100
CLASSES = {"mug": "cup", "ball": "sports ball"}


@given(st.lists(st.floats(0.01, 4.0), min_size=6, max_size=6))
def test_a_range_that_is_written_keeps_its_quantiles(values: list[float]) -> None:
    found = Range(np.sort(np.log2(values)))
    drawn = FACTORS["camera.fill_range"].parse(found.written(whole=False))
    shares = np.linspace(0, 1, 6)[1:-1]
    got = [drawn.quantile(float(share), lambda key: 0.0) for share in shares]
    assert got == pytest.approx(found.values[1:-1], rel=0.02)
    assert drawn.support() == pytest.approx((found.values[0], found.values[-1]), rel=0.01)


@given(
    st.fixed_dictionaries({name: st.floats(one.low, one.high) for name, one in SETTINGS.items()})
)
def test_whatever_is_searched_can_be_drawn(values: dict[str, float]) -> None:
    for key, written in sensor_of(values).items():
        if key in FACTORS:
            low, high = FACTORS[key].parse(written).support()
            assert low <= high, key


def target(counts: np.ndarray, sides: np.ndarray) -> Target:
    """Images with some objects of one size each, three in four of them cups."""
    entries = tuple(
        Entry(
            str(number),
            Picture(SIDE, SIDE, Path()),
            str(number),
            np.array([[0.0, 0.0, side, side]] * count).reshape(-1, 4),
            tuple("cup" if place % 4 else "sports ball" for place in range(count)),
        )
        for number, (count, side) in enumerate(zip(counts, sides, strict=True))
    )
    side = Side("drawn", entries, labelled=True, total=len(entries))
    measured = Measured(side, (), ({},), np.zeros((len(entries), 12)), (), ())
    shares = {"cup": 0.75, "sports ball": 0.25}
    scale = Scale("area", "", area=SIDE**2)
    return Target(measured, scale, (SIDE, SIDE), CLASSES, shares, ("scene=tabletop",), ())


def ideal_stage(content: Content, rng: np.random.Generator) -> list[Frame]:
    """Frames of a stage that shows three quarters of its objects, the larger the nearer."""
    keys = content.overrides()
    count = FACTORS["objects.count_range"].parse(keys["objects.count_range"])
    near = FACTORS["camera.fill_range"].parse(keys["camera.fill_range"])
    weights = {name: float(one) for name, one in (w.split(":") for w in keys["objects.weights"])}
    odds = np.array([weights["mug"], weights["ball"]]) / sum(weights.values())
    frames = []
    for number in range(200):
        objects = round(0.75 * count.quantile(float(rng.random()), lambda key: 0.0))
        side = 0.2 * SIDE * near.quantile(float(rng.random()), lambda key: 0.0)
        sides = side * rng.uniform(0.9, 1.1, objects)
        boxes = np.column_stack([np.zeros((objects, 2)), sides, sides])
        names = tuple(rng.choice(["mug", "ball"], objects, p=odds).tolist())
        frames.append(Frame(number, 0, boxes, names, np.zeros((0, 0, 3), np.float16)))
    return frames


def test_counts_sizes_and_classes_come_to_those_of_the_photographs() -> None:
    rng = np.random.default_rng(5)
    wanted = target(rng.integers(8, 20, 80), rng.uniform(4, 12, 80))
    content = start(load_config(["scene=tabletop"]), wanted, ("mug", "ball", "book"))
    for _ in range(4):
        content = moved(content, shown(ideal_stage(content, rng), wanted), wanted)
    found = shown(ideal_stage(content, rng), wanted)
    assert octaves_of(found.counts) == pytest.approx(octaves_of(wanted.counts), abs=0.3)
    assert octaves_of(found.sizes) == pytest.approx(octaves_of(wanted.sizes), abs=0.3)
    assert found.seen["cup"] / sum(found.seen.values()) == pytest.approx(0.75, abs=0.08)
    # A table has nothing that mugs and balls need beside them.
    assert content.overrides()["assets.classes"] == ["ball", "mug"]


def test_a_stage_that_needs_its_classes_together_keeps_them() -> None:
    wanted = replace(
        target(np.full(20, 30), np.full(20, 5.0)), class_map={"car": "cup"}, shares={"cup": 1.0}
    )
    config = load_config(["scene=aerial", "objects.weights=[tree:2,house:1,car:1]"])
    content = start(config, wanted, ("car", "house", "tree"))
    more = replace(content, number=content.number.moved(np.full(6, 2.0), 0.5, content.most))
    before, after = content.overrides(), more.overrides()
    assert "assets.classes" not in after
    of_car = [_share(found["objects.weights"], "car") for found in (before, after)]
    assert of_car[0] == pytest.approx(0.25, abs=0.02)
    # Four times the cars among as many houses and trees.
    assert of_car[1] == pytest.approx(4 / 7, abs=0.03)
    assert after["camera.gsd_range"] == before["camera.gsd_range"]


def _share(weights: list[str], name: str) -> float:
    found = {key: float(value) for key, value in (one.split(":") for one in weights)}
    return found[name] / sum(found.values())


CAMERA = {
    "sensor.effects": ["white_balance", "noise"],
    "sensor.effect_count_range": [2, 2],
    "sensor.exposure_range": ["normal", -0.9, 0.1, -2.0, 0.0],
    "sensor.saturation_range": [0.3, 0.4],
    "sensor.white_balance_range": 0.25,
    "sensor.tint_range": -0.3,
    "sensor.iso_range": ["log_uniform", 5000.0, 9000.0],
}


@pytest.mark.exhaustive
def test_a_sensor_is_found_again_from_its_pictures() -> None:
    rng = np.random.default_rng(1)
    light = [(scene(rng)[0] / 255.0) ** 2.2 * 0.5 for _ in range(16)]
    none = np.zeros((0, 4))
    frames = [Frame(n, 0, none, (), one.astype(np.float16)) for n, one in enumerate(light)]
    plain = load_config(["scene=tabletop"])
    wanted = target(np.zeros(16, int), np.zeros(16))
    seen = developed(frames[8:], with_sensor(plain, CAMERA), wanted)
    wanted = replace(wanted, measured=replace(wanted.measured, readings=(dict(seen.readings),)))
    found = search(frames[:8], plain, wanted, trials=(60, 60), stop=lambda: False)
    usual = developed(frames[:8], plain, wanted)
    fitted = developed(frames[:8], with_sensor(plain, found), wanted)
    for name in ("brightness", "chroma", "warmth", "tint", "noise"):
        real, before, after = (
            float(np.median(one.readings[name])) for one in (seen, usual, fitted)
        )
        assert abs(after - real) < abs(before - real) / 2, name
    costs = [sum(distances(one, wanted).values()) for one in (usual, fitted)]
    assert costs[1] < costs[0] / 2
    assert found == search(frames[:8], plain, wanted, trials=(60, 60), stop=lambda: False)


def test_photographs_are_measured_once_and_what_is_left_out_is_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    folder = write_coco(tmp_path / "set", [scene(rng, count=3) for _ in range(6)])
    found = read_target(
        str(folder), ["scene=tabletop"], renamed={}, limit=0, longest=100, tell=lambda *_: None
    )
    assert found.size == (100, 76)
    assert found.class_map["mug"] == "mug"
    assert any("--longest" in line for line in found.remarks)
    assert octaves_of(found.counts) == pytest.approx(
        np.log2(1 + np.full(6, len(found.shares))), abs=1
    )


@pytest.mark.render
@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_config_that_is_fitted_makes_datasets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    write_coco(tmp_path / "real", [scene(rng, count=2) for _ in range(6)])
    words = ["fit", "real", "scene=tabletop", "--out", "fitted.yaml", "--scenes", "2"]
    words += ["--rounds", "1", "--minutes", "0.01", "--workers", "1", "--longest", "96"]
    assert cli.main(words) == 0
    shown = capsys.readouterr().out
    assert "Size of objects" in shown
    assert "WARNING" not in shown
    assert "simgen generate fitted.yaml" in shown
    kept = yaml.safe_load((tmp_path / "fitted.yaml").read_text())
    assert kept["fitted_to"] == ["real"]
    assert kept["render"] == {"width": 96, "height": 72}
    assert not (tmp_path / "fitted.yaml.drafts").exists()
    made = ["generate", "fitted.yaml", "num_scenes=1", "render.samples=1", "output.dir=made"]
    assert cli.main(made) == 0
    assert "real" in (tmp_path / "made" / "README.md").read_text()


HIDDEN = (
    "scene=tabletop",
    "assets.classes=[mug,ball,book,bottle]",
    "objects.count_range=[9,13]",
    "objects.weights=[mug:3]",
    "camera.fill_range=[1.2,1.7]",
    "sensor.exposure_range=[0.9,1.3]",
    "sensor.saturation_range=[0.3,0.4]",
    "sensor.effects=[white_balance,noise]",
    "sensor.effect_count_range=2",
    "sensor.white_balance_range=[0.2,0.3]",
    "sensor.iso_range=[1600,3200]",
)
"""A config that a fit is not told."""


@pytest.mark.render
@pytest.mark.exhaustive
def test_the_statistics_of_an_unknown_config_are_found_again(
    generate: Generate, tmp_path: Path
) -> None:
    seen = generate(
        *HIDDEN, "num_scenes=10", "frames_per_scene=2", "seed=77", "render.width=128",
        "render.height=96", "render.samples=4", "labels=[rgb,objects]",
    )  # fmt: skip
    target = read_target(
        str(seen), ["scene=tabletop"], renamed={}, limit=0, longest=1024, tell=lambda *_: None
    )
    # Without a limit of time, so that it ends the same on every machine.
    options = Options(minutes=1e4, scenes=10, rounds=3, trials=80, workers=2)
    found = {one.id: one for one in fit(target, options, tmp_path).matches}
    for name in ("objects", "size", "brightness", "saturation", "warmth"):
        before, after = found[name].before.distance, found[name].after.distance
        assert after <= max(0.5 * before, 0.4), (name, before, after)
    assert found["classes"].after.distance < 0.6
    # In images this small most noise is lost to sharpening and JPEG, which are searched as well.
    assert found["noise"].after.distance <= found["noise"].before.distance


def test_wrong_input_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert cli.main(["fit", str(tmp_path / "empty")]) == 2
    assert cli.main(["fit", str(tmp_path), "--out", "fitted.txt"]) == 2
    assert "--out fitted.txt: expected a file name that ends in .yaml" in capsys.readouterr().err
