"""Studies: what a command line asks for, and the datasets that it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.assets.catalogue import load_catalogue
from simgen.config.compose import load_config
from simgen.config.weights import weighted
from simgen.errors import InputError
from simgen.formats.items import Annotation, Item, Picture
from simgen.sampling.randomizers.classes import distractor_classes
from simgen.training.study.compose import load_study, shipped_studies
from simgen.training.study.plan import plan
from simgen.training.study.scene_choice import (
    choose_scene,
    classes_of_arms,
    half_tested,
    scenes_are_given,
    suited,
)


@pytest.mark.parametrize("name", [name for name in shipped_studies() if name != "arms"])
@pytest.mark.corpus(1)
def test_shipped_studies_are_plans_of_what_simgen_can_generate(name: str) -> None:
    study = load_study([f"study={name}"])
    datasets, arms = plan(study, ["scene=tabletop", *study.config.base])
    assert study.config.about
    assert study.reference in {arm.name for arm in arms}
    assert {name for arm in arms for name in arm.datasets} == set(datasets)


def test_arms_of_equal_configs_share_a_dataset() -> None:
    study = load_study(
        ["study=arms", "arms.a.images=10", "arms.b.images=25", "arms.c.seed=3",
         "arms.d.scene=tabletop", "replicates=3", "held_out=4"]
    )  # fmt: skip
    datasets, arms = plan(study, ["scene=tabletop", "frames_per_scene=5"])
    by_name = {arm.name: "".join(arm.datasets) for arm in arms}
    assert by_name["a"] == by_name["b"] == by_name["d"] != by_name["c"]
    shared = datasets[by_name["a"]]
    assert (shared.held, shared.block, shared.num_scenes) == (1, 20, 61)
    used = [set(shared.scenes(replicate, 100)) for replicate in range(3)]
    assert not set.intersection(*used)
    assert all(len(scenes) == 20 for scenes in used)
    assert not set(shared.held_out) & set.union(*used)
    assert set(shared.scenes(1, 10)) < set(shared.scenes(1, 25))


def test_an_arm_of_several_stages_has_equally_many_images_of_each() -> None:
    study = load_study(
        ["study=arms", "arms.desks.scene=desk", "arms.both.scenes=[kitchen,desk]", "images=11",
         "held_out=0", "replicates=1"]
    )  # fmt: skip
    datasets, (desks, both) = plan(study, ["frames_per_scene=2"])
    assert list(both.datasets.values()) == [6, 5]
    kitchen, desk = both.datasets
    assert datasets[kitchen].config.scene.name == "kitchen"
    assert list(desks.datasets) == [desk]
    assert [datasets[name].num_scenes for name in (kitchen, desk)] == [3, 6]
    assert scenes_are_given(study, [])
    assert not scenes_are_given(load_study(["study=arms", "arms.a.images=3"]), [])
    with pytest.raises(InputError, match=r"arms\.all: scene=kitchn: "):
        plan(load_study(["study=arms", "arms.all.scenes=[desk,kitchn]"]), [])


def test_classes_are_those_of_all_arms() -> None:
    study = load_study(["study=arms", "arms.a.scene=kitchen", "arms.b.scenes=[tabletop,outdoor]"])
    classes, aliases = classes_of_arms(study, [])
    assert {"sink", "hammer", "car"} <= set(classes) <= set(aliases)
    study = load_study(["study=arms", "arms.real.images=0", "arms.real.real=1"])
    assert "sink" in classes_of_arms(study, ["scene=kitchen"])[0]


def test_arms_are_in_the_order_of_the_command_line() -> None:
    study = load_study(["study=arms", "arms.b.seed=3", "arms.a.images=5", "arms.b.images=4"])
    assert (list(study.arms), study.reference) == (["b", "a"], "b")
    assert study.arms["b"].images == 4
    sizes = load_study(["study=size", "arms.ten.seed=3", "arms.new.images=2"])
    assert list(sizes.arms) == [*load_study(["study=size"]).arms, "new"]
    assert sizes.arms["ten"].images == 10


@pytest.mark.exhaustive
def test_a_stage_for_all_arms_is_chosen_as_for_one_dataset() -> None:
    for word in ("scene=aerial", "base.scene=aerial"):
        study = load_study(["study=size", word])
        datasets, _ = plan(study, study.config.base)
        assert {found.config.scene.name for found in datasets.values()} == {"aerial"}
    assert load_study(["study=size", "scene=auto"]) == load_study(["study=size"])


@pytest.mark.parametrize(
    ("written", "tested", "share"),
    [
        (["tree:2", "house:1", "car:1"], {"car"}, 0.5),
        ([], {"car", "house"}, None),
        (["car:0.1", "street sign:0.3"], {"car", "street sign"}, 0.5),
        (["tree:3", "car:0"], {"car"}, None),
        ([], {"car", "house", "tree", "street sign"}, None),
    ],
)
def test_half_of_the_objects_are_of_tested_classes(
    written: list[str], tested: set[str], share: float | None
) -> None:
    generated = ("car", "house", "tree", "street sign")
    word = half_tested(written, generated, tested)
    if share is None:
        assert word is None
        return
    assert word is not None
    found = dict.fromkeys(generated, 1.0)
    found |= weighted(load_config([word]).objects.weights)
    before = dict.fromkeys(generated, 1.0) | weighted(written)
    assert sum(found[name] for name in tested) == pytest.approx(share * sum(found.values()), 1e-3)
    for group in (tested, set(generated) - tested):
        ratios = [found[name] / before[name] for name in group]
        assert ratios == pytest.approx([ratios[0]] * len(ratios), 1e-3)


def test_distractors_are_of_classes_that_are_not_tested() -> None:
    config = load_study(["study=factors"])
    base = ["scene=aerial", *config.config.base]
    found = suited(base, (), {"car"})
    assert found is not None
    assert found[0] == "assets.classes=[car]"
    chosen = load_config([*base, found[0]])
    catalogue = load_catalogue(chosen.assets, {})
    assert "house" in distractor_classes(chosen, catalogue)
    assert "car" not in distractor_classes(chosen, catalogue)
    arm = ["distractors.count_range=3"]
    assert suited(["scene=aerial"], arm, {"car"}) == found
    assert suited([*base, "assets.classes=[car,tree]"], (), {"car"}) != found
    assert suited(["scene=aerial"], (), {"car"}) is None  # cars are half of all
    table = ["scene=tabletop", "assets.classes=[mug,ball,book]"]
    weighed = suited(table, (), {"mug"})
    assert weighed is not None
    assert weighed[0] == "objects.weights=[mug:2]"
    assert suited([*table, "objects.weights=[mug:1]"], (), {"mug"}) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["study=sise"], "study=sise"),
        (["imgaes=3"], r"imgaes: unknown key of a study \(did you mean 'images'\?\)"),
        (["render.samples=4"], r"as base\.render\.samples="),
        (["images=-1"], "images=-1"),
        (["study=arms"], "arms: empty; add arms"),
        (["arms.a=3"], r"arms\.a: expected overrides, scenes, images"),
        (["arms.a.images=many"], r"arms\.a: images=many: expected a whole number"),
        (["arms.a.real=2"], r"arms\.a\.real=2.*expected a share from 0 to 1"),
        (["arms.a.images=0"], r"arms\.a: has no training images"),
        (["arms.a.scenes=[desk,desk]"], r"arms\.a\.scenes: desk occurs more than once"),
        (["arms.a.scenes=[desk]", "arms.a.scene=bin"], r"scene=bin and scenes=\[desk\] both"),
        (["reference=b"], "reference=b: expected one of the arms"),
        (["baselines=[magic]"], "baselines=magic: expected some of untrained, color_blobs"),
        (["trainer.name=command"], r"trainer\.command=\[\]: expected a program"),
        (["trainer.name=yolo"], "trainer.name=yolo: expected one of"),
    ],
)
def test_what_a_study_cannot_be_is_said_in_one_line(words: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        load_study(words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("override", "said"),
    [("num_scenes=5", "num_scenes=5: is set by the study"), ("cammera=x", r"arms\.a: .*cammera")],
)
def test_overrides_that_cannot_be_generated_name_their_arm(override: str, said: str) -> None:
    study = load_study(["study=arms", f"arms.a.{override}"])
    with pytest.raises(InputError, match=said):
        plan(study, ["scene=tabletop"])


@pytest.mark.parametrize(
    ("side", "names", "expected"),
    [
        (15, {"Tree": 9}, "forest"),
        (15, {"car": 9}, "aerial"),
        (15, {"car": 3, "Tree": 9}, "aerial"),
        (120, {"hammer": 9}, "tabletop"),
        (120, {"fork": 9, "oven": 2}, "kitchen"),
        (120, {"keyboard": 9}, "desk"),
        (120, {"couch": 9}, "room"),
    ],
)
def test_the_stage_suits_the_classes_and_their_size(
    side: float, names: dict[str, int], expected: str
) -> None:
    boxes = tuple(
        Annotation(name, (0.0, 0.0, side, side))
        for name, count in names.items()
        for _ in range(count)
    )
    items = [Item("a", "test", 1, Picture(400, 300, Path("a.png")), boxes)]
    scene, why = choose_scene(items, list(names), [])
    assert scene == expected
    assert f"scene={expected} chosen" in why
