"""Generate the images of the README and the docs from real runs.

python scripts/make_pictures.py                     new runs, then all images
python scripts/make_pictures.py --preview DATASET   the contact sheet of an existing dataset
python scripts/make_pictures.py --labels DATASET    the images of labels of an existing dataset
python scripts/make_pictures.py --lidar DATASET     the image of docs/lidar.md
python scripts/make_pictures.py --depth FOLDER      the image of docs/depth-cameras.md; datasets
                                                    missing in FOLDER are generated
python scripts/make_pictures.py --scenes FOLDER     a sheet of 40 scenes of each stage; datasets
                                                    missing in FOLDER are generated
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import simgen
from simgen import cli
from simgen.labels.drawing.colours import colour_depth, colour_ids
from simgen.labels.drawing.points import range_colours
from simgen.labels.lidar import LidarScan
from simgen.labels.registry import LABELS, drawable
from simgen.report.preview import write_preview
from simgen.stages.registry import stage_names

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
SHEET_WIDTH, LABEL_WIDTH = 1200, 320
QUALITY = 80
VIEW = 16.0
"""Metres that the view from above reaches to each side."""
SCENES, SCENES_ACROSS, SCENES_WIDTH, SCENES_BYTES = 40, 8, 1000, 150_000
ALL_LABELS = (
    "labels=[all,lidar,sensor_depth]",
    "lidar.beams=64",
    "lidar.vertical_fov_deg=[-30,30]",
    "seed=6",
    "num_scenes=1",
    "frames_per_scene=7",
    "objects.count_range=[9,9]",
    "camera.path=orbit",
    "camera.travel_range=[0.3,0.3]",
    "camera.stereo_baseline=0.08",
    "motion.objects=keyframed",
    "motion.deform_probability=0.3",
    "tracks.count=96",
    "render.width=480",
    "render.height=360",
    "render.samples=48",
)
"""A sequence in which every label has content."""

CUT_OUT = (
    "scene=flying",
    "background.empty=true",
    "labels=[rgba]",
    "seed=6",
    "num_scenes=1",
    "render.width=480",
    "render.height=360",
)
"""Objects without a stage."""

LIDAR = (
    "scene=outdoor",
    "labels=[rgb,objects,lidar]",
    "seed=3",
    "num_scenes=1",
    "render.samples=48",
    "lidar.mount=level",
    "lidar.position=[0,0,0.3]",
    "lidar.beams=64",
    "lidar.vertical_fov_deg=[-25,10]",
)
"""A street with a scanner above the camera."""

DEPTH_CAMERAS = (
    "scene=kitchen",
    "labels=[rgb,depth,sensor_depth]",
    "seed=4",
    "num_scenes=1",
    "render.width=480",
    "render.height=360",
    "render.samples=48",
)
"""A kitchen, looked at by a depth camera."""

SHEET = (
    f"num_scenes={SCENES}",
    "seed=1",
    "labels=[rgb]",
    "render=draft",
    "render.width=240",
    "render.height=180",
    "sensor=camera",
)
"""Settings for the sheets of each stage, which otherwise use its defaults."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preview", type=Path, metavar="DATASET")
    parser.add_argument("--labels", type=Path, metavar="DATASET")
    parser.add_argument("--lidar", type=Path, metavar="DATASET")
    parser.add_argument("--depth", type=Path, metavar="FOLDER")
    parser.add_argument("--scenes", type=Path, metavar="FOLDER")
    parser.add_argument("--stage", choices=stage_names(), help="with --scenes: only this one")
    given = parser.parse_args()
    if given.preview is not None:
        make_preview(given.preview)
    if given.labels is not None:
        make_labels(given.labels)
    if given.lidar is not None:
        make_lidar(given.lidar)
    if given.depth is not None:
        return make_depth(given.depth)
    if given.scenes is not None:
        return make_scenes(given.scenes, [given.stage] if given.stage else stage_names())
    return 0 if given.preview or given.labels or given.lidar else _from_new_runs()


def _from_new_runs() -> int:
    with tempfile.TemporaryDirectory() as folder:
        quickstart, sequence = Path(folder) / "quickstart", Path(folder) / "sequence"
        street, alone = Path(folder) / "street", Path(folder) / "alone"
        runs = (
            ["generate", f"output.dir={quickstart}"],
            ["generate", *ALL_LABELS, f"output.dir={sequence}"],
            ["generate", *CUT_OUT, f"output.dir={alone}"],
            ["generate", *LIDAR, f"output.dir={street}"],
        )
        for words in runs:
            if code := cli.main(words):
                return code
        make_preview(quickstart)
        make_labels(sequence)
        make_labels(alone)
        make_lidar(street)
        if code := make_depth(Path(folder) / "depth"):
            return code
        return make_scenes(Path(folder) / "scenes", stage_names())


