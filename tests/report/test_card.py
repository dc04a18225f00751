"""Cards: Hugging Face's own tools read them, they say what is in the dataset, and what a person
wrote stays."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cast import SMALL, cast_dataset
from huggingface_hub import DatasetCard
from PIL import Image

import simgen
from simgen import cli
from simgen.assets import installed
from simgen.commands import generate as hydra_app
from simgen.config import Config
from simgen.dataset import manifest
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.report.card.command import command
from simgen.report.card.front import size_category, tasks
from simgen.report.card.gather import gather
from simgen.report.card.parts import licensed, parts_of
from simgen.report.card.text import document, escape, licences, table
from simgen.report.card.write import is_edited, write_card
from simgen.report.counting.scenes import Amounts, amounts_of
from simgen.runs.finish import finish


@pytest.fixture
def folder(stills_folder: Path, tmp_path: Path) -> Path:
    """A dataset of one's own."""
    return Path(shutil.copytree(stills_folder, tmp_path / "dataset"))


def card_of(folder: Path) -> DatasetCard:
    return DatasetCard((folder / "README.md").read_text(encoding="utf-8"))


def rows_of(text: str, heading: str) -> list[list[str]]:
    """The cells of the tables under a heading."""
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_hugging_face_reads_it(stills_folder: Path) -> None:
    card = card_of(stills_folder)
    data = card.data.to_dict()
    assert data["license"] == "unknown"
    assert data["size_categories"] == ["n<1K"]
    assert {"object-detection", "image-segmentation", "depth-estimation"} <= set(
        data["task_categories"]
    )
    assert "synthetic" in data["tags"]
    assert data["pretty_name"] in card.text
    # What it names is there, and is a picture.
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", card.text)
    assert pictures == ["preview.png", "card/classes.png", "card/objects.png"]
    for name in pictures:
        with Image.open(stills_folder / name) as image:
            assert min(image.size) > 100


def test_it_counts_what_is_in_the_dataset(stills_folder: Path) -> None:
    ds = simgen.open(stills_folder)
    rows = rows_of(card_of(stills_folder).text, "Images and classes")
    found = {row[0]: row[1:] for row in rows}
    for split in ds.splits:
        samples = list(ds.split(split))
        seen = [[o.class_name for o in sample.objects if o.visible_pixels] for sample in samples]
        expected = [len(ds.split(split).scenes), len(samples), sum(map(len, seen))]
        assert found[split] == [str(number) for number in expected]
        column = found["class"].index(f"objects, {split}")
        for name in ds.classes:
            assert found[name][column] == str(sum(names.count(name) for names in seen))
            assert found[name][column + 1] == str(sum(name in names for names in seen))


def test_it_says_how_many_objects_were_asked_for_placed_and_seen(stills_folder: Path) -> None:
    ds = simgen.open(stills_folder)
    specs = [ds.spec(scene) for scene in ds.scenes]
    asked = sum(int(spec.factors["objects.count_range"][0]) for spec in specs)
    placed = sum(len(spec.objects) for spec in specs)
    seen = {(s.scene, o.instance_id) for s in ds for o in s.objects if o.visible_pixels}
    line = f"Objects: {asked} requested, {placed} placed, {len(seen)} visible."
    assert line in card_of(stills_folder).text


def test_what_a_stage_puts_up_was_not_asked_for() -> None:
    mug, chair = (
        {"instance_id": n, "asset": {"source": source}}
        for n, source in ((1, "parametric"), (2, "stage"))
    )
    spec = {"objects": [mug, chair], "factors": {"objects.count_range": [3.0]}}
    seen = [{"instance_id": n, "bbox": [0, 0, 1, 1]} for n in (1, 2)]
    assert amounts_of(spec, [{"objects": seen}, {"objects": []}]) == Amounts(3, 1, 1)
    assert amounts_of(spec, [{"objects": None}]) == Amounts(3, 1, None)
    assert str(Amounts(3, 1, None) + Amounts(2, 2, 2)) == "5 requested, 3 placed"


