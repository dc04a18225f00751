"""Makes the pictures of the README and the docs from real runs.

python scripts/make_pictures.py                     new runs, then all pictures
python scripts/make_pictures.py --preview DATASET   the contact sheet, of a dataset that is there
python scripts/make_pictures.py --labels DATASET    the pictures of the labels, likewise
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import simgen
from simgen import cli
from simgen.inspect.pictures import PICTURES
from simgen.inspect.preview import write_preview

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
SHEET_WIDTH, LABEL_WIDTH = 1200, 320
QUALITY = 80
ALL_LABELS = (
    "labels=all",
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
"""A sequence in which every label has something to show."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preview", type=Path, metavar="DATASET")
    parser.add_argument("--labels", type=Path, metavar="DATASET")
    given = parser.parse_args()
    if given.preview is not None:
        make_preview(given.preview)
    if given.labels is not None:
        make_labels(given.labels)
    return 0 if given.preview or given.labels else _from_new_runs()


def _from_new_runs() -> int:
    with tempfile.TemporaryDirectory() as folder:
        quickstart, sequence = Path(folder) / "quickstart", Path(folder) / "sequence"
        runs = (
            ["generate", f"output.dir={quickstart}"],
            ["generate", *ALL_LABELS, f"output.dir={sequence}"],
        )
        for words in runs:
            if code := cli.main(words):
                return code
        make_preview(quickstart)
        make_labels(sequence)
    return 0


def make_preview(dataset: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "preview.png"
        write_preview(simgen.open(dataset), sheet, Path(folder))
        with Image.open(sheet) as image:
            _save(image.convert("RGB"), FOLDER / "preview.jpg", SHEET_WIDTH, 85)


def make_labels(dataset: Path) -> None:
    """One picture of each label, of the middle of the first scene; of tracks, of its end."""
    ds = simgen.open(dataset)
    frames = ds.manifest.frames_per_scene
    for label, make in PICTURES.items():
        sample = ds[frames - 1 if label == "tracks" else frames // 2]
        if label not in sample.labels:
            print(f"{dataset}: has no {label!r}; its picture stays as it is")
            continue
        picture = make(sample)
        if picture is not None:
            _save(_image(picture), FOLDER / "labels" / f"{label}.jpg", LABEL_WIDTH, QUALITY)
    total = sum(path.stat().st_size for path in (FOLDER / "labels").glob("*.jpg"))
    print(f"{FOLDER / 'labels'}: {total / 1000:.0f} kB")


def _image(picture: np.ndarray) -> Image.Image:
    return Image.fromarray(picture)


def _save(image: Image.Image, path: Path, width: int, quality: int) -> None:
    height = round(image.height * width / image.width)
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Thin coloured lines do not survive JPEG's usual halving of colour.
    small.save(path, quality=quality, subsampling=0)
    print(f"{path}: {small.width} x {small.height}")


if __name__ == "__main__":
    sys.exit(main())
