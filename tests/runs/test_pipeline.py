"""Which errors of a scene every attempt would meet again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FLIGHT

from simgen.assets.catalogue import load_catalogue
from simgen.commands import generate as hydra_app
from simgen.config import Config
from simgen.dataset.layout import Layout
from simgen.dataset.reports import UnforeseenError, WorkerInfo
from simgen.errors import AssetError, SceneError
from simgen.runs.backends.worker import Worker
from simgen.runs.pipeline import Job, make_scene
from simgen.spec.rng import Stream
from simgen.spec.scene import SceneSpec
from simgen.stages.resolver import make_resolver, resolver_settings


@pytest.fixture
def job(tmp_path: Path) -> Job:
    composed: list[Config] = []

    def keep(config: Config, folder: Path) -> int:
        composed.append(config)
        return 0

    hydra_app.run(FLIGHT[1:], keep)
    (config,) = composed
    catalogue = load_catalogue(config.assets, {})
    return Job(config, catalogue, Layout(tmp_path / "d"), resolver_settings(config), 1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("mesh volume is too small"), SceneError),
        (ZeroDivisionError("division by zero"), SceneError),
        (KeyError("mug"), SceneError),
        (SceneError("no view"), SceneError),
        (AssetError("a.obj: found no face"), AssetError),
        (OSError("the network is down"), OSError),
        (MemoryError(), MemoryError),
        (RuntimeError("can't start new thread"), RuntimeError),
    ],
)
@pytest.mark.corpus(3)
def test_errors_of_drawing_a_scene_are_its_own_unless_the_machine_may_have_made_them(
    error: Exception, kind: type[Exception], job: Job, tmp_path: Path
) -> None:
    def odd(spec: SceneSpec, rng: Stream) -> SceneSpec:
        raise error

    resolver = replace(make_resolver(job.settings), randomizers={"odd": odd})
    with pytest.raises(kind) as caught:
        make_scene(job, resolver, 0, 1, WorkerInfo("0"), tmp_path)
    assert type(caught.value) is kind
    assert str(error) in str(caught.value)


@pytest.mark.parametrize(
    ("cause", "kind"), [(None, AssetError), (OSError("stale file handle"), UnforeseenError)]
)
def test_a_file_that_cannot_be_read_just_now_is_tried_again(
    cause: Exception | None, kind: type[Exception], job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> None:
        try:
            raise AssetError("no mesh") from cause
        except AssetError as error:
            raise AssetError("a.obj: no mesh") from error

    monkeypatch.setattr("simgen.runs.pipeline.make_scene", unreadable)
    monkeypatch.setenv("TMPDIR", str(job.place.root))  # a worker sets it for its process
    with pytest.raises(kind, match=r"a\.obj: no mesh") as caught:
        Worker(job, WorkerInfo("0")).make(0, 1)
    assert type(caught.value) is kind