def test_the_pictures_facts_are_those_of_the_labels(stills_folder: Path) -> None:
    ds = simgen.open(stills_folder)
    facts = gather(ds)
    visible = [o.visible_fraction for sample in ds for o in sample.objects if o.bbox is not None]
    visibility = facts.histogram("visibility")
    assert visibility.sum() == len(visible) == facts.histogram("size").sum()
    assert facts.counts.positions.sum() == len(visible)
    assert visibility[-1] == sum(value >= 0.96 for value in visible)
    assert facts.image_size == "96 x 72"


def test_the_same_dataset_has_the_same_card(folder: Path, stills_folder: Path) -> None:
    names = ("README.md", "card/classes.png", "card/objects.png")
    for name in names:
        (folder / name).unlink()
    assert cli.main(["card", str(folder)]) == 0
    for name in names:
        assert (folder / name).read_bytes() == (stills_folder / name).read_bytes()


def test_what_a_person_wrote_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "README.md"
    for edit in (
        lambda text: text.replace("unknown", "cc-by-4.0", 1),
        lambda text: text + "One more line.\n",
        lambda text: "My own.\n",
        lambda text: "",
    ):
        path.write_text(edit(path.read_text()))
        before = path.read_bytes()
        assert is_edited(path)
        assert write_card(Layout(folder), Dataset(folder)) is None
        finish(Layout(folder), Dataset(folder))
        assert path.read_bytes() == before
    assert cli.main(["card", str(folder)]) == 2
    assert "was edited, so it is not overwritten" in capsys.readouterr().err


@pytest.mark.exhaustive
def test_a_card_follows_its_dataset(folder: Path) -> None:
    before = card_of(folder).text
    shutil.rmtree(folder / "scenes" / "000003")
    finish(Layout(folder), Dataset(folder))
    after = card_of(folder).text
    assert "10 rendered images" in after
    assert "12 rendered images" in before
    assert "1 of 6 scenes could not be generated" in after
    (folder / "README.md").unlink()
    finish(Layout(folder), Dataset(folder))
    assert card_of(folder).text == after


