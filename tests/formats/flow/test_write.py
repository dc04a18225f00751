"""Flow in the folders of MPI Sintel, read byte by byte as its formats say, and by OpenCV."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

import simgen
from simgen.dataset.sample import Sample
from simgen.formats.export import Options, export
from simgen.formats.flow.write import FLOW, flo
from simgen.formats.output.journal import Journal
from simgen.formats.output.target import Target
from simgen.formats.pipeline.mixing import Mix
from simgen.formats.pipeline.resizing import Size, resized
from simgen.formats.plan import Plan
from simgen.formats.sources import SimgenSource


@pytest.fixture(scope="session")
def sintel(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("flow") / "out"
    export(["flow"], [SimgenSource(simgen.open(cast_folder))], out)
    return out


def numbers(path: Path, depth: int) -> np.ndarray:
    """`H x W x depth`: of a `.flo` (2) or a `.dpt` (1)."""
    content = path.read_bytes()
    magic, width, height = struct.unpack("<fii", content[:12])
    assert magic == np.float32(202021.25)
    assert content[:4] == (b"PIEH")
    values = struct.unpack(f"<{width * height * depth}f", content[12:])
    return np.reshape(values, (height, width, depth))


def places(folder: Path, data: Path):
    for sample in simgen.open(data):
        split = "training" if sample.split == "train" else sample.split
        yield folder / split, f"{sample.scene:06d}/frame_{sample.frame + 1:04d}", sample


def mask(path: Path) -> np.ndarray:
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert set(np.unique(found)) <= {0, 255}
    return found > 0


def check_flow(root: Path, name: str, suffix: str, flow: np.ndarray, hidden: np.ndarray) -> None:
    found = numbers(root / f"flow{suffix}/{name}.flo", 2)
    known = np.isfinite(flow).all(axis=-1)
    assert (found[known] == flow[known]).all()
    assert (np.abs(found[~known]) > 1e9).all()
    opened = cv2.readOpticalFlow(str(root / f"flow{suffix}/{name}.flo"))
    assert (opened == found.astype(np.float32)).all()
    assert (mask(root / f"invalid{suffix}/{name}.png") == ~known).all()
    assert (mask(root / f"occlusions{suffix}/{name}.png") == hidden).all()


def test_flow_both_ways(sintel: Path, cast_folder: Path) -> None:
    seen = 0
    for root, name, sample in places(sintel, cast_folder):
        pixels = cv2.cvtColor(cv2.imread(str(root / f"final/{name}.png")), cv2.COLOR_BGR2RGB)
        assert (pixels == sample.rgb).all()
        for suffix, flow, hidden in (
            ("", sample.flow_forward, sample.occlusion_forward),
            ("_backward", sample.flow_backward, sample.occlusion_backward),
        ):
            assert (root / f"flow{suffix}/{name}.flo").exists() == (flow is not None)
            if flow is not None and hidden is not None:
                check_flow(root, name, suffix, flow, hidden)
                seen += 1
    assert seen == 8


def test_as_loaders_of_sintel_pair_images_and_flow(sintel: Path) -> None:
    for scene in sintel.glob("*/final/*"):
        images = sorted(scene.iterdir())
        flows = sorted((scene.parent.parent / "flow" / scene.name).iterdir())
        assert [path.stem for path in flows] == [path.stem for path in images[:-1]]


def test_depth_flow_and_cameras_agree(sintel: Path, cast_folder: Path) -> None:
    """The scene's still points, lifted by depth and camera, are where the flow says."""
    moved = 0
    for root, name, sample in places(sintel, cast_folder):
        if sample.flow_forward is None:
            continue
        m, n = camera(root / f"camdata_left/{name}.cam")
        then = f"{sample.scene:06d}/frame_{sample.frame + 2:04d}"
        m_then, n_then = camera(root / f"camdata_left/{then}.cam")
        depth = numbers(root / f"depth/{name}.dpt", 1)[..., 0]
        still = (sample.instances == 0) & np.isfinite(depth)
        still |= np.isin(sample.instances, resting(cast_folder, sample))
        rows, columns = np.nonzero(still & np.isfinite(depth))
        rays = np.stack([columns, rows, np.ones(len(rows))])
        there = np.linalg.inv(m) @ rays * depth[rows, columns]
        world = n[:, :3].T @ (there - n[:, 3:])
        pixels = m_then @ (n_then[:, :3] @ world + n_then[:, 3:])
        flow = numbers(root / f"flow/{name}.flo", 2)[rows, columns]
        expected = (pixels[:2] / pixels[2]).T - np.stack([columns, rows], axis=1)
        np.testing.assert_allclose(flow, expected, atol=0.01)
        moved += len(rows)
    assert moved > 100


