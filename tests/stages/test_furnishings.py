"""What a stage puts up of a labelled class is labelled, ignored, or said to be unlabelled."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest
from cast import cast_frames
from pycocotools import mask as coco_mask

from simgen.assets.catalogue import Catalogue, load_catalogue
from simgen.assets.library import Library
from simgen.assets.synonyms import built_in_names
from simgen.config import FURNISHING_LABELS, Config
from simgen.errors import AssetError, InputError
from simgen.geometry.solids import box, to_mesh
from simgen.labels import IGNORE
from simgen.labels import record as records
from simgen.labels.annotate import Annotator, FrameLabels
from simgen.labels.selection import label_names
from simgen.resources.scenes.parts.shapes import untouched
from simgen.sampling.randomizers.classes import distractor_classes
from simgen.sampling.randomizers.materials import draw_material
from simgen.sampling.scenes import sample_scene
from simgen.spec import scene as specs
from simgen.spec.rng import Stream
from simgen.spec.scene import EnvironmentSpec, SceneSpec, StageSpec
from simgen.stages.furnishings import ignored_class, label_furnishings, shown_by
from simgen.stages.placed import placed_meshes
from simgen.stages.registry import Stages
from simgen.stages.resolver import Resolver
from simgen.stages.stage import Materials, Stage, StageContent, StagePart, Support

HEADING = 0.5
SEAT = (0.5, 0.3, 0.9)
CHAIRS, HEDGES = 3, 2


@dataclass(frozen=True)
class Parlour:
    """A floor with three chairs, two of one shape, and two hedges behind them."""


def materials(_: Parlour, rng: Stream) -> Materials:
    surface = draw_material("wood", rng)
    return {"wood": surface, "leaves": surface}


def build(_: Parlour) -> StageContent:
    floor = to_mesh([box((-4.0, -4.0, -0.1), (4.0, 4.0, 0.0), "wood")])
    x, y, z = SEAT
    corner = (-x / 2 + 0.1, -y / 2, 0.2), (x / 2 + 0.1, y / 2, 0.2 + z)
    turned = turn(to_mesh(untouched([box(*corner, "wood")])), HEADING)
    plain = to_mesh(untouched([box(*corner, "wood")]))
    hedge = to_mesh(untouched([box((-1.0, -0.2, 0.0), (1.0, 0.2, 1.5), "leaves")]))
    parts = (
        StagePart("floor", floor, (0.0, 0.0, 0.0), "floor"),
        *(
            StagePart(f"chair_{n}", turned, (at, 0.9, -0.2), "furniture", class_name="chair",
                heading=HEADING) for n, at in enumerate((-1.2, 1.2))
        ),
        StagePart("chair_2", plain, (0.0, 1.2, -0.2), "furniture", class_name="chair"),
        *(
            StagePart(f"hedge_{n}", hedge, (at, 2.0, 0.0), "vegetation", class_name="tree",
                crowd=True) for n, at in enumerate((-1.0, 1.0))
        ),
    )  # fmt: skip
    return StageContent(parts, (Support((0.6, 0.6), False),))


PARLOUR = Stage(Parlour, materials, build, stuff=("floor", "furniture", "vegetation"))


def turn(made: specs.Any, angle: float) -> specs.Any:
    c, s = np.cos(angle), np.sin(angle)
    return replace(made, vertices=made.vertices @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]))


RESOLVER = Resolver(Library(None), Stages({"parlour": PARLOUR}))


def config(mode: str, *classes: str) -> Config:
    made = Config(seed=1, labels=["rgb", "instances", "semantic", "panoptic", "objects"])
    made.scene.name, made.scene.label_furnishings = "parlour", mode
    made.assets.classes = ["mug", *classes]
    made.objects.weights = ["mug", *(f"{name}:0" for name in classes)]
    made.objects.count_range = [2, 2]
    made.camera.azimuth_deg_range, made.camera.elevation_deg_range = [-95.0, -85.0], [8.0, 12.0]
    made.camera.fill_range = [0.05, 0.06]
    made.render.width, made.render.height = 120, 90
    made.lighting.kinds = ["sky"]
    return made


def sample(made: Config) -> SceneSpec:
    return sample_scene(made, load_catalogue(made.assets), RESOLVER, 0, label_names(made))


def label(spec: SceneSpec) -> FrameLabels:
    assets = RESOLVER.resolve(spec)
    annotator = Annotator(spec, assets.objects, assets.parts)
    return next(iter(annotator.frames(cast_frames(spec, assets))))


def test_instances_come_after_the_placed_objects_and_stand_where_the_stage_has_them() -> None:
    spec = sample(config("instances", "chair", "tree"))
    chairs = spec.objects[2:]
    assert [item.class_name for item in spec.objects] == ["mug"] * 2 + ["chair"] * CHAIRS
    assert [item.instance_id for item in spec.objects] == [1, 2, 3, 4, 5]
    assert {item.class_id for item in chairs} == {spec.classes.index("chair") + 1}
    assert "chair_0" not in [part.name for part in RESOLVER.resolve(spec).parts]
    parts = {part.name: part for part in build(Parlour()).parts}
    placed = {
        thing.instance_id: thing.vertices for thing in placed_meshes(spec, RESOLVER.resolve(spec))
    }
    for number, item in enumerate(chairs):
        part = parts[f"chair_{number}"]
        expected = part.mesh.vertices + np.array(part.position)
        assert np.allclose(placed[item.instance_id], expected, atol=1e-12)


def test_their_boxes_are_tight_whichever_way_they_face() -> None:
    found = label(sample(config("instances", "chair"))).record.objects
    assert found is not None
    chairs = [item for item in found if item.class_name == "chair"]
    assert len(chairs) == CHAIRS
    for item in chairs:
        assert np.allclose(item.size, SEAT, atol=1e-6)
        assert np.allclose(item.box_min[2], 0, atol=1e-6)


@pytest.mark.parametrize("mode", FURNISHING_LABELS)
def test_every_visible_member_of_a_class_is_an_object_a_region_or_counted(mode: str) -> None:
    spec = sample(config(mode, "chair", "tree"))
    made = label(spec)
    stage = {part.name: part for part in RESOLVER.resolve(spec).parts}
    codes = next(iter(cast_frames(spec, RESOLVER.resolve(spec)))).code
    names = [*stage, *(item.asset.id for item in spec.objects)]
    seen = {names[code - 1] for code in np.unique(codes) if code > 0}
    hedges, chairs = ({n for n in seen if word in n} for word in ("hedge", "chair"))
    assert hedges
    assert chairs
    regions = made.record.ignore_regions
    semantic, instances = made.images["semantic"], made.images["instances"]
    if mode == "none":
        assert spec.unlabelled == {"chair": CHAIRS, "tree": HEDGES}
        assert not regions
        assert set(np.unique(semantic)) <= {0, spec.classes.index("mug") + 1}
        return
    assert spec.unlabelled == {}
    labelled = {f"parlour/chair_{n}" for n in range(CHAIRS)} if mode == "instances" else set()
    assert chairs & labelled == (chairs if mode == "instances" else set())
    assert {region.part for region in regions} == seen & set(stage) - {"floor"}
    ignored = np.zeros(semantic.shape, bool)
    for region in regions:
        mask = coco_mask.decode(region.segmentation).astype(bool)
        rows, columns = np.nonzero(mask)
        wide, high = np.ptp(columns) + 1, np.ptp(rows) + 1
        assert region.area == mask.sum()
        assert region.bbox == (columns.min(), rows.min(), wide, high)
        assert spec.classes[region.class_id - 1] == region.class_name
        assert not (mask & ignored).any()
        ignored |= mask
    assert np.array_equal(semantic == IGNORE, ignored)
    assert not instances[ignored].any()


def test_ignored_members_of_a_class_are_one_crowd_in_panoptic_labels() -> None:
    spec = sample(config("instances", "chair", "tree"))
    made = label(spec)
    assert made.record.segments is not None
    crowds = [segment for segment in made.record.segments if segment.crowd]
    tree = spec.classes.index("tree") + 1
    assert [(one.category_id, one.is_thing) for one in crowds] == [(tree, True)]
    assert crowds[0].area == sum(region.area for region in made.record.ignore_regions)
    assert np.array_equal(
        made.images["panoptic"] == crowds[0].id, made.images["semantic"] == IGNORE
    )
    things = [one.id for one in made.record.segments if one.is_thing and not one.crowd]
    assert set(things) == set(np.unique(made.images["instances"])) - {0}


@pytest.mark.parametrize(
    ("labelled", "instances", "ignored"),
    [
        ({"chair": "chair", "couch": "couch"}, ["chair"], {"chair"}),
        ({"couch": "sofa"}, [], {"sofa"}),
        ({"tree": "tree"}, [], set()),
    ],
)
def test_what_is_taken_for_two_classes_is_never_background_of_one(
    labelled: dict[str, str], instances: list[str], ignored: set[str]
) -> None:
    seat = to_mesh(untouched([box((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "wood")]))
    part = StagePart("armchair", seat, (0.0, 0.0, 0.0), class_name="chair", also=("couch",))
    stage, classes = StageSpec("parlour", {}, {}), sorted(labelled.values())
    found = label_furnishings("instances", stage, [part], labelled, classes, 1)
    assert [item.class_name for item in found.objects] == instances
    found = label_furnishings("ignore", stage, [part], labelled, classes, 1)
    spec = replace(sample(config("none")), stage_classes=found.classes)
    assert {ignored_class(part, spec)} - {""} == ignored
    counted = label_furnishings("none", stage, [part], labelled, classes, 1).unlabelled
    assert set(counted) == ignored


def test_what_is_of_no_labelled_class_stays_background() -> None:
    spec = sample(config("instances"))
    assert [item.class_name for item in spec.objects] == ["mug", "mug"]
    assert (spec.stage_classes, spec.unlabelled) == ({}, {})
    assert not label(spec).record.ignore_regions


def test_the_choice_moves_no_surface_and_no_camera() -> None:
    made = [sample(config(mode, "chair", "tree")) for mode in FURNISHING_LABELS]
    distances = [next(iter(cast_frames(spec, RESOLVER.resolve(spec)))).distance for spec in made]
    assert made[0].cameras == made[1].cameras == made[2].cameras
    for other in distances[1:]:
        assert np.allclose(distances[0], other, rtol=1e-5)


def test_a_spec_from_before_labels_of_furnishings_stays_what_it_was() -> None:
    spec = sample(config("none", "chair", "tree"))
    plain = json.loads(specs.dumps(spec))
    del plain["unlabelled"]
    old = specs.loads(json.dumps(plain))
    assert json.loads(specs.dumps(old)) == plain
    assert "stage_classes" not in plain
    assert "ignore_regions" not in json.loads(records.dumps(label(old).record))
    assert not label(old).record.ignore_regions
    assert np.array_equal(label(old).images["semantic"], label(spec).images["semantic"])


def test_an_object_whose_part_the_stage_lacks_is_named() -> None:
    spec = sample(config("instances", "chair"))
    lost = replace(spec.objects[-1], asset=replace(spec.objects[-1].asset, id="parlour/stool"))
    with pytest.raises(AssetError, match="parlour/stool"):
        RESOLVER.resolve(replace(spec, objects=(*spec.objects[:-1], lost)))


def outdoors(mode: str, hdri: str = "forest") -> Config:
    made = config(mode, "tree")
    made.lighting.kinds, made.lighting.hdris = ["hdri"], [hdri]
    return made


def test_what_an_image_of_the_surroundings_shows_is_ignored() -> None:
    spec = sample(outdoors("ignore"))
    made, codes = label(spec), next(iter(cast_frames(spec, RESOLVER.resolve(spec)))).code
    (region,) = (one for one in made.record.ignore_regions if one.part == "environment")
    assert (region.class_name, spec.environment.shows) == ("tree", ("tree",))
    behind = coco_mask.decode(region.segmentation).astype(bool)
    assert behind.any()
    assert np.array_equal(behind, codes == 0)
    assert (made.images["semantic"][behind] == IGNORE).all()


@pytest.mark.parametrize(("hdri", "unlabelled"), [("forest", HEDGES + 1), ("studio", HEDGES)])
def test_an_image_that_is_not_ignored_counts_as_unlabelled(hdri: str, unlabelled: int) -> None:
    spec = sample(outdoors("none", hdri))
    assert spec.unlabelled == {"tree": unlabelled}
    assert spec.environment.shows == ()


def test_images_without_a_labelled_class_are_background() -> None:
    spec = sample(outdoors("instances", "studio"))
    assert spec.environment.shows == ()
    assert "environment" not in {region.part for region in label(spec).record.ignore_regions}


def test_of_the_users_own_images_the_config_says_what_they_show() -> None:
    image = EnvironmentSpec("hdri", 1.0, hdri="mine.exr", hdri_sha256="00")
    known = {"chair": "Stuhl", "tree": "tree"}
    assert shown_by(image, ["chair", "car"], known, ("Stuhl", "tree")) == ("Stuhl",)
    assert shown_by(image, ["Stuhl"], known, ("Stuhl", "tree")) == ("Stuhl",)
    sky = EnvironmentSpec("sky", 1.0)
    assert shown_by(sky, ["chair"], known, ("Stuhl", "tree")) == ()


NAMES = {"chair": ("seat",), "couch": ("sofa",), "potted_plant": ("plant",), "glass": ()}


@pytest.mark.parametrize(
    ("classes", "synonyms", "expected"),
    [
        (("chair",), {}, {"chair": "chair"}),
        (("Chairs",), {}, {"chair": "Chairs"}),
        (("Potted-Plant",), {}, {"potted_plant": "Potted-Plant"}),
        (("sofa", "Sofas"), {}, {"couch": "Sofas"}),
        (("couch", "sofa"), {}, {"couch": "couch"}),
        (("Stuhl",), {"Stuhl": "chair"}, {"chair": "Stuhl"}),
        (("Stuhl", "chair"), {"Stuhl": "chair"}, {"chair": "Stuhl"}),
        (("seat",), {"seat": "couch"}, {"couch": "seat"}),
        (("stool",), {"Stuhl": "chair"}, {}),
        (("glass",), {}, {"glass": "glass"}),
    ],
)
def test_classes_are_known_by_other_names(
    classes: tuple[str, ...], synonyms: dict[str, str], expected: dict[str, str]
) -> None:
    assert built_in_names(classes, NAMES, synonyms) == expected


def test_no_distractor_is_of_a_class_in_other_words() -> None:
    made = Config()
    made.assets.tags = ["tabletop"]
    catalogue = load_catalogue(made.assets)
    other = Catalogue(("Becher",), frozenset(), catalogue.info, (), (), {"Becher": "mug"})
    found = Counter(distractor_classes(made, other))
    assert found["bottle"] == 1
    assert "mug" not in found


@pytest.mark.parametrize("written", ["Stuhl", "Stuhl:", ":chair", "Stuhl:stool"])
def test_synonyms_that_cannot_be_are_refused(written: str) -> None:
    made = Config()
    made.assets.synonyms = [written]
    with pytest.raises(InputError, match=r"assets\.synonyms"):
        load_catalogue(made.assets)
