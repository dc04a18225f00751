"""Common base of COCO files: lists of categories, images and annotations."""

from __future__ import annotations

import json
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self, TextIO

from simgen import __version__
from simgen.dataset import files
from simgen.dataset.remote import AnyPath
from simgen.formats.items import Item


class Lists(ABC):
    """A file that is written in one pass; a context manager that puts it at `path` on exit.

    scratch: folder for temporary files, on the file system of `path`.
    """

    def __init__(self, path: AnyPath, scratch: Path) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self._path, self._scratch = path, scratch
        self._images, self._annotations = (
            tempfile.TemporaryFile("w+", encoding="utf-8", dir=scratch)  # noqa: SIM115
            for _ in range(2)
        )
        self._separator = "\n"

    @abstractmethod
    def _categories(self) -> list[dict[str, Any]]:
        """Return the categories; called after the last image."""

    def _lines(self) -> Iterable[str]:
        """Return the annotations, one line each."""
        return self._annotations

    def _add_image(self, item: Item, file_name: str) -> None:
        entry = {
            "id": item.image_id,
            "file_name": file_name,
            "width": item.width,
            "height": item.height,
        }
        self._images.write(self._separator + json.dumps(entry, allow_nan=False))
        self._separator = ",\n"

    def _add_annotation(self, plain: dict[str, Any]) -> None:
        self._annotations.write(json.dumps(plain, allow_nan=False) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._images, self._annotations:
            if kind is not None:
                return
            with (
                files.replacing(self._path, self._scratch) as temporary,
                temporary.open("w", encoding="utf-8") as output,
            ):
                self._write(output)

    def _write(self, output: TextIO) -> None:
        info = {"description": "made with simgen", "version": __version__}
        output.write(f'{{"info": {json.dumps(info)},\n"licenses": [],\n')
        output.write(f'"categories": {json.dumps(self._categories())},\n"images": [')
        self._images.seek(0)
        shutil.copyfileobj(self._images, output)
        output.write('\n],\n"annotations": [')
        self._annotations.seek(0)
        for number, line in enumerate(self._lines()):
            output.write(",\n" if number else "\n")
            output.write(line.rstrip("\n"))
        output.write("\n]}\n")
