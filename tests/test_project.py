"""Rules for the repository as a whole: what may stand in which file, and what must agree."""

from __future__ import annotations

import ast
import itertools
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from syntax import statements, tree

ROOT = Path(__file__).resolve().parent.parent

# In pieces, so that this file does not hold what it forbids.
REGISTRIES = ["pypi" + ".org", "files.python" + "hosted", "registry." + "npmjs", "deb." + "debian"]
MACHINE_PATH = re.compile(rb"(?<![\w.~$}-])/(?:wo" rb"rk|ro" rb"ot|ho" rb"me/\w+|Us" rb"ers/\w+)/")

BLENDER_MODULES = {"bpy", "bpy_extras", "bmesh", "gpu", "mathutils"}
SEEDED_RANDOM = {"Generator", "BitGenerator", "SeedSequence", "PCG64", "Philox"}


def repository_files() -> list[Path]:
    """What is committed, and what would be by `git add .`."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


def modules() -> list[tuple[Path, ast.Module]]:
    """Every module of the package and of the content, and its syntax tree; paths from the root."""
    return [
        (path.relative_to(ROOT), tree(path))
        for folder in ("simgen", "assets", "scenes")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def imports(module: ast.Module) -> Iterator[str]:
    """The full names of all modules that a module imports, and of what it takes out of them."""
    for node in statements(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def dependency_names() -> set[str]:
    """Direct dependencies, extras included, in their normal form."""
    table = project()["project"]
    extras = table["optional-dependencies"].values()
    texts = [*table["dependencies"], *itertools.chain.from_iterable(extras)]
    names = {normal(re.split(r"[^\w.-]", text)[0]) for text in texts}
    return names - {normal(table["name"])}  # an extra of its own


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_commands_leave_in_a_checkout_changes_no_verdict_on_the_code(tmp_path: Path) -> None:
    """Datasets lie in folders whose names may be libraries': `make demo` makes `datasets/`."""
    for file in repository_files():
        if file.suffix == ".py" or file.name == "pyproject.toml":
            copy = tmp_path / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    for name in ("datasets", "outputs", "multirun", "numpy", "pytest", "my_dataset"):
        (tmp_path / name / "tabletop-seed0").mkdir(parents=True)
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", REGISTRIES)
def test_no_file_names_a_registry(address: str) -> None:
    guilty = [file for file in repository_files() if address.encode() in file.read_bytes()]
    assert guilty == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    guilty = {
        str(file.relative_to(ROOT)): found.group().decode()
        for file in repository_files()
        if (found := MACHINE_PATH.search(file.read_bytes()))
    }
    assert guilty == {}


def test_constraints_are_names_and_versions_of_all_dependencies() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.!+-]+", pin)] == []
    assert dependency_names() <= {normal(pin.split("==")[0]) for pin in pins}


def test_the_version_is_the_same_everywhere() -> None:
    version = project()["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert str(citation["version"]) == version
    newest = re.search(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == version


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_make_targets_of_the_docs_exist(page: str) -> None:
    text = (ROOT / page).read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named
    assert named <= targets


def test_ci_runs_the_test_command_of_the_readme_and_the_exhaustive_one() -> None:
    assert re.search(r"^make test\b", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert (ROOT / ".ci/run").read_text().splitlines()[-2:] == ["make test", "exec make test-all"]


def test_the_readme_and_ci_name_the_libraries_that_doctor_looks_for() -> None:
    from simgen.rendering.libraries import LIBRARIES

    packages = " ".join(sorted(LIBRARIES.values()))
    assert f"apt-get install {packages}" in (ROOT / "README.md").read_text()
    assert f" make {packages}\n" in (ROOT / ".ci/run").read_text()


def test_bootstrap_is_python_3_9() -> None:
    """And 3.6 for its syntax, so that older Pythons get as far as the message for them."""
    source = (ROOT / "scripts/bootstrap.py").read_text()
    for version in ((3, 9), (3, 6)):
        ast.parse(source, feature_version=version)


def test_bootstrap_needs_the_standard_library_only() -> None:
    import sys

    tree = ast.parse((ROOT / "scripts/bootstrap.py").read_text())
    assert {name.split(".")[0] for name in imports(tree)} <= sys.stdlib_module_names


def test_the_wheel_carries_the_folders_of_data(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("assets", "configs", "scenes"):
        here = [f for f in repository_files() if f.is_relative_to(ROOT / folder)]
        assert here, f"{folder} is empty"
        assert {f"simgen/_resources/{f.relative_to(ROOT).as_posix()}" for f in here} <= names
    assert "simgen/resources.py" in names
    assert not [name for name in names if name.startswith(("tests/", "scripts/", "configs/"))]


# --- code ---------------------------------------------------------------------------------------


def test_only_the_blender_room_imports_blender() -> None:
    guilty = [
        f"{path}: {name}"
        for path, module in modules()
        if path.parts[:3] != ("simgen", "rendering", "blender")
        for name in imports(module)
        if name.split(".")[0] in BLENDER_MODULES
    ]
    assert guilty == []


def private_uses(tree: ast.Module) -> Iterator[str]:
    """Names with an underscore that a module takes from simgen's."""
    own: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "simgen":
            own |= {alias.asname or alias.name for alias in node.names}
            yield from (alias.name for alias in node.names if re.match(r"_[^_]", alias.name))
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name)) if name in own:
                if re.match(r"_[^_]", node.attr):
                    yield f"{name}.{node.attr}"
            case ast.Call(
                func=ast.Attribute(attr="setattr"), args=[target, ast.Constant(value=str(name)), *_]
            ):
                of_own = isinstance(target, ast.Name) and target.id in own
                if of_own and re.match(r"_[^_]", name):
                    yield f"{ast.unparse(target)}.{name}"
            case ast.Constant(value=str(name)) if re.fullmatch(
                r"simgen(\.\w+)*\._[a-zA-Z]\w*", name
            ):
                yield name


def test_tests_use_public_names() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for name in private_uses(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert not found


def test_nothing_uses_global_random_state() -> None:
    guilty = [f"{path}: {use}" for path, module in modules() for use in global_random(module)]
    assert guilty == []


def global_random(module: ast.Module) -> Iterator[str]:
    """Uses of random numbers that do not come from a keyed stream."""
    for name in imports(module):
        if name == "random" or name.startswith("random."):
            yield f"import {name}"
        found = re.fullmatch(r"numpy\.random(?:\.(\w+))?", name)
        if found and found.group(1) not in SEEDED_RANDOM:
            yield f"import {name}"
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            text = ast.unparse(node)
            if re.fullmatch(r"(np|numpy)\.random\.\w+", text) and node.attr not in SEEDED_RANDOM:
                yield f"{text} in line {node.lineno}"


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from random import choice",
        "from numpy.random import default_rng",
        "from numpy import random",
        "np.random.seed(0)",
        "rng = np.random.default_rng()",
        "numpy.random.uniform(0, 1, size=3)",
    ],
)
def test_global_random_state_is_found(source: str) -> None:
    assert list(global_random(ast.parse(source)))


def test_seeded_generators_are_no_global_random_state() -> None:
    source = "def f(rng: np.random.Generator): return rng.random()"
    assert not list(global_random(ast.parse(source)))
