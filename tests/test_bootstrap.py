"""What `make setup` decides by itself, without installing anything."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts/bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module that works on a folder of its own."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / ".venv"
    for name, value in {
        "ROOT": tmp_path,
        "VENV": venv,
        "TOOLS": tmp_path / ".tools",
        "STAMP": venv / ".simgen-setup",
        "VENV_PYTHON": venv / "bin/python",
    }.items():
        monkeypatch.setattr(module, name, value)
    return module


@pytest.fixture
def pip_env(tmp_path: Path) -> dict[str, str]:
    """An environment whose pip configuration names two indexes."""
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex-url = https://one.test/simple\n"
        "extra_index_url =\n    https://two.test/simple\n    https://three.test/100%\n"
        "[install]\nfind-links = a b\n[list]\nformat = columns\n"
    )
    return {"PIP_CONFIG_FILE": str(file), "XDG_CONFIG_HOME": str(tmp_path)}


def fake(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def fake_python(path: Path, about: str) -> Path:
    return fake(path, f"echo '{about}'")


GOOD = "cpython|3.13|64|0|x"


def test_uv_gets_the_index_settings_of_pip(bootstrap: ModuleType, pip_env: dict) -> None:
    env = bootstrap.uv_environment(pip_env)
    assert env["UV_DEFAULT_INDEX"] == "https://one.test/simple"
    assert env["UV_INDEX"] == "https://two.test/simple https://three.test/100%"
    assert env["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert env["UV_FIND_LINKS"] == "a,b"


def test_variables_of_pip_win_over_its_files(bootstrap: ModuleType, pip_env: dict) -> None:
    mine = {"PIP_INDEX_URL": "https://mine.test", "PIP_CERT": "c"}
    env = bootstrap.uv_environment({**pip_env, **mine})
    assert env["UV_DEFAULT_INDEX"] == "https://mine.test"
    assert env["SSL_CERT_FILE"] == "c"


def test_variables_of_uv_win_over_those_of_pip(bootstrap: ModuleType, pip_env: dict) -> None:
    env = bootstrap.uv_environment({**pip_env, "UV_INDEX_URL": "https://uv.test"})
    assert "UV_DEFAULT_INDEX" not in env


def test_a_configuration_of_uv_wins_over_that_of_pip(
    bootstrap: ModuleType, pip_env: dict, tmp_path: Path
) -> None:
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv/uv.toml").write_text('[[index]]\nurl = "https://uv.test"\n')
    assert "UV_DEFAULT_INDEX" not in bootstrap.uv_environment(pip_env)


def test_a_uv_that_does_not_run_is_passed_over(bootstrap: ModuleType, tmp_path: Path) -> None:
    fake(tmp_path / "shims/uv", "echo 'pyenv: uv: command not found' >&2; exit 127")
    fake(tmp_path / "old/uv", "echo 'uv 0.1.2'")
    good = fake(tmp_path / "good/uv", "echo 'uv 0.9.1 (abc)'")
    path = f"{tmp_path}/shims:{tmp_path}/old:{tmp_path}/good:/usr/bin:/bin"
    assert bootstrap.find_uv({"PATH": path}) == good


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        (GOOD, None),
        ("cpython|3.12|64|0|x", "is cpython 3.12"),
        ("pypy|3.13|64|0|x", "is pypy 3.13"),
        ("cpython|3.13|32|0|x", "32 bits"),
        ("cpython|3.13|64|1|x", "free-threaded"),
    ],
)
def test_what_makes_a_python_unfit(
    bootstrap: ModuleType, tmp_path: Path, about: str, reason: str | None
) -> None:
    found = bootstrap.why_unfit(fake_python(tmp_path / "python", about), {})
    assert found == reason if reason is None else reason in found


def test_a_broken_python_is_unfit(bootstrap: ModuleType, tmp_path: Path) -> None:
    broken = fake(tmp_path / "python", "echo 'python3.13: command not found'; exit 127")
    assert "command not found" in bootstrap.why_unfit(broken, {})
    assert bootstrap.why_unfit(tmp_path / "nothing", {}) == "nothing found"


def test_pyenv_is_looked_into_when_its_shims_fail(bootstrap: ModuleType, tmp_path: Path) -> None:
    uv = fake(tmp_path / "uv", "echo 'pyenv: python3.13: command not found' >&2; exit 2")
    fake_python(tmp_path / "pyenv/versions/3.13.9/bin/python", GOOD)
    newest = fake_python(tmp_path / "pyenv/versions/3.13.10/bin/python", GOOD)
    env = {"PATH": "/usr/bin:/bin", "PYENV_ROOT": str(tmp_path / "pyenv")}
    sources = dict(bootstrap.python_candidates(uv, env))
    assert list(sources.values()).index(newest) < list(sources).index("pyenv's 3.13.9")


def test_without_any_python_the_message_says_what_was_tried(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "WANTED", "3.99")
    uv = fake(tmp_path / "uv", "echo 'error: no network' >&2; exit 2")
    env = {"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path)}
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.find_python(uv, env)
    assert "no network" in str(caught.value)
    assert "pyenv install 3.99" in str(caught.value)


def test_without_venv_and_pip_the_message_names_the_package(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(fake(tmp_path / "python3", "exit 1")))
    with pytest.raises(bootstrap.SetupError, match="python3-venv"):
        bootstrap.install_uv({"PATH": "/usr/bin:/bin"})


def test_nothing_is_done_while_nothing_changed(bootstrap: ModuleType, tmp_path: Path) -> None:
    for name in ("pyproject.toml", "constraints.txt", ".venv/pyvenv.cfg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    fake_python(bootstrap.VENV_PYTHON, GOOD)
    assert not bootstrap.is_current()
    bootstrap.STAMP.write_text(bootstrap.fingerprint())
    assert bootstrap.is_current()
    (tmp_path / "constraints.txt").write_text("numpy==9")
    assert not bootstrap.is_current()
    assert bootstrap.usable_venv()


def test_a_half_made_venv_is_made_anew(bootstrap: ModuleType, tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    assert not bootstrap.usable_venv()
    (tmp_path / ".venv/pyvenv.cfg").write_text("")
    fake_python(bootstrap.VENV_PYTHON, GOOD)
    assert bootstrap.usable_venv()
    bootstrap.STAMP.write_text(bootstrap.INCOMPLETE)
    assert not bootstrap.usable_venv()
    assert not bootstrap.is_current()
