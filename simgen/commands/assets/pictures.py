"""Thumbnails of the assets in a catalogue, and sheets of thumbnails."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageDraw

from simgen.assets import sandboxed
from simgen.assets.entries import Entry
from simgen.errors import AssetError
from simgen.report.lettering import lettering
from simgen.runs.progress import Tell

FOLDER = ".thumbnails"
"""Within the asset folder; hidden, so that it is not mistaken for a class."""
_BATCH = 8
"""Number of assets per process, whose start takes as long as one or two of them."""
_MOST_AT_ONCE = 8
"""Maximum number of processes, of about half a gigabyte each."""
_CELL, _CAPTION = 160, 30
_PAPER, _INK, _GREY = (255, 255, 255), (20, 20, 20), (150, 150, 150)


def thumbnail(folder: Path, entry: Entry) -> Path:
    """Return the path of an entry's thumbnail, which depends on the content of its file."""
    name = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in entry.id)
    return folder / FOLDER / f"{name[:80]}-{entry.sha256[:8] or 'any'}.png"


def missing(folder: Path, wanted: Sequence[Entry]) -> list[Entry]:
    """Return the entries without a thumbnail."""
    return [entry for entry in wanted if not thumbnail(folder, entry).is_file()]


def render(folder: Path, wanted: Sequence[Entry], tell: Tell) -> dict[str, str]:
    """Render missing thumbnails in several processes; return the reason of each failure by id.

    tell: progress callback. On interruption, batches in progress are finished first.
    """
    left = missing(folder, wanted)
    failed: dict[str, str] = {}
    (folder / FOLDER).mkdir(exist_ok=True)
    at_once = max(1, min(_MOST_AT_ONCE, os.process_cpu_count() or 1, len(left) // _BATCH))
    threads = max(1, (os.process_cpu_count() or 1) // at_once)
    batches = [left[start : start + _BATCH] for start in range(0, len(left), _BATCH)]
    done = 0
    tell(done, len(left))
    with ThreadPoolExecutor(at_once) as pool:
        try:
            futures = [pool.submit(_batch, folder, batch, failed, threads) for batch in batches]
            for batch, future in zip(batches, futures, strict=True):
                future.result()
                done += len(batch)
                tell(done, len(left))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return failed


def _batch(folder: Path, batch: Sequence[Entry], failed: dict[str, str], threads: int) -> None:
    """Render a batch in one process. If it crashes, skip the asset at fault and continue."""
    left = list(batch)
    while left:
        names = {entry.id: f"{number}.png" for number, entry in enumerate(left)}
        bounds = sandboxed.Bounds(seconds=60.0 + 20.0 * len(left))
        job = {"folder": str(folder), "assets": names, "threads": threads}
        died = ""
        with sandboxed.work_folder() as work:
            try:
                answer = sandboxed.run("thumbnails", job, [folder], work, bounds)
            except AssetError as error:
                died, answer = str(error), {}
            made = {entry.id for entry in left if _take(folder, entry, work / names[entry.id])}
        reasons = answer.get("failed", {})
        failed.update({name: str(reason) for name, reason in reasons.items() if name in names})
        left = [entry for entry in left if entry.id not in made and entry.id not in reasons]
        if left:  # assets are rendered in order, so the first missing one is at fault
            failed[left[0].id] = died or "Blender made no picture"
            left = left[1:] if died else []


def _take(folder: Path, entry: Entry, picture: Path) -> bool:
    if not picture.is_file() or picture.is_symlink() or picture.stat().st_size == 0:
        return False
    target = thumbnail(folder, entry)
    new = target.with_suffix(f".{os.getpid()}.new")
    shutil.copyfile(picture, new)
    new.replace(target)  # a truncated thumbnail would never be rendered again
    return True


def sheet(folder: Path, entries: Sequence[Entry], columns: int = 8) -> Image.Image:
    """Compose a sheet of thumbnails, with class and id below each."""
    columns = max(1, min(columns, len(entries)))
    rows = -(-len(entries) // columns)
    page = Image.new("RGB", (columns * _CELL, max(1, rows) * (_CELL + _CAPTION)), _PAPER)
    pen = ImageDraw.Draw(page)
    for number, entry in enumerate(entries):
        x, y = number % columns * _CELL, number // columns * (_CELL + _CAPTION)
        picture = thumbnail(folder, entry)
        if picture.is_file():
            with Image.open(picture) as image:
                page.paste(image.convert("RGB").resize((_CELL, _CELL)), (x, y))
        else:
            pen.rectangle((x + 4, y + 4, x + _CELL - 4, y + _CELL - 4), outline=_GREY)
            pen.text((x + 12, y + 12), "no picture", _GREY)
        caption = ((entry.class_name, 2, _INK), (entry.name or entry.id, 15, _GREY))
        for text, below, colour in caption:
            font, drawn = lettering(text[:25], 10, f"number {number + 1}")
            pen.text((x + 4, y + _CELL + below), drawn, colour, font)
    return page