def make_preview(dataset: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "preview.png"
        write_preview(simgen.open(dataset), sheet, Path(folder))
        with Image.open(sheet) as image:
            _save(image.convert("RGB"), FOLDER / "preview.jpg", SHEET_WIDTH, 85)


def make_labels(dataset: Path) -> None:
    """Draw each label of the middle frame of the first scene; for tracks, of its last frame."""
    ds = simgen.open(dataset)
    frames = ds.manifest.frames_per_scene
    for label in drawable(LABELS):
        sample = ds[frames - 1 if label == "tracks" else frames // 2]
        if label not in sample.labels:
            print(f"{dataset}: has no {label!r}; its image is not updated")
            continue
        picture = LABELS[label].picture(sample)
        if picture is not None:
            _save(_image(picture), FOLDER / "labels" / f"{label}.jpg", LABEL_WIDTH, QUALITY)
    total = sum(path.stat().st_size for path in (FOLDER / "labels").glob("*.jpg"))
    print(f"{FOLDER / 'labels'}: {total / 1000:.0f} kB")


def make_lidar(dataset: Path) -> None:
    """A scan on its image, from above, and below both as an image of ranges."""
    sample = simgen.open(dataset)[0]
    on_image = LABELS["lidar"].picture(sample)
    assert on_image is not None
    above = _from_above(sample.lidar.returns, len(on_image))
    top = np.hstack([on_image, above])
    scan = sample.lidar
    ranges = scan.image(scan.range)
    picture = np.zeros((*ranges.shape, 3), np.uint8)
    picture[np.isfinite(ranges)] = range_colours(ranges[np.isfinite(ranges)])
    size = (top.shape[1], 2 * len(picture))
    strip = cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST)
    save_within(_image(np.vstack([top, strip])), FOLDER / "lidar.jpg", top.shape[1], 200_000)


def _from_above(scan: LidarScan, side: int) -> np.ndarray:
    """The points of a scan within `VIEW` metres, `side x side x 3` uint8: forward is up, objects
    are coloured, the stage is grey."""
    scale = side / (2 * VIEW)
    rows, columns = np.rint(side / 2 - scale * scan.points[:, :2]).astype(int).T
    colours = colour_ids(scan.instance_id[None])[0]
    colours[scan.instance_id == 0] = 95
    inside = (rows >= 0) & (rows < side) & (columns >= 0) & (columns < side)
    order = np.flatnonzero(inside)[np.argsort(scan.instance_id[inside] > 0, kind="stable")]
    out = np.full((side, side, 3), 20, np.uint8)
    out[rows[order], columns[order]] = colours[order]
    return out


def make_depth(folder: Path) -> int:
    """An image, its exact depth, and what two kinds of depth cameras measure."""
    tiles = []
    for kind in ("structured_light", "tof"):
        dataset = folder / kind
        words = [*DEPTH_CAMERAS, f"depth_camera={kind}", f"output.dir={dataset}"]
        if code := cli.main(["generate", *words]):
            return code
        sample = simgen.open(dataset)[0]
        tiles.append(colour_depth(sample.sensor_depth))
    top = np.hstack([sample.rgb, colour_depth(sample.depth)])
    sheet = _image(np.vstack([top, np.hstack(tiles)]))
    save_within(sheet, FOLDER / "depth-cameras.jpg", sheet.width, 200_000)
    return 0


def make_scenes(folder: Path, names: Sequence[str]) -> int:
    """Write a sheet of scenes of each stage: 8 per row, scene 0 at the top left."""
    for name in names:
        dataset = folder / name
        if code := cli.main(["generate", f"scene={name}", *SHEET, f"output.dir={dataset}"]):
            return code
        images = [sample.rgb for sample in simgen.open(dataset)][:SCENES]
        sheet = _image(_rows(images, SCENES_ACROSS))
        save_within(sheet, FOLDER / "scenes" / f"{name}.jpg", SCENES_WIDTH, SCENES_BYTES)
    return 0


def _rows(images: Sequence[np.ndarray], across: int) -> np.ndarray:
    """Arrange images of one size row by row; unused positions are black."""
    lacking = -len(images) % across
    tiles = [*images, *[np.zeros_like(images[0])] * lacking]
    rows = [np.hstack(tiles[n : n + across]) for n in range(0, len(tiles), across)]
    return np.vstack(rows)


def save_within(image: Image.Image, path: Path, width: int, most: int) -> None:
    """Save a JPEG of at most `most` bytes at the highest possible quality."""
    height = round(image.height * width / image.width)
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(85, 40, -5):
        small.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= most:
            break
    print(f"{path}: {small.width} x {small.height}, {path.stat().st_size / 1000:.0f} kB")


def _image(picture: np.ndarray) -> Image.Image:
    return Image.fromarray(picture)


def _save(image: Image.Image, path: Path, width: int, quality: int) -> None:
    height = round(image.height * width / image.width)
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Chroma subsampling, the default of JPEG, would destroy thin coloured lines.
    small.save(path, quality=quality, subsampling=0)
    print(f"{path}: {small.width} x {small.height}")


if __name__ == "__main__":
    sys.exit(main())
