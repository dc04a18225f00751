"""The documentation is true: its links lead somewhere, its code runs, its commands exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from simgen import cli
from simgen.commands import generate as hydra_app
from simgen.config import Config, check
from simgen.config.explain import known_keys
from simgen.labels.record import CameraRecord
from simgen.labels.registry import LABELS, image_files, presets
from simgen.labels.selection import label_names
from simgen.labels.tracks import Tracks
from simgen.training.study.compose import load_study
from simgen.training.study.plan import plan

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))]

ELSEWHERE = {
    "apt-get": "Debian's own, needs root",
    "pip": "installs a wheel that is not built here",
    ".venv/bin/pre-commit": "there after `make setup` only",
    "srun": "of Slurm",
}
"""Commands that are not simgen's, and why they are not tried."""

DATASETS = {
    "docs/backgrounds.md": "cut_out_folder",
    "docs/depth-cameras.md": "cast_folder",
    "docs/labels.md": "moving_folder",
    "docs/lidar.md": "cast_folder",
    "docs/formats.md": "cast_folder",
    "docs/loading.md": "cast_folder",
    "docs/notebook.md": "cast_folder",
    "docs/own-format.md": "stills_folder",
    "docs/own-label.md": "stills_folder",
    "docs/own-randomizer.md": "stills_folder",
    "docs/own-scene.md": "stills_folder",
    "docs/quickstart.md": "stills_folder",
    "docs/rigs.md": "rig_folder",
    "docs/train.md": "stills_folder",
    "docs/validation.md": "cast_folder",
}
"""Pages whose `my_dataset` is another than the usual one: the fixture that makes it."""

EXPORTING = ("docs/depth-cameras.md", "docs/formats.md", "docs/lidar.md", "docs/loading.md")
"""Pages whose commands `simgen export` are run before their Python."""

FOREIGN = {
    "BLUE_NOISE": "a sampling pattern of Cycles",
    "CUDA_VISIBLE_DEVICES": "read by CUDA",
    "MaxArraySize": "a setting of Slurm",
    "models_eval": "a folder of BOP",
    "--args": "of gdb",
    "--no-stats": "made by argparse of --stats",
    "--repo-type": "of hf",
    "--requeue": "of sbatch",
    "--signal": "of sbatch",
    "--time": "of sbatch",
}
"""Names that simgen's code does not have, and whose they are."""

MARKERS = ("simgen.objects", "simgen.camera", "simgen.light")
"""Names of things in .blend files, not of modules."""

MAKING = re.compile(r"\bsimgen\.generate\(")
"""In blocks that make a dataset, which `tests/runs/test_api.py` runs."""

TORCH = re.compile(r"^(import|from) (torch|torchvision|ultralytics|simgen\.torch)\b", re.MULTILINE)
"""In blocks that are run by `make consumers`, in `tests/consumers/test_page.py`."""


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text(page), re.MULTILINE | re.DOTALL)


