"""Makes the pictures of the README and the docs from a real run.

python scripts/make_pictures.py            a new run of the quickstart, then the pictures
python scripts/make_pictures.py DATASET    the pictures of a dataset that is there
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

import simgen
from simgen import cli
from simgen.inspect.preview import write_preview

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "images"
WIDTH = 1200


def main() -> int:
    if len(sys.argv) > 1:
        return make(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "dataset"
        return cli.main(["generate", f"output.dir={dataset}"]) or make(dataset)


def make(dataset: Path) -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "preview.png"
        write_preview(simgen.open(dataset), sheet, Path(folder))
        with Image.open(sheet) as image:
            height = round(image.height * WIDTH / image.width)
            small = image.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.save(PICTURES / "preview.jpg", quality=85, optimize=True)
    print(f"{PICTURES / 'preview.jpg'}: {small.width} x {small.height}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