def camera(path: Path) -> tuple[np.ndarray, np.ndarray]:
    content = path.read_bytes()
    assert content[:4] == b"PIEH"
    values = struct.unpack("<21d", content[4:])
    return np.reshape(values[:9], (3, 3)), np.reshape(values[9:], (3, 4))


def resting(data: Path, sample: Sample) -> list[int]:
    """Ids of objects that are in the next frame where they are now."""
    (then,) = [
        other for other in simgen.open(data)
        if (other.scene, other.frame) == (sample.scene, sample.frame + 1)
    ]  # fmt: skip
    return [
        a.instance_id
        for a, b in zip(sample.objects, then.objects, strict=True)
        if np.array_equal(a.object_to_world, b.object_to_world)
        and np.array_equal(a.box_max, b.box_max)
    ]


def test_unknown_flow_is_told_from_zero() -> None:
    flow = np.array([[[np.nan, 1.0], [0.0, 0.0]], [[np.inf, 0.0], [-3.5, 2e9]]], np.float32)
    u, v = np.moveaxis(np.frombuffer(flo(flow)[12:], "<f4").reshape(2, 2, 2), -1, 0)
    assert (np.maximum(abs(u), abs(v)) > 1e9).tolist() == [[True, False], [True, True]]
    assert (u[0, 1], v[0, 1]) == (0, 0)


def test_in_another_size(cast_folder: Path, tmp_path: Path) -> None:
    size = Size.read("64x36")
    source = SimgenSource(simgen.open(cast_folder))
    export(["flow"], [source], tmp_path / "out", Options(size=size))
    item = resized(next(iter(source)), size)
    root = next((tmp_path / "out").glob("*/final/000000")).parent.parent
    assert item.frame.flow_forward is not None
    assert item.frame.occlusion_forward is not None
    check_flow(root, "000000/frame_0001", "", item.frame.flow_forward, item.frame.occlusion_forward)
    depth = numbers(root / "depth/000000/frame_0001.dpt", 1)[..., 0]
    assert (depth == item.frame.depth).all()


def test_frames_with_a_gap_between_are_no_pair(cast_folder: Path, tmp_path: Path) -> None:
    source = SimgenSource(simgen.open(cast_folder))
    items = list(source)
    for folder in ("whole", "scratch"):
        (tmp_path / folder).mkdir()
    target = Target(
        tmp_path / "whole", tmp_path / "scratch", Journal(tmp_path / "journal.json", {})
    )
    plan = Plan(
        source.classes, source.stuff_classes, source.splits, source.labels, (source,), 5,
        lambda: iter(items), 1,
    )  # fmt: skip
    with FLOW.write(target, plan) as add:
        for item in [items[0], items[2], *items[3:]]:
            add(item)
    found = {
        path.relative_to(tmp_path / "whole").as_posix().split("/", 1)[1]
        for path in (tmp_path / "whole").rglob("*")
        if path.suffix == ".flo"
    }
    assert found == {
        f"flow{suffix}/000001/frame_000{frame}.flo"
        for suffix, frames in (("", (1, 2)), ("_backward", (2, 3)))
        for frame in frames
    }
    finals = {path.parent.name for path in (tmp_path / "whole").rglob("final/*/*.png")}
    assert finals == {"000000", "000000_from_0002", "000001"}


def test_two_datasets_do_not_meet(cast_folder: Path, tmp_path: Path) -> None:
    sources = [SimgenSource(simgen.open(cast_folder))] * 2
    options = Options(mix=Mix(proportions=(1, 1)))
    export(["flow"], sources, tmp_path / "out", options)
    names = {path.name for path in (tmp_path / "out").glob("*/flow/*")}
    assert names == {"0_000000", "0_000001", "1_000000", "1_000001"}
    assert len(list((tmp_path / "out").glob("*/flow/*/*.flo"))) == 8
