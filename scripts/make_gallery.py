"""Makes docs/gallery.md and its pictures: what single settings do.

python scripts/make_gallery.py FOLDER      renders into FOLDER what is not there yet, then all
python scripts/make_gallery.py --page      the page alone, of pictures that are there
"""

from __future__ import annotations

import argparse
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
    """Pictures that differ in one thing."""

    title: str
    text: str
    words: tuple[str, ...]
    """What all of them share."""
    choices: dict[str, str]
    """Name of a picture to the words that make it different; spaces between them."""


TABLE = ("seed=11", "objects.count_range=[8,8]", "camera.elevation_deg_range=[30,30]")
PARTS = (
    Part(
        "Stages",
        "What [worlds](worlds.md#stages) has 40 scenes of each of.",
        ("seed=4",),
        {
            name: f"scene={name}"
            for name in (
                *("tabletop", "bin", "shelf", "room", "outdoor", "aerial", "flying", "forest"),
            )
        },
    ),
    Part(
        "Light",
        "The same things in the same places: a draw depends on its own key alone, so changing the"
        "\nlight changes nothing else.",
        TABLE,
        {
            name: f"lighting={name}"
            for name in ("hdri", "sky", "sunset", "studio", "indoor", "night")
        },
    ),
    Part(
        "Materials",
        "From what things are made of to domain randomization.",
        (*TABLE, "lighting=studio"),
        {name: f"materials.level={name}" for name in ("realistic", "plausible", "random")},
    ),
    Part(
        "Cameras",
        "Lenses are traced, not warped, and all labels bend with them. Depth of field is in the"
        "\nimage alone.",
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
        "Sensors",
        "Noise, sharpening, compression and colours of cameras. Labels do not change with them.",
        (*TABLE, "lighting=night"),
        {name: f"sensor={name}" for name in ("perfect", "phone", "webcam")},
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="for the datasets")
    parser.add_argument("--page", action="store_true", help="render nothing")
    given = parser.parse_args()
    if given.folder is None and not given.page:
        parser.error("expected a folder for the datasets, or --page")
    for part in () if given.page else PARTS:
        for name in part.choices:
            if code := render(part, name, given.folder):
                return code
    (DOCS / "gallery.md").write_text(page(), encoding="utf-8")
    total = sum(path.stat().st_size for path in FOLDER.glob("*.jpg"))
    print(f"{FOLDER}: {total / 1000:.0f} kB")
    return 0


def render(part: Part, name: str, folder: Path) -> int:
    """One picture. Returns the exit code of the run."""
    dataset = folder / file_name(part, name)
    words = (*COMMON, *part.words, *part.choices[name].split())
    if code := cli.main(["generate", *words, f"output.dir={dataset}"]):
        return code
    image = Image.fromarray(simgen.open(dataset)[0].rgb)
    save_within(image, FOLDER / f"{file_name(part, name)}.jpg", WIDTH, BYTES)
    return 0


def file_name(part: Part, name: str) -> str:
    return f"{part.title.lower().replace(' ', '-')}-{name}"


def page() -> str:
    """The whole page."""
    return (
        "# Gallery\n\n"
        "<!-- Made by scripts/make_gallery.py. What is changed here is lost. -->\n\n"
        "What single settings do. Every picture is all that one command made: the one above its\n"
        "table, with the words below the picture in place of the dots.\n\n"
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
    """The pictures that the page of labels has anyway."""
    names = drawable(LABELS)
    pictures = [(f"images/labels/{name}.jpg", f"The label {name}", name) for name in names]
    text = "Of one frame of a sequence; [labels](labels.md) says what each one means."
    return f"## Labels\n\n{text}\n\n{table(pictures)}"


def table(pictures: Sequence[tuple[str, str, str]]) -> str:
    """Pictures (file, what it shows, code below it) side by side."""
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
