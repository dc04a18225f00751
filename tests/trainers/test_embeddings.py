"""Networks of `simgen gap` that need PyTorch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import models

from simgen.errors import InputError
from simgen.stats.gap.embeddings import open_embedding


def test_weights_are_not_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(InputError, match="downloads nothing"):
        open_embedding("torchvision:resnet18")
    assert not list(tmp_path.rglob("*.pth"))


def test_the_network_of_the_package_index_tells_pictures_apart() -> None:
    embedding = open_embedding("auto")
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (2, 64, 64, 3)).astype(np.uint8)
    found = embedding.of([*noise, np.zeros((64, 64, 3), np.uint8)])
    assert found.shape == (3, 1280)
    assert np.isfinite(found).all()
    near, far = (np.linalg.norm(found[0] - found[place]) for place in (1, 2))
    assert near < far / 2


def test_a_torchvision_model_takes_its_weights_from_a_file(tmp_path: Path) -> None:
    torch.manual_seed(0)
    torch.save(models.resnet18(weights=None).state_dict(), tmp_path / "own.pth")
    embedding = open_embedding(f"torchvision:resnet18={tmp_path / 'own.pth'}")
    found = embedding.of([np.zeros((40, 60, 3), np.uint8), np.full((9, 9, 3), 255, np.uint8)])
    assert found.shape == (2, 512)
    assert np.linalg.norm(found[0] - found[1]) > 0
    (tmp_path / "no.pth").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"no\.pth"):
        open_embedding(f"torchvision:resnet18={tmp_path / 'no.pth'}")
