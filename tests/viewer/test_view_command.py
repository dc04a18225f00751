"""The command `simgen view`, and the page that it writes."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from viewer.scripts import payload

from simgen import cli
from simgen.commands import view as arguments
from simgen.errors import SimgenError
from simgen.viewer import assemble

APP = Path(assemble.__file__).parent / "app"


@pytest.fixture
def dataset(stills_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "stills"
    shutil.copytree(stills_folder, folder)
    monkeypatch.chdir(tmp_path)
    return folder


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    said = capsys.readouterr()
    assert said.err == ""
    return said.out.splitlines()


def test_it_says_where_the_page_is(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["view", "stills", "--no-stats"]) == 0
    assert lines(capsys) == ["12 images: stills/view/index.html"]
    assert (dataset / "view/index.html").is_file()
    assert payload(dataset / "view/data/index.js")["name"] == "stills"


def test_many_images_have_no_arrays_unless_asked(
    dataset: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arguments, "MANY", 11)
    assert cli.main(["view", "stills"]) == 0
    said = lines(capsys)
    assert len(said) == 2
    assert "--arrays all" in said[1]
    assert not list((dataset / "view/arrays").iterdir())
    assert not (dataset / "view/stats.html").exists()
    assert cli.main(["view", "stills", "--arrays", "all"]) == 0
    assert len(lines(capsys)) == 1
    assert len(list((dataset / "view/arrays").glob("*/*.js"))) == 12


def test_the_validator_is_heard(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (dataset / "scenes/000003/frame_0001.instances.png").write_bytes(b"")
    assert cli.main(["view", "stills", "--validate", "--arrays", "none", "--no-stats"]) == 0
    assert len(lines(capsys)) == 1
    frames = payload(dataset / "view/data/scenes/000003.js")["frames"]
    rules = [complaint["rule"] for complaint in frames[1]["complaints"]]
    assert [rule for rule in rules if "empty" in rule]
    assert payload(dataset / "view/data/index.js")["complaints"] is True


@pytest.mark.exhaustive
def test_damage_is_a_warning(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (dataset / "scenes/000003/frame_0001.rgb.png").write_bytes(b"")
    (dataset / "scenes/000004/frame_0000.json").write_bytes(b"{")
    assert cli.main(["view", "stills"]) == 0
    first, warning = lines(capsys)
    assert first == "12 images: stills/view/index.html"
    assert warning == (
        "warning: 2 of 12 images are damaged and marked on the pages; the first is scene 3, "
        "frame 1: scenes/000003/frame_0001.rgb.png: not a readable PNG"
    )
    assert (dataset / "view/stats.html").is_file()


def test_statistics_come_along(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_page(dataset: str, folder: Path, progress: Callable[[int, int], None]) -> None:
        assert dataset == "stills"
        progress(1, 12)
        for name in ("stats.html", "stats.json"):
            (folder / name).write_text("drawn")

    monkeypatch.setattr("simgen.stats.page.write_page", write_page)
    assert cli.main(["view", "stills", "--arrays", "none"]) == 0
    assert (dataset / "view/stats.html").read_text() == "drawn"
    assert payload(dataset / "view/data/index.js")["stats"] is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere"),
        (["stills", "--out", "s3://bucket/x"], "--out s3://bucket/x: expected a local folder"),
        (["stills", "--processes", "0"], "--processes 0: expected at least 1"),
        (["memory://x/y"], "memory://x/y"),
    ],
)
def test_what_is_wrong_is_one_line(
    dataset: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["view", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_dataset_at_a_uri_needs_a_folder(
    dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["view", f"file://{dataset}"]) == 2
    assert "with --out" in capsys.readouterr().err
    assert (
        cli.main(["view", f"file://{dataset}", "--out", "there", "--arrays", "none", "--no-stats"])
        == 0
    )
    assert payload(Path("there/data/index.js"))["images"] == 12


def test_several_datasets_have_views_in_one_folder(
    dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(dataset, dataset.parent / "other set")
    words = ["--arrays", "none", "--no-stats", "--processes", "1"]
    assert cli.main(["view", "stills", "other set", *words]) == 0
    out = dataset.parent / "stills-other set-view"
    assert lines(capsys)[-1] == f"2 datasets side by side: {out.name}/index.html"
    index = payload(out / "data/index.js")
    assert index["together"] == ["1-stills", "2-other_set"]
    assert all((out / name / "index.html").is_file() for name in index["together"])
    # Again with other datasets: views that no longer belong to the page go.
    assert cli.main(["view", "other set", "stills", "--out", str(out), *words]) == 0
    assert sorted(path.name for path in out.glob("[1-9]-*")) == ["1-other_set", "2-stills"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["stills", "nowhere"], "nowhere"),
        (["stills"] * 5, "5 datasets: expected at most 4"),
        (["stills", "stills", "--predictions", "x.json"], "--predictions: belongs to one dataset"),
        (["stills", "stills", "--out", "full"], "full: contains files that `simgen view` did not"),
        (["stills", "stills", "--out", "s3://b/x"], "expected a local folder"),
    ],
)
def test_what_is_wrong_with_several_is_one_line(
    dataset: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (dataset.parent / "full").mkdir()
    (dataset.parent / "full/notes.txt").write_text("mine")
    assert cli.main(["view", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


# --- the page -----------------------------------------------------------------------------------


def test_the_page_is_one_file_that_loads_data_alone() -> None:
    text = assemble.page().decode()
    assert "{{" not in text.split("<script>")[0]
    assert not re.search(r"""(src|href)=["'](?!data:,)""", text.split("<body")[0])
    for path in sorted(APP.glob("*.js")):
        assert path.read_text() in text


def test_the_policy_knows_the_script_by_its_digest(tmp_path: Path) -> None:
    (tmp_path / "index.html.jinja").write_text(
        "<meta content=\"script-src 'sha256-{{ digest }}'\"><style>{{ style }}</style>"
        "<script>{{ script }}</script>"
    )
    (tmp_path / "style.css").write_text("a{}")
    (tmp_path / "2.js").write_text("{{ style }} '{{ digest }}' && 1 < 2")
    (tmp_path / "1.js").write_text("é()")
    page = assemble.page(tmp_path).decode()
    (script,) = re.findall(r"<script>(.*)</script>", page, re.DOTALL)
    assert script == "é()\n{{ style }} '{{ digest }}' && 1 < 2"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert page.startswith(f"<meta content=\"script-src 'sha256-{digest}'\"><style>a{{}}</style>")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("1.js", "'</SCRIPT>'", "script must not contain"),
        ("style.css", "</style>", "style must not contain"),
        ("index.html.jinja", "<style></style><script>{{ script }}</script>", "one style"),
        ("index.html.jinja", None, "index.html.jinja: simgen.s own file is missing"),
        ("style.css", None, "style.css: simgen.s own file is missing"),
    ],
)
def test_pages_of_ours_that_are_broken(
    tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    shutil.copytree(APP, tmp_path / "app")
    (tmp_path / "app" / name).unlink(missing_ok=True)
    if text is not None:
        (tmp_path / "app" / name).write_text(text)
    with pytest.raises(SimgenError, match=said):
        assemble.page(tmp_path / "app")
