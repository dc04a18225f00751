"""The folders of data are found in a checkout and in a wheel."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from simgen import resources
from simgen.errors import SimgenError
from simgen.resources import resource


def test_in_a_checkout_they_lie_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "configs").mkdir()
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "simgen")
    assert resource("configs") == tmp_path / "configs"


def test_in_a_wheel_they_lie_inside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "configs").mkdir()  # somebody else's, in site-packages
    (tmp_path / "simgen/_resources/configs").mkdir(parents=True)
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "simgen")
    assert resource("configs") == tmp_path / "simgen/_resources/configs"


def test_one_that_is_missing_is_named() -> None:
    with pytest.raises(SimgenError, match="`no-such-folder`"):
        resource("no-such-folder")


def test_python_files_of_the_content_are_modules_by_name() -> None:
    """So that what they define can be pickled, in whichever process it is needed."""
    assert resources.module_names("scenes") == tuple(sorted(stage_files()))
    for name in stage_files():
        params = resources.module("scenes", name).STAGE.params
        assert pickle.loads(pickle.dumps(params)) is params


def stage_files() -> list[str]:
    return [path.stem for path in resource("scenes").iterdir() if path.suffix == ".py"]
