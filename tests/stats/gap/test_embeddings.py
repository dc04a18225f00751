"""Networks: those that files hold, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgen.errors import InputError
from simgen.stats.gap.embeddings import Embedding, open_embedding


def test_images_of_all_shapes_become_vectors() -> None:
    shapes = []

    def forward(batch: np.ndarray) -> np.ndarray:
        shapes.append(batch.shape)
        return batch.mean(axis=(2, 3))

    images = [np.full((h, w, 3), 255, np.uint8) for h, w in ((1, 1), (30, 400), (500, 300))] * 6
    found = Embedding("means", forward).of(images)
    assert found.shape == (18, 3)
    assert shapes == [(16, 3, 224, 224), (2, 3, 224, 224)]
    # White, normalised as for ImageNet.
    np.testing.assert_allclose(found[0], [2.2489, 2.4286, 2.64], atol=1e-3)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"nothing")
    with pytest.raises(InputError, match="not readable as ONNX"):
        open_embedding(str(tmp_path / "a.onnx"))


def field(number: int, value: bytes | int) -> bytes:
    """A field of a protocol buffer, of less than 128 bytes."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def value_of(name: bytes, shape: tuple[int, ...]) -> bytes:
    """A `ValueInfoProto` of float32; sizes from 128 take two bytes."""
    sizes = [
        b"\x08" + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7]))
        for size in shape
    ]
    dims = b"".join(field(1, size) for size in sizes)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))


def test_an_onnx_file_needs_no_torch(tmp_path: Path) -> None:
    """One node, the mean over each channel, written byte by byte."""
    node = field(1, b"x") + field(2, b"y") + field(4, b"GlobalAveragePool")
    graph = field(1, node) + field(2, b"g")
    graph += field(11, value_of(b"x", (1, 3, 224, 224))) + field(12, value_of(b"y", (1, 3, 1, 1)))
    model = field(1, 8) + field(8, field(1, b"") + field(2, 13)) + field(7, graph)
    (tmp_path / "mean.onnx").write_bytes(model)
    embedding = open_embedding(str(tmp_path / "mean.onnx"))
    assert embedding.name == "mean.onnx"
    found = embedding.of([np.zeros((50, 60, 3), np.uint8), np.full((9, 9, 3), 255, np.uint8)])
    np.testing.assert_allclose(found[0], [-2.1179, -2.0357, -1.8044], atol=1e-3)
    np.testing.assert_allclose(found[1], [2.2489, 2.4286, 2.64], atol=1e-3)