def spans(page: str) -> list[str]:
    """Inline code, blocks left out."""
    plain = re.sub(r"^```.*?^```$", "", text(page), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`]+)`", plain)


def commands(page: str) -> Iterator[list[str]]:
    """The words of each command line, in blocks of shell and in inline code."""
    lines = "\n".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    lines += [span for span in spans(page) if re.match(r"(\S*/)?(simgen|make|pip) [a-z-]", span)]
    for line in lines:
        words = shlex.split(line, comments=True)
        if words:
            yield words


def anchor(heading: str) -> str:
    """What a heading is called in links, as GitHub has it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", text(page)):
        if target.startswith("https://"):
            continue
        name, _, part = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        assert path.is_file(), f"{page}: {target}"
        if part:
            headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert part in map(anchor, headings), f"{page}: {target}"


@pytest.mark.parametrize("page", PAGES)
def test_files_and_tests_that_are_named_exist(page: str) -> None:
    roots = ("simgen", "tests", "configs", "scenes", "assets", "scripts", "docs")
    known = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py"))
    for span in spans(page):
        if re.fullmatch(rf"({'|'.join(roots)})/[\w./-]*", span):
            assert (ROOT / span).exists(), f"{page}: {span}"
        if re.fullmatch(r"test_\w+", span):
            assert f"def {span}(" in known, f"{page}: {span}"


@pytest.mark.render
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")])
@pytest.mark.corpus(5)
def test_python_runs(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    fixture = DATASETS.get(page, "dataset_folder")
    (tmp_path / "my_dataset").symlink_to(request.getfixturevalue(fixture))
    (tmp_path / "my_dataset-images.txt").write_text("1\n3\n")  # as the viewer saves it
    monkeypatch.chdir(tmp_path)
    if page in EXPORTING:
        (tmp_path / "other_dataset").symlink_to(request.getfixturevalue("stills_folder"))
        for words in commands(page):
            if words[:2] == ["simgen", "export"] and len(words) > 4:
                assert cli.main(words[1:]) == 0, shlex.join(words)
    names: dict[str, object] = {"__name__": page}
    for number, block in enumerate(blocks(page, "python"), start=1):
        if not TORCH.search(block) and not MAKING.search(block):
            exec(compile(block, f"{page}, block {number}", "exec", dont_inherit=True), names)


@pytest.mark.parametrize("label", LABELS)
def test_every_label_is_documented(label: str) -> None:
    page = text("docs/labels.md")
    headings = re.findall(r"^### (.*)$", page, re.MULTILINE)
    assert sum(f"`{label}`" in heading for heading in headings) == 1
    section = next(part for part in page.split("\n### ") if f"`{label}`" in part.split("\n")[0])
    assert "```python" in section
    for block in re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
        assert len([line for line in block.splitlines() if line]) <= 3
    if LABELS[label].drawn:
        assert f"](images/labels/{label}.jpg)" in section
    if label in image_files():
        assert f"`{image_files()[label].suffix}`" in section
        assert all(re.search(rf"\b{name}\b", section) for name in image_files()[label].channels)


def test_every_preset_is_documented() -> None:
    rows = dict(re.findall(r"^\| `(\w+)`[^|]*\| (.*) \|$", text("docs/labels.md"), re.MULTILINE))
    for name in ("detection", "pose"):
        assert re.findall(r"`(\w+)`", rows[name]) == list(presets()[name])
    assert set(presets()) == {"detection", "pose", "flow", "all"} <= set(rows)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.corpus(4)
def test_commands_exist(
    page: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["--help"]) == 0
    known = re.findall(r"^  simgen (\w+)", capsys.readouterr().out, re.MULTILINE)
    targets = re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE)
    for block in (*blocks(page, "yaml"), *blocks(page, "text")):
        if named := re.match(r"# ([\w-]+\.(?:yaml|txt))\n", block):  # a file that commands read
            Path(named[1]).write_text(block)
    for words in commands(page):
        program, *rest = words
        if program in ELSEWHERE:
            continue
        assert Path(program).name in ("simgen", "make"), f"{page}: {shlex.join(words)}"
        if Path(program).name == "make":
            assert rest[0] in targets
        else:
            assert rest[0] in known
        for file in (word for word in rest if word.endswith(".yaml") and "=" not in word):
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text("# @package _global_\nseed: 1\n")  # as an earlier one makes it
        if rest[0] == "generate" and "--help" not in rest:
            assert hydra_app.run(rest[1:], only_checked) == 0
        if rest[0] == "experiment" and any("=" in word for word in rest):
            study = load_study(rest[1:])
            assert plan(study, ["scene=tabletop", *study.config.base])


@pytest.fixture(scope="module")
def vocabulary() -> set[str]:
    """All words and flags of the code, and the names of its files."""
    folders = ("simgen", "scenes", "scripts", "configs", "assets", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.*")]
    texts = [
        path.read_text(encoding="utf-8")
        for path in files
        if path.suffix in (".py", ".yaml", ".osl", ".js") and path.name != Path(__file__).name
    ]
    return {word for known in texts for word in re.findall(r"--[a-z][a-z-]*|\w+", known)}


@pytest.mark.parametrize("page", PAGES)
def test_names_of_functions_and_flags_exist(page: str, vocabulary: set[str]) -> None:
    """A name of several words in inline code (`draw_haze`, `SceneSpec`) and every flag."""
    own = {word for block in blocks(page, r"\w*") for word in re.findall(r"\w+", block)}
    bare = [s.split("(")[0] for s in spans(page) if re.fullmatch(r"[A-Za-z]\w*(\([\w, ]*\))?", s)]
    named = {word for word in bare if re.search(r"[a-z]_?[A-Z]|_", word)}
    named |= set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text(page)))
    assert sorted(named - vocabulary - own - set(FOREIGN)) == []


@pytest.mark.parametrize("page", PAGES)
def test_dotted_names_of_simgen_exist(page: str) -> None:
    for name in re.findall(r"\bsimgen(?:\.\w+)+", text(page)):
        assert name in MARKERS or exists(name), f"{page}: {name}"


def exists(name: str) -> bool:
    """Whether a module, or what follows one in a dotted name, is there. Nothing is imported, since
    some modules need torch."""
    path, rest = ROOT, name.split(".")
    while rest and (path / rest[0]).is_dir():
        path /= rest.pop(0)
    if rest and (path / f"{rest[0]}.py").is_file():
        path /= f"{rest.pop(0)}.py"
    if not rest:
        return True
    source = path if path.is_file() else path / "__init__.py"
    return bool(re.search(rf"\b{rest[0]}\b", source.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES)
def test_config_keys_exist(page: str) -> None:
    """Keys with a value anywhere (`camera.path=views`), and those alone in inline code."""
    known = set(known_keys())
    groups = {key.split(".")[0] for key in known if "." in key}
    key = rf"(?:{'|'.join(sorted(groups))})(?:\.[a-z_]+)+"
    files = r"\.(py|md|json|npz|jpg|npy|exr|png)$"
    named = set(re.findall(rf"(?<![\w./]){key}(?==)", text(page)))
    named |= {
        span for span in spans(page) if re.fullmatch(key, span) and not re.search(files, span)
    }
    parts = {".".join(other.split(".")[:n]) for other in known for n in (2, 3)}
    of_samples = {f"camera.{part}" for part in (*vars(CameraRecord), *CameraRecord.__annotations__)}
    of_samples |= {f"tracks.{part}" for part in Tracks.__annotations__}
    assert sorted(named - known - parts - of_samples) == []


@pytest.mark.parametrize(
    ("check", "written"),
    [
        ("names", "`build_scene`"),
        ("names", "`buildScene(spec)`"),
        ("names", "call it with `--fastest`"),
        ("dotted", "`simgen.plugin`"),
        ("dotted", "`simgen.spec.scene.SceneSpecs`"),
        ("keys", "`camera.fil_range`"),
        ("keys", "with sensor.isos=3"),
    ],
)
def test_a_wrong_name_is_noticed(
    check: str, written: str, monkeypatch: pytest.MonkeyPatch, vocabulary: set[str]
) -> None:
    monkeypatch.setitem(globals(), "text", lambda page: written)
    checks = {
        "names": partial(test_names_of_functions_and_flags_exist, vocabulary=vocabulary),
        "dotted": test_dotted_names_of_simgen_exist,
        "keys": test_config_keys_exist,
    }
    with pytest.raises(AssertionError):
        checks[check]("docs/index.md")


def only_checked(config: Config, folder: Path) -> int:
    check(config)
    label_names(config)
    return 0


def test_a_wrong_command_is_noticed() -> None:
    with pytest.raises(hydra_app.InputError, match="num_scenes"):
        hydra_app.run(["nun_scenes=3"], only_checked)