COMMANDS = [
    SMALL,
    ("seed=7", "labels=all", "camera.path=orbit", "frames_per_scene=3"),
    ("scene=room", "render=draft", "sensor=phone", "splits=[a:2,b:1]"),
    (
        "objects.weights=[mug:3]",
        "camera.fill_range=[linear,scene.size_range,0.2,0,[0,0.1]]",
        "camera.roll_deg_range=[mixture,[1,0.0],[2,[normal,0,4]]]",
        "lighting.kinds=[hdri:3,sky]",
        "cases=[{name: dark one,share: 0.2,set: {lighting.kinds: [night]},object: {class: mug}}]",
    ),
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
@pytest.mark.corpus(1)
def test_its_command_makes_the_same_config(words: tuple[str, ...]) -> None:
    first, again = composed(words), None
    plain = manifest.make_manifest(first, ("mug",), ("background",), "")
    program, verb, *overrides = shlex.split(command(plain))
    assert (program, verb) == ("simgen", "generate")
    again = manifest.make_manifest(composed(tuple(overrides)), ("mug",), ("background",), "")
    assert again.config == plain.config
    assert again.labels == plain.labels


def composed(words: tuple[str, ...]) -> Config:
    """The config that Hydra makes of a command line."""
    found: list[Config] = []

    def task(config: Config, _: Path) -> int:
        found.append(config)
        return 0

    assert hydra_app.run(words, task) == 0
    return found[0]


def test_its_command_names_no_place_on_a_machine() -> None:
    config = Config()
    config.assets.dir = "/somewhere/secret/meshes"
    plain = manifest.make_manifest(config, ("mug",), ("background",), "", ("my_things",))
    text = command(plain)
    assert "secret" not in text
    assert "assets.dir=YOUR_DIR" in text
    assert "--plugin my_things" in text


def spec_of(*meshes: str, hdri: str = "", texture: str = "") -> dict[str, Any]:
    material = {"body": {"texture": texture}}
    return {
        "objects": [
            {"asset": {"source": "file", "id": name}, "materials": material} for name in meshes
        ],
        "distractors": [{"asset": {"source": "parametric", "id": "mug"}, "materials": {}}],
        "stage": {"name": "tabletop", "materials": {}},
        "environment": {"hdri": hdri},
    }


def test_licences_and_authors_of_all_that_appears() -> None:
    counts = Counter(parts_of(spec_of("mug/a", "mug/a", "mug/b", hdri="city")))
    counts.update(parts_of(spec_of("mug/a", hdri="mine.exr", texture="wood.png")))
    entry = {"licence": "CC-BY-3.0", "author": "A. Body", "source": "a shop"}
    assets = {"mug/a": {"entry": entry}, "mug/b": {"entry": None}, "mug/c": {"entry": entry}}
    plain = manifest.make_manifest(Config(), ("mug",), ("background",), "")
    found = {part.name: part for part in licensed(counts, assets, plain)}
    assert set(found) == {"mug/a", "mug/b", "mug", "tabletop", "city", "mine.exr", "wood.png"}
    one = found["mug/a"]
    assert (one.scenes, one.licence, one.author) == (2, "CC-BY-3.0", "A. Body")
    assert found["city"].licence == "CC0-1.0"
    assert found["mug/b"].licence == found["mine.exr"].licence == found["wood.png"].licence == ""
    text = licences(tuple(found.values()))
    assert "The licence of 3 of them is unknown" in text
    assert "| mug/a | mesh | 2 | CC-BY-3.0 | A. Body | a shop |" in text
    assert "tabletop" not in text


def test_licences_of_installed_images_come_from_their_records(tmp_path: Path) -> None:
    files = {"wall/wall_diff_1k.jpg": "0", "wall/wall_rough_1k.jpg": "1"}
    item = installed.Item("wall", "polyhaven", "texture", "CC0-1.0", "a page", ["Ann"], 2.0, files)
    installed.write(tmp_path, [item])
    config = Config()
    config.materials.textures = str(tmp_path)
    plain = manifest.make_manifest(config, ("mug",), ("background",), "")
    counts = Counter(parts_of(spec_of("mug/a", texture="wall/wall_diff_1k.jpg", hdri="x.exr")))
    found = {part.kind: part for part in licensed(counts, {}, plain)}
    wall = found["texture"]
    assert (wall.licence, wall.author, wall.source) == ("CC0-1.0", "Ann", "a page")
    assert found["hdri"].licence == ""
    (tmp_path / installed.FILE).write_text("damaged: [")
    assert {part.licence for part in licensed(counts, {}, plain) if part.kind == "texture"} == {""}


def test_the_catalogue_of_a_dataset_is_read(folder: Path) -> None:
    path = folder / "assets.json"
    plain = json.loads(path.read_text())
    entry = {"licence": "CC-BY-4.0", "author": "B", "source": "C"}
    plain["assets"] = [{"id": "mug/x", "entry": entry}]
    path.write_text(json.dumps(plain))
    spec = folder / "scenes" / "000000" / "spec.json"
    scene = json.loads(spec.read_text())
    scene["objects"][0]["asset"] = {"source": "file", "id": "mug/x"}
    spec.write_text(json.dumps(scene))
    facts = gather(simgen.open(folder))
    (mesh,) = (part for part in facts.parts if part.kind == "mesh")
    assert (mesh.licence, mesh.author, mesh.source, mesh.scenes) == ("CC-BY-4.0", "B", "C", 1)
    assert DatasetCard(document(facts, ())).data.to_dict()["license"] == "other"


def test_names_do_not_become_markup() -> None:
    name = "<script>a|b</script> [x](y) `c` *d* \\ \n## e"
    text = escape(name)
    assert "<" not in text
    assert "\n" not in text
    assert not re.search(r"(?<!\\)[\[\]|`*#]", text)
    assert len(table(("a", "b"), [(name, "1")]).splitlines()) == 3


@pytest.mark.parametrize(
    ("images", "name"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**7, "n>10M")]
)
def test_sizes_have_the_hubs_names(images: int, name: str) -> None:
    assert size_category(images) == name


@pytest.mark.exhaustive
def test_a_dataset_without_objects_has_a_card_too(tmp_path: Path) -> None:
    made = cast_dataset(tmp_path / "d", *SMALL, "num_scenes=1", "labels=[depth]")
    card = card_of(made)
    assert card.data.to_dict()["task_categories"] == ["depth-estimation"]
    assert "There are no boxes and no poses" in card.text
    assert "visible objects" not in card.text
    assert rows_of(card.text, "Images and classes")[0] == ["split", "scenes", "images"]
    assert not re.search(r"!\[", card.text)
    assert tasks(["flow_forward"]) == ["other"]
