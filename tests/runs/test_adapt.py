"""`simgen adapt` from the command line: labels stay, the gap shrinks, nothing is overwritten."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import content
from drawn_sets import changed, scene, write_coco
from PIL import Image

import simgen
from simgen import cli
from simgen.dataset.layout import Layout
from simgen.dataset.lock import FileLock
from simgen.errors import InputError
from simgen.runs.adapt import LOCK
from simgen.stats.gap.report import Options, compare

METHODS = ("colour", "histogram", "fourier", "noise")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photographs, as it were: pale, warm, dark, soft and noisy."""
    rng = np.random.default_rng(1)
    images = [scene(rng) for _ in range(14)]
    for name in ("pale", "warm", "darker", "blur", "noise"):
        images = changed(images, name, rng)
    return write_coco(tmp_path_factory.mktemp("photographs") / "real", images)


def adapt(*words: object) -> int:
    return cli.main(["adapt", *map(str, words), "--workers", "1"])


@pytest.fixture(scope="module")
def adapted(
    stills_folder: Path, real: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The dataset, adapted by each method."""
    root = tmp_path_factory.mktemp("adapted")
    for name in METHODS:
        assert adapt(stills_folder, root / name, "--to", real, "--method", name) == 0
    return {name: root / name for name in METHODS}


def is_image(name: str) -> bool:
    return name.endswith((".rgb.png", ".rgb_right.png"))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.corpus(1)
def test_labels_are_the_same_bytes_and_images_are_not(
    method: str, adapted: dict[str, Path], stills_folder: Path
) -> None:
    before, after = content(stills_folder), content(adapted[method])
    there = {name for name in before if name.startswith(("scenes/", "annotations/", "assets"))}
    assert there == {n for n in after if n.startswith(("scenes/", "annotations/", "assets"))}
    assert all(before[name] == after[name] for name in there if not is_image(name))
    images = [name for name in there if is_image(name)]
    assert len(images) == 12
    assert all(before[name] != after[name] for name in images)
    for name in images:
        (one, other) = (
            cv2.imdecode(np.frombuffer(found[name], np.uint8), cv2.IMREAD_UNCHANGED)
            for found in (before, after)
        )
        assert (one.shape, one.dtype) == (other.shape, other.dtype)


@pytest.mark.parametrize(
    ("method", "quantities"),
    [
        ("colour", ("brightness", "warmth", "saturation")),
        ("histogram", ("brightness", "warmth", "saturation")),
        ("fourier", ("brightness", "warmth")),
        ("noise", ("sharpness",)),
    ],
)
@pytest.mark.exhaustive
def test_the_gap_shrinks_in_what_the_method_is_about(
    method: str,
    quantities: tuple[str, ...],
    adapted: dict[str, Path],
    stills_folder: Path,
    real: Path,
) -> None:
    options = Options(model="none")
    gaps = (compare(str(path), str(real), options) for path in (stills_folder, adapted[method]))
    before, after = ({row.quantity.id: row.interval.value for row in g.differences} for g in gaps)
    for name in quantities:
        assert after[name] < max(0.5 * before[name], 0.3), name
    assert max(before[name] for name in quantities) > 0.6


@pytest.mark.exhaustive
def test_the_same_command_gives_the_same_bytes_with_any_number_of_workers(
    adapted: dict[str, Path], stills_folder: Path, real: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("simgen.runs.adapt.ALONE", 0)
    words = [stills_folder, tmp_path / "again", "--to", real, "--method", "colour"]
    assert cli.main(["adapt", *map(str, words), "--workers", "2", "--copy"]) == 0
    assert content(tmp_path / "again") == content(adapted["colour"])


@pytest.mark.exhaustive
def test_another_seed_draws_other_real_images(
    adapted: dict[str, Path], stills_folder: Path, real: Path, tmp_path: Path
) -> None:
    out = tmp_path / "other"
    assert adapt(stills_folder, out, "--to", real, "--method", "colour", "--seed", 1) == 0
    one, other = content(adapted["colour"]), content(out)
    images = [name for name in one if is_image(name)]
    assert sum(one[name] != other[name] for name in images) > len(images) // 2


def test_frames_and_both_eyes_of_a_scene_go_to_one_real_image(
    cast_folder: Path, real: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert adapt(cast_folder, out, "--to", real, "--method", "colour") == 0
    before, after = simgen.open(cast_folder), simgen.open(out)
    assert len(after) == 6
    lab = [
        cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).mean(axis=(0, 1))
        for sample in list(after)[:3]
        for image in (sample.rgb, sample.rgb_right)
    ]
    assert np.ptp(lab, axis=0).max() < 4
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.depth, other.depth)
        assert (one.rgb_right != other.rgb_right).any()
    assert cli.main(["validate", str(out)]) == cli.main(["validate", str(cast_folder)])


def test_an_adapted_dataset_says_what_was_done(adapted: dict[str, Path], real: Path) -> None:
    folder = adapted["fourier"]
    plain = json.loads((folder / "dataset.json").read_text())["adaptation"]
    assert plain["methods"] == [{"method": "fourier", "options": {"beta": 0.01}}]
    assert (plain["seed"], plain["real"]["name"], plain["real"]["images"]) == (0, "real", 14)
    names = [
        one["name"] for one in json.loads((folder / "adaptation.json").read_text())["real"]["files"]
    ]
    assert names == [path.name for path in sorted((real / "images").iterdir())]
    card = " ".join((folder / "README.md").read_text().split())
    assert "fourier (beta 0.01), with seed 0" in card
    assert (
        f"14 images of real (SHA-256 over their names and contents: {plain['real']['sha256']})"
        in card
    )
    assert "simgen adapt my_dataset my_adapted --to REAL --method fourier" in card
    assert str(real.parent) not in "".join(
        path.read_text() for path in folder.glob("*.[jm]*") if path.is_file()
    )


@pytest.mark.exhaustive
def test_it_opens_validates_exports_and_is_shown(
    adapted: dict[str, Path], stills_folder: Path, tmp_path: Path
) -> None:
    folder = adapted["colour"]
    assert cli.main(["validate", str(folder)]) == cli.main(["validate", str(stills_folder)])
    assert cli.main(["export", "coco,yolo", str(folder), str(tmp_path / "exported")]) == 0
    shutil.copytree(folder, tmp_path / "shown")
    assert cli.main(["view", str(tmp_path / "shown")]) == 0
    assert cli.main(["stats", str(folder), "--out", str(tmp_path / "stats")]) == 0


def test_images_are_adapted_the_same_when_they_are_read_and_exported(
    adapted: dict[str, Path], stills_folder: Path, real: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.json"
    assert adapt("--to", real, "--method", "colour", "--learn", file) == 0
    written = [sample.rgb for sample in simgen.open(adapted["colour"])]
    for there in (file, adapted["colour"]):
        read = simgen.open(stills_folder, adapt=there)
        for one, other in zip(read, written, strict=True):
            np.testing.assert_array_equal(one.rgb, other)
    assert read.digest != simgen.open(stills_folder).digest
    assert read.manifest.adaptation == simgen.open(adapted["colour"]).manifest.adaptation
    exported = [
        (["export", "coco", str(adapted["colour"])], tmp_path / "one"),
        (["export", "coco", str(stills_folder), "--adapt", str(file)], tmp_path / "other"),
    ]
    for words, out in exported:
        assert cli.main([*words[:3], str(out), *words[3:]]) == 0
    for path in sorted((tmp_path / "one").rglob("*.*")):
        other = tmp_path / "other" / path.relative_to(tmp_path / "one")
        if path.suffix == ".png":
            np.testing.assert_array_equal(cv2.imread(str(path)), cv2.imread(str(other)))
        elif not path.name.startswith("."):
            assert path.read_bytes() == other.read_bytes()
    smaller = ["export", "yolo", str(stills_folder), str(tmp_path / "small"), "--resize", "48"]
    assert cli.main([*smaller, "--adapt", str(file), "--jpeg", "95"]) == 0


def test_both_eyes_are_adapted_in_an_export(cast_folder: Path, real: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    assert adapt("--to", real, "--method", "colour", "--learn", file) == 0
    assert adapt(cast_folder, tmp_path / "copy", "--use", file) == 0
    assert cli.main(["export", "kitti", str(tmp_path / "copy"), str(tmp_path / "one")]) == 0
    words = ["export", "kitti", str(cast_folder), str(tmp_path / "other"), "--adapt", str(file)]
    assert cli.main(words) == 0
    images = sorted(path for path in (tmp_path / "one").rglob("image_?/*.png"))
    assert {path.parent.name for path in images} >= {"image_2", "image_3"}
    for path in images:
        there = tmp_path / "other" / path.relative_to(tmp_path / "one")
        np.testing.assert_array_equal(cv2.imread(str(path)), cv2.imread(str(there)))


def test_an_export_without_a_dataset_of_simgens_is_not_adapted(
    adapted: dict[str, Path], real: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", "yolo", str(real), str(tmp_path / "out"), "--adapt", str(adapted["colour"])]
    assert cli.main(words) == 2
    assert "none of the datasets is simgen's" in " ".join(capsys.readouterr().err.split())


@pytest.mark.exhaustive
def test_what_was_learnt_is_used_again(
    adapted: dict[str, Path], stills_folder: Path, tmp_path: Path
) -> None:
    assert adapt(stills_folder, tmp_path / "copy", "--use", adapted["noise"]) == 0
    assert content(tmp_path / "copy") == content(adapted["noise"])


class KilledError(BaseException):
    """As by the system."""


@pytest.mark.exhaustive
def test_a_copy_that_is_killed_goes_on_and_grows(
    stills_folder: Path, real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    adapted: dict[str, Path],
) -> None:  # fmt: skip
    out, words = tmp_path / "out", ("--to", real, "--method", "colour")
    from simgen.runs import adapt as module

    whole = module.adapt_files

    def killed(source: Path, target: Path, names: list[str], scene: int, *rest: object) -> set[str]:
        done = whole(source, target, names, scene, *rest)
        if scene == 3:
            raise KilledError
        return done

    monkeypatch.setattr(module, "adapt_files", killed)
    with pytest.raises(KilledError):
        adapt(stills_folder, out, *words)
    assert Layout(out).committed() == [0, 1, 2]
    monkeypatch.undo()
    before = (out / "scenes/000001/frame_0000.rgb.png").stat().st_mtime_ns
    assert adapt(stills_folder, out, "--to", real, "--method", "histogram") == 2
    assert adapt(stills_folder, out, *words) == 0
    assert content(out) == content(adapted["colour"])
    assert (out / "scenes/000001/frame_0000.rgb.png").stat().st_mtime_ns == before
    # Another adaptation in the same place has nothing of the first one.
    shutil.rmtree(out)
    assert adapt(stills_folder, out, "--to", real, "--method", "histogram") == 0
    assert content(out) == content(adapted["histogram"])


@pytest.mark.exhaustive
def test_a_copy_grows_with_its_dataset(
    stills_folder: Path, real: Path, tmp_path: Path, adapted: dict[str, Path]
) -> None:
    original, out = tmp_path / "original", tmp_path / "out"
    shutil.copytree(stills_folder, original, ignore=shutil.ignore_patterns("00000[45]", ".simgen"))
    words = (original, out, "--to", real, "--method", "colour")
    assert adapt(*words) == 0
    assert len(simgen.open(out)) == 8
    shutil.copytree(stills_folder / "scenes", original / "scenes", dirs_exist_ok=True)
    assert adapt(*words) == 0
    assert content(out) == content(adapted["colour"])


@pytest.mark.exhaustive
def test_files_of_all_kinds_are_learnt_from_and_broken_ones_named(
    stills_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, turned = tmp_path / "photographs", Image.Exif()
    folder.mkdir()
    turned[274] = 6
    rng = np.random.default_rng(3)
    for number, mode in enumerate(("RGB", "L", "CMYK", "RGB")):
        image = Image.fromarray(scene(rng)[0][: 150 - 40 * number, : 200 - 17 * number])
        image.convert(mode).save(folder / f"{number}.jpg", exif=turned)
    Image.new("RGBA", (1, 1)).save(folder / "one.png")
    Image.fromarray(np.arange(900, dtype=np.uint16).reshape(30, 30)).save(folder / "deep.png")
    (folder / "cut.jpg").write_bytes((folder / "0.jpg").read_bytes()[:900])
    (folder / "text.png").write_text("no image")
    out = tmp_path / "out"
    assert adapt(stills_folder, out, "--to", folder, "--method", "+".join(METHODS)) == 0
    said = capsys.readouterr().out
    assert "cut.jpg" in said
    assert "text.png" in said
    real = json.loads((out / "adaptation.json").read_text())["real"]
    assert sorted(one["name"] for one in real["files"]) == [
        "0.jpg", "1.jpg", "2.jpg", "3.jpg", "deep.png", "one.png"
    ]  # fmt: skip
    assert len(simgen.open(out)) == 12


def test_what_cannot_be_adapted_is_said_in_one_line(
    stills_folder: Path, real: Path, adapted: dict[str, Path], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    (tmp_path / "empty").mkdir()
    own = Path(shutil.copytree(stills_folder, tmp_path / "own"))
    to = ("--to", real, "--method", "colour")
    cases = (
        ((own, own, *to), "is inside the original dataset"),
        ((own, own / "adapted", *to), "is inside the original dataset"),
        ((own, tmp_path / "full", *to), "contains other files (thesis.txt, ...)"),
        ((own, stills_folder, *to), "contains another dataset"),
        ((own, "s3://bucket/there", *to), "expected a local folder, found a URI"),
        ((tmp_path / "empty", tmp_path / "new", *to), "no simgen dataset here"),
        ((own, tmp_path / "new", "--to", tmp_path / "empty", *to[2:]), "no dataset"),
        ((own, tmp_path / "new", "--to", real, "--method", "color"), "did you mean 'colour'"),
        ((own, tmp_path / "new", *to, "--set", "beta=1"), "unknown option of colour"),
        ((own, tmp_path / "new"), "expected --to REAL and --method METHOD"),
        ((own, *to), "expected DATASET and OUT"),
        ((own, tmp_path / "new", "--use", tmp_path / "full"), "no adaptation here"),
        ((adapted["colour"], tmp_path / "new", *to), "already adapted"),
        (("--to", real, "--method", "refine", "--learn", tmp_path / "x.json"), "name DATASET"),
        ((*to, "--learn", tmp_path / "x"), "ends in .json"),
    )
    for words, said in cases:
        assert adapt(*words) == 2, words
        error = capsys.readouterr().err
        assert said in " ".join(error.split()), error
        assert "Traceback" not in error
    assert not (tmp_path / "new").exists() or not list((tmp_path / "new").glob("[a-z]*"))
    assert (tmp_path / "full" / "thesis.txt").read_text() == "mine"


def test_a_refiner_needs_pytorch(
    stills_folder: Path, real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in ("train", "networks"):
        monkeypatch.delitem(sys.modules, f"simgen.training.refiner.{name}", raising=False)
    assert adapt(stills_folder, tmp_path / "out", "--to", real, "--method", "refine") == 2
    assert "pip install simgen[train]" in " ".join(capsys.readouterr().err.split())


def test_two_processes_do_not_write_one_copy(
    stills_folder: Path, real: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Layout(tmp_path / "out")
    place.private.mkdir(parents=True)
    with FileLock(place.private / LOCK):
        assert adapt(stills_folder, tmp_path / "out", "--to", real, "--method", "colour") == 2
    assert "another process is writing here" in " ".join(capsys.readouterr().err.split())


def test_what_is_adapted_is_not_adapted_again(adapted: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="already adapted"):
        simgen.open(adapted["colour"], adapt=adapted["noise"])


@pytest.mark.render
@pytest.mark.exhaustive
def test_it_is_replayed_and_not_continued(
    dataset_folder: Path, real: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from conftest import WORDS

    out = tmp_path / "out"
    assert adapt(dataset_folder, out, "--to", real, "--method", "colour+noise") == 0
    assert cli.main(["replay", str(out), "--scene", "1"]) == 0
    said = capsys.readouterr().out
    assert "images are adapted by" in said
    assert "files are identical" in said
    before = content(out)
    assert cli.main([*WORDS, "num_scenes=4", f"output.dir={out}"]) == 2
    assert "continue the original dataset" in " ".join(capsys.readouterr().err.split())
    assert content(out) == before


@pytest.mark.exhaustive
def test_the_commands_of_the_page_run(
    stills_folder: Path, real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs/adapt.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`(simgen (?:adapt|export) [^`]* [^`]*)`", page)
    lines = [*"".join(blocks).splitlines(), *(line for line in inline if "--help" not in line)]
    (tmp_path / "my_dataset").symlink_to(stills_folder)
    (tmp_path / "my_photographs").symlink_to(real)
    monkeypatch.chdir(tmp_path)
    ran = []
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        # Refiners are trained in tests/trainers; studies are checked by tests/test_docs.py.
        if words[0] != "experiment" and "refine" not in words:
            assert cli.main([*words, *(["--model", "none"] if words[0] == "gap" else [])]) == 0, (
                line
            )
            ran.append(words[0])
    assert ran.count("adapt") == 4
    assert "export" in ran
    read = simgen.open("my_dataset", adapt="colour.json")
    for one, other in zip(read, simgen.open("my_copy"), strict=True):
        np.testing.assert_array_equal(one.rgb, other.rgb)
