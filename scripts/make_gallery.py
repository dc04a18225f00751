"""Generate docs/gallery.md and its images: the effects of single settings.

python scripts/make_gallery.py FOLDER      renders missing datasets into FOLDER, then everything
python scripts/make_gallery.py --page      only the page, from existing images
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from make_pictures import save_within
from PIL import Image

import simgen
from simgen import cli
from simgen.labels.registry import LABELS, drawable

DOCS = Path(__file__).resolve().parent.parent / "docs"
FOLDER = DOCS / "images" / "gallery"
WIDTH, BYTES = 320, 40_000
COMMON = ("num_scenes=1", "labels=[rgb]", "render.width=320", "render.height=240")
ACROSS = 3


@dataclass(frozen=True)
class Part:
    """Images that differ in one setting."""

    title: str
    text: str
    words: tuple[str, ...]
    """Arguments that all of them share."""
    choices: dict[str, str]
    """Name of an image to its additional arguments, separated by spaces."""


EMPTY = (
    *("scene=outdoor", "objects.count_range=0", "seed=3", "render.width=640", "render.height=480"),
    *("camera.height_range=1.5", "camera.distance_range=7", "lighting=hdri", "labels=[rgb]"),
    *("lighting.hdris=[courtyard,city,sunrise]", "sensor=perfect"),
)
"""Images without objects, as the photographs of a place."""
STREET = 4
"""Number of the scene that is used."""
PHOTOGRAPHS = "photographs"
TABLE = ("seed=11", "objects.count_range=[8,8]", "camera.elevation_deg_range=[30,30]")
PARTS = (
    Part(
        "Stages",
        "[Worlds](worlds.md#stages) shows 40 scenes of each stage.",
        ("seed=4",),
        {
            name: f"scene={name}"
            for name in (
                *("tabletop", "bin", "shelf", "room", "outdoor", "aerial", "flying", "forest"),
                *("kitchen", "desk", "meal"),
            )
        },
    ),
    Part(
        "Light",
        "The same objects at the same positions: each sample depends only on its config key, so"
        "\nchanging the lighting changes nothing else.",
        TABLE,
        {
            name: f"lighting={name}"
            for name in ("hdri", "sky", "sunset", "studio", "indoor", "night")
        },
    ),
    Part(
        "Materials",
        "From realistic materials to domain randomization.",
        (*TABLE, "lighting=studio"),
        {name: f"materials.level={name}" for name in ("realistic", "plausible", "random")},
    ),
    Part(
        "Cameras",
        "Lenses are ray traced rather than warped, and apply to all labels. Depth of field affects"
        "\nonly the image.",
        (*TABLE, "lighting=indoor"),
        {
            "wide": "camera.focal_length_mm_range=18",
            "aperture": "camera.focal_length_mm_range=85 camera.f_stop_range=1.4",
            "barrel": "camera.model=brown_conrady camera.distortion=[-0.25,0.05]"
            " camera.focal_length_mm_range=20",
            "fisheye": "experiment=fisheye num_scenes=1 render.width=320 render.height=240",
            "around": "camera.model=equirectangular",
        },
    ),
    Part(
        "Photographs",
        "[Objects in my photographs](backgrounds.md) explains them. Here the photograph is another"
        "\nimage of simgen's, of a place without objects.",
        ("seed=3", "camera.height_range=1.5"),
        {
            "outdoor-photo": f"scene=outdoor background.images={PHOTOGRAPHS} lighting=photo",
            "outdoor-sky": f"scene=outdoor background.images={PHOTOGRAPHS} lighting=sky",
            "flying-photo": f"scene=flying camera.height_range=null background.images={PHOTOGRAPHS}"
            " lighting=photo",
        },
    ),
    Part(
        "Render presets",
        "[Render presets](worlds.md#render-presets) has their cost. They do not affect labels.",
        ("scene=room", "seed=4", "sensor=perfect"),
        {name: f"render={name}" for name in ("fast", "draft", "standard")},
    ),
    Part(
        "Sensors",
        "Noise, sharpening, compression and colours of cameras. They do not affect labels.",
        (*TABLE, "lighting=night"),
        {name: f"sensor={name}" for name in ("perfect", "phone", "webcam")},
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="for the datasets")
    parser.add_argument("--page", action="store_true", help="write only the page")
    given = parser.parse_args()
    if given.folder is None and not given.page:
        parser.error("no folder given; name a folder for the datasets, or add --page")
    if given.folder is not None:
        given.folder.mkdir(parents=True, exist_ok=True)
    for part in () if given.page else PARTS:
        for name in part.choices:
            if code := render(part, name, given.folder):
                return code
    (DOCS / "gallery.md").write_text(page(), encoding="utf-8")
    total = sum(path.stat().st_size for path in FOLDER.glob("*.jpg"))
    print(f"{FOLDER}: {total / 1000:.0f} kB")
    return 0


def render(part: Part, name: str, folder: Path) -> int:
    """Render one image, and return the exit code of the run."""
    dataset = folder.resolve() / file_name(part, name)
    words = (*COMMON, *part.words, *part.choices[name].split())
    if f"background.images={PHOTOGRAPHS}" in words:
        make_photographs(folder)
    with contextlib.chdir(folder):
        if code := cli.main(["generate", *words, f"output.dir={dataset}"]):
            return code
    image = Image.fromarray(simgen.open(dataset)[0].rgb)
    save_within(image, FOLDER / f"{file_name(part, name)}.jpg", WIDTH, BYTES)
    return 0


def make_photographs(folder: Path) -> None:
    """Render an image without objects into a folder of photographs, unless it is there."""
    target = folder / PHOTOGRAPHS
    if target.is_dir():
        return
    (sample,) = simgen.render(simgen.sample_scene(EMPTY, STREET))
    target.mkdir()
    Image.fromarray(sample.rgb).save(target / "street.png")


def file_name(part: Part, name: str) -> str:
    return f"{part.title.lower().replace(' ', '-')}-{name}"


def page() -> str:
    """Return the complete page."""
    return (
        "# Gallery\n\n"
        "<!-- Generated by scripts/make_gallery.py; changes made here are lost. -->\n\n"
        "The effects of single settings. Each image is the entire output of one command: the one\n"
        "above its table, with the arguments below the image in place of the dots.\n\n"
        + "\n".join(map(section, PARTS))
        + "\n"
        + labels()
    )


def section(part: Part) -> str:
    lines = [" ".join(COMMON), " ".join((*part.words, "..."))]
    command = "    simgen generate " + " \\\n        ".join(lines)
    head = f"## {part.title}\n\n{part.text}\n\n{command}\n\n"
    return head + table(
        [
            (f"images/gallery/{file_name(part, name)}.jpg", f"{part.title}: {name}", words)
            for name, words in part.choices.items()
        ]
    )


def labels() -> str:
    """Return a section with the images of the page on labels."""
    names = drawable(LABELS)
    pictures = [(f"images/labels/{name}.jpg", f"The label {name}", name) for name in names]
    text = "All labels of one frame of a sequence; [labels](labels.md) defines each."
    return f"## Labels\n\n{text}\n\n{table(pictures)}"


def table(pictures: Sequence[tuple[str, str, str]]) -> str:
    """Return a table of images, given as (file, alternative text, code below the image)."""
    return "\n".join(_rows(pictures)) + "\n"


def _rows(pictures: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    for start in range(0, len(pictures), ACROSS):
        row = pictures[start : start + ACROSS]
        lacking = [""] * (ACROSS - len(row))
        yield _row([*[f"![{text}]({file})" for file, text, _ in row], *lacking])
        if start == 0:
            yield "|" + "---|" * ACROSS
        yield _row([*[f"`{words}`" for _, _, words in row], *lacking])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
