"""`simgen gap` from the command line to the page."""

from __future__ import annotations

import json
import re
import sys
from html.parser import HTMLParser
from importlib.abc import MetaPathFinder
from pathlib import Path

import numpy as np
import pytest
from drawn_sets import changed, scene, write_coco
from PIL import Image

from simgen import cli

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    rng = np.random.default_rng(2)
    images = [scene(rng) for _ in range(24)]
    write_coco(folder / "real", images[:12])
    write_coco(folder / "blurred", changed(images[12:], "blur", rng))
    table = json.loads((folder / "blurred" / "instances.json").read_text())
    table["categories"][1]["name"] = EVIL
    (folder / "blurred" / "instances.json").write_text(json.dumps(table))
    return folder


class NoTorch(MetaPathFinder):
    def find_spec(self, name: str, *rest: object) -> None:
        if name == "torch":
            raise ImportError(name)


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where it is not installed."""
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoTorch(), *sys.meta_path])


def gap(sets: Path, *words: str) -> int:
    return cli.main(["gap", str(sets / "blurred"), str(sets / "real"), *words])


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.sources: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.sources += [str(value) for name, value in attrs if name in ("src", "href")]


@pytest.mark.usefixtures("without_torch")
@pytest.mark.exhaustive
def test_the_page_stands_alone_and_escapes_names(
    sets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = sets / f"x{EVIL.replace('/', '_')}"
    if not evil.exists():
        evil.symlink_to(sets / "blurred")
    done = cli.main(["gap", str(evil), str(sets / "real"), "--output", str(tmp_path / "out")])
    assert done == 0
    page = (tmp_path / "out" / "gap.html").read_text(encoding="utf-8")
    tags = Tags(page)
    assert "script" not in tags.names
    assert all(re.match("#|data:", source) for source in tags.sources)
    assert tags.names.count("img") >= 12
    assert "&lt;script&gt;" in page
    shown = " ".join(capsys.readouterr().out.split())
    assert "Sharpness" in shown
    assert "pip install simgen[train]" in shown


@pytest.mark.usefixtures("without_torch")
def test_the_json_has_its_keys_and_the_change_first(
    sets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gap(sets, "--json", "--classes", f"{EVIL}=box") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {
        "version", "verdict", "synthetic", "real", "classes", "differences", "told_apart",
        "images", "left_out",
    }  # fmt: skip
    first = found["differences"][0]
    assert set(first) == {
        "id", "title", "kind", "unit", "distance", "interval", "differs", "synthetic_median",
        "real_median", "readings", "synthetic_images", "real_images",
    }  # fmt: skip
    assert first["id"] == "sharpness"
    assert first["interval"][0] > 0
    assert found["classes"] == ["box", "mug"]
    assert [one["what"] for one in found["told_apart"]] == ["measures"]
    assert found["synthetic"] | {"scales": 0} == {
        "name": "blurred", "images": 12, "of": 12, "groups": 12, "labelled": True, "scales": 0,
        "objects": found["synthetic"]["objects"],
    }  # fmt: skip
    (missing,) = (one for one in found["left_out"] if one["what"] == "features of a network")
    assert "pip install simgen[train]" in missing["why"]


@pytest.mark.exhaustive
def test_folders_without_labels_are_compared_in_appearance(
    sets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = (str(sets / name / "images") for name in ("blurred", "real"))
    assert cli.main(["gap", *images, "--json", "--model", "none", "--limit", "9"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["kind"] for one in found["differences"]} == {"appearance"}
    assert "content" in [one["what"] for one in found["left_out"]]
    assert found["synthetic"]["images"] == 9
    assert found["synthetic"]["of"] == 12


@pytest.mark.usefixtures("without_torch")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "torchvision:resnet18"], "pip install simgen[train]"),
        (["--model", "nonsense"], "expected one of auto"),
        (["--model", "missing.onnx"], "no such file"),
        (["--classes", "mug"], "SYNTHETIC=REAL"),
        (["--group-by", "moon"], "--group-by moon"),
        (["--metres-per-pixel", "0", "1"], "above 0"),
    ],
)
def test_what_is_wrong_is_one_line(
    words: list[str], message: str, sets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gap(sets, "--json", *words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_too_few_images_are_refused(
    tmp_path: Path, sets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = write_coco(tmp_path / "few", [scene(np.random.default_rng(0))])
    assert cli.main(["gap", str(few), str(sets / "real"), "--model", "none"]) == 2
    assert "1 readable images; expected at least 4" in capsys.readouterr().err


def test_files_of_all_kinds_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Odd sizes, one pixel, greyscale, CMYK, 16 bits, turned and damaged files, in both sets."""
    rng = np.random.default_rng(3)
    turned = Image.Exif()
    turned[274] = 6
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(9):
            rgb, _ = scene(rng)
            image = Image.fromarray(rgb[: 150 - 13 * number, : 200 - 7 * number])
            image = image.convert(("RGB", "L", "CMYK")[number % 3])
            image.save(tmp_path / name / f"{number}_x.jpg", exif=turned)
        Image.new("RGB", (1, 1)).save(tmp_path / name / "one.png")
        Image.fromarray(np.arange(900, dtype=np.uint16).reshape(30, 30)).save(
            tmp_path / name / "deep.png"
        )
        content = (tmp_path / name / "0_x.jpg").read_bytes()
        (tmp_path / name / "cut.jpg").write_bytes(content[: len(content) // 2])
    words = [str(tmp_path / "a"), str(tmp_path / "b"), "--json", "--model", "none"]
    assert cli.main(["gap", *words]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["synthetic"]["images"] == found["real"]["images"] == 11
    assert not [one["id"] for one in found["differences"] if one["differs"]]
    named = [one["why"] for one in found["left_out"] if one["what"] == "a file"]
    assert sorted(why.split(":")[0] for why in named) == ["a", "b"]
    assert all("cut.jpg" in why for why in named)


@pytest.mark.exhaustive
def test_images_that_are_all_equal_have_no_gap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(5):
            Image.new("RGB", (40, 30), (90, 80, 70)).save(tmp_path / name / f"{number}.png")
    words = [str(tmp_path / "a"), str(tmp_path / "b"), "--model", "none"]
    assert cli.main(["gap", *words, "--output", str(tmp_path / "out")]) == 0
    assert "Not distinguishable" in " ".join(capsys.readouterr().out.split())
    assert (tmp_path / "out" / "gap.html").is_file()
