"""Refiners: they learn what is real, go on where they were stopped, and move nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from cast import SMALL, cast_dataset
from conftest import content
from drawn_sets import changed, scene, write_coco

import simgen
from simgen import cli
from simgen.dataset import files
from simgen.dataset.adaptation.methods import METHODS
from simgen.dataset.adaptation.network import forward, refined
from simgen.labels.rgb import RGB
from simgen.stats.gap.report import Options, compare
from simgen.training.refiner import networks
from simgen.training.refiner.networks import Refiner, Training, weights_of

OPTIONS = ("steps=80", "width=12", "blocks=2", "patch=64", "batch=4", "keep=0.5")


class KilledError(BaseException):
    """A training that is stopped."""


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Objects that stand out, in grey, as they do not in patterns."""
    words = (*SMALL, "num_scenes=4", "frames_per_scene=2", "seed=1")
    size = ("render.width=192", "render.height=144")
    folder = cast_dataset(tmp_path_factory.mktemp("cast") / "plain", *words, *size)
    for sample in simgen.open(folder):
        rng = np.random.default_rng(sample.image_id)
        levels = np.array([90.0, *rng.choice([30.0, 200.0], int(sample.instances.max()))])
        grey = cv2.GaussianBlur(levels[sample.instances], (0, 0), 0.7)
        image = np.repeat((grey + rng.normal(0, 2, grey.shape))[..., None], 3, axis=2)
        files.write_image(sample.path("rgb"), image.clip(0, 255).astype(np.uint8), RGB.stored)
    return folder


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(1)
    images = changed([scene(rng) for _ in range(10)], "warm", rng)
    return write_coco(tmp_path_factory.mktemp("photographs") / "real", images)


def adapt(synthetic: Path, out: Path, real: Path, *options: str) -> int:
    words = ["adapt", str(synthetic), str(out), "--to", str(real), "--method", "refine"]
    return cli.main([*words, "--workers", "1", "--device", "cpu", "--set", *OPTIONS, *options])


def warmth(folder: Path, real: Path) -> float:
    found = compare(str(folder), str(real), Options(model="none")).differences
    return next(row.interval.value for row in found if row.quantity.id == "warmth")


@pytest.fixture(scope="module")
def adapted(synthetic: Path, real: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("refined") / "out"
    assert adapt(synthetic, out, real) == 0
    return out


def test_the_network_is_the_same_with_and_without_torch() -> None:
    torch.manual_seed(1)
    net = Refiner(8, 2)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    image = np.random.default_rng(0).integers(0, 256, (300, 41, 3), np.uint8)
    values = image.astype(np.float32) / 127.5 - 1
    with torch.no_grad():
        wanted = net(torch.from_numpy(values).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
    found = forward(values, weights_of(net))
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    # Strips of an image meet without a seam.
    whole = np.clip(np.round((wanted + 1) * 127.5), 0, 255)
    np.testing.assert_allclose(refined(image, weights_of(net)), whole, atol=1)


def test_a_new_refiner_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    np.testing.assert_array_equal(refined(image, weights_of(Refiner(8, 1))), image)


def test_it_learns_what_is_real_and_says_where_edges_are(
    adapted: Path, synthetic: Path, real: Path
) -> None:
    assert warmth(adapted, real) < 0.6 * warmth(synthetic, real)
    before, after = content(synthetic), content(adapted)
    labels = [name for name in before if name.startswith("scenes/") and ".rgb." not in name]
    assert all(before[name] == after[name] for name in labels)
    figures = json.loads((adapted / "dataset.json").read_text())["adaptation"]["figures"]
    assert figures["edges"] >= 10
    assert 0 <= figures["most_moved"] <= 1
    assert "most_moved" in (adapted / "README.md").read_text()
    assert len(simgen.open(synthetic, adapt=adapted)) == 8


def test_a_training_that_is_killed_goes_on_to_the_same_bytes(
    adapted: Path, synthetic: Path, real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networks, "SAVED_EVERY", 0.0)
    step = Training.step

    def killed(self: Training, *pieces: torch.Tensor) -> None:
        step(self, *pieces)
        if self.done in (20, 50):
            raise KilledError

    monkeypatch.setattr(Training, "step", killed)
    for _ in range(2):
        with pytest.raises(KilledError):
            adapt(synthetic, tmp_path / "out", real)
    assert adapt(synthetic, tmp_path / "out", real) == 0
    assert content(tmp_path / "out") == content(adapted)


def test_a_result_that_moves_edges_is_refused(
    synthetic: Path,
    real: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    moving = replace(METHODS["refine"], apply=lambda image, *rest: np.roll(image, 2, axis=1))
    monkeypatch.setitem(METHODS, "refine", moving)
    out = tmp_path / "out"
    assert adapt(synthetic, out, real, "steps=1") == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "result rejected: an edge of an object moved by 2" in said
    assert not (out / "dataset.json").exists()
    assert not (out / "adaptation.json").exists()


def test_what_a_refiner_lacks_is_said_before_it_is_trained(
    synthetic: Path, real: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = cast_dataset(tmp_path / "bare", *SMALL, "num_scenes=1", "labels=[rgb,depth]")
    assert adapt(bare, tmp_path / "out", real) == 2
    assert "labels=[...,objects]" in " ".join(capsys.readouterr().err.split())
    small = write_coco(tmp_path / "small", [(scene(np.random.default_rng(0))[0][:40, :50], [])])
    assert adapt(synthetic, tmp_path / "other", small) == 2
    assert "--set patch=40" in " ".join(capsys.readouterr().err.split())
