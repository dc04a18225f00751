"""The files of one scene in a view, rewritten if their sources have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from simgen.dataset import layout, remote
from simgen.dataset.layout import Layout, frame_file, scene_name
from simgen.dataset.remote import AnyPath
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.labels.registry import LABELS
from simgen.viewer.arrays import array_files, arrays_name, arrays_script
from simgen.viewer.findings import FindingJson
from simgen.viewer.packing import is_script, script
from simgen.viewer.paths import ViewPaths, frame_name, keep_only, make_folder, names, write
from simgen.viewer.pictures import (
    measured,
    picture,
    placeholder,
    shown_label,
    thumbnail,
    write_picture,
)
from simgen.viewer.records import read_scene
from simgen.viewer.scene_data import (
    Measured,
    Packed,
    Plain,
    Recorded,
    Scene,
    read_cached,
    write_cached,
)
from simgen.viewer.unreadable import attempted, damage_finding

_VERSION = "3"
"""Increase this when the same dataset would result in different files."""

_MOST_BYTES = 512_000_000
"""Maximum size of an existing script that is kept."""


@dataclass(frozen=True)
class Settings:
    """What all scenes of a view have in common.

    root: of the dataset. frames: per scene. size: width and height of images, pixels. labels: of
    the dataset. out: folder of the view. arrays: whether frames get arrays, for overlays and the
    pixel probe. images: whether images are copied into the view, which makes it independent of the
    dataset.
    """

    root: AnyPath
    frames: int
    size: tuple[int, int]
    labels: tuple[str, ...]
    out: Path
    arrays: bool
    images: bool


@dataclass(frozen=True)
class Task:
    """A scene, and the validator's findings by frame."""

    scene: int
    split: str
    findings: Mapping[int, Sequence[FindingJson]] = field(default_factory=dict)


def make_scenes(settings: Settings, tasks: Sequence[Task]) -> list[Scene]:
    """Write the missing or outdated files of some scenes. Returns the cached data of each scene.

    Raises `OSError` if the view cannot be written; unreadable files of the dataset are reported in
    the data.
    """
    return [make_scene(settings, task) for task in tasks]


def make_scene(settings: Settings, task: Task) -> Scene:
    folder = Layout(settings.root).scene(task.scene)
    samples = [
        Sample(folder, task.scene, frame, settings.frames, settings.labels, task.split)
        for frame in range(settings.frames)
    ]
    fingerprints, paths = Fingerprints(samples), ViewPaths(settings.out)
    cached = paths.cached(task.scene)
    known = read_cached(cached, task.scene)
    pictures = _pictures(settings, paths, samples, fingerprints, known)
    arrays = Packed("", [""] * len(samples))
    if settings.arrays:
        arrays = _arrays(paths, samples, fingerprints, known)
    damage = [
        [damage_finding(what, line) for what, line in (("picture", one), ("maps", other)) if line]
        for one, other in zip(pictures.damage, arrays.damage, strict=True)
    ]
    records = _records(paths, samples, fingerprints, task, known, damage)
    scene = Scene(task.scene, pictures, records, arrays)
    if scene != known:
        write_cached(cached, scene)
    return scene


def _pictures(
    settings: Settings,
    paths: ViewPaths,
    samples: Sequence[Sample],
    fingerprints: Fingerprints,
    known: Scene | None,
) -> Measured:
    label = shown_label(samples[0].labels)
    stamp = fingerprints.of([LABELS[label].suffix if label else layout.RECORD], label)
    name = scene_name(samples[0].scene)
    thumbs, images = paths.thumbs / name, paths.images / name
    exist = _all_exist(thumbs, samples, "jpg")
    if exist and known is not None and known.pictures.stamp == stamp:
        readable = [s for s, line in zip(samples, known.pictures.damage, strict=True) if not line]
        if not settings.images or _all_exist(images, readable, "png"):
            return known.pictures
    make_folder(thumbs)
    made = [_picture(settings, sample, label, thumbs, images) for sample in samples]
    keep_only(thumbs, [frame_name(sample.frame, "jpg") for sample in samples])
    keep_only(images, [frame_name(sample.frame, "png") for sample in samples])
    return Measured(stamp, [values for values, _ in made], [damage for _, damage in made])


def _picture(
    settings: Settings, sample: Sample, label: str, thumbs: Path, images: Path
) -> tuple[Plain, str]:
    """Write the files of an image. Returns its measures, and its damage in one line."""
    path = sample.path(label or "camera")
    image, damage = attempted(partial(picture, sample, label), None, path, settings.root)
    name = frame_name(sample.frame, "png")
    write(
        thumbs / frame_name(sample.frame, "jpg"),
        thumbnail(placeholder(settings.size) if image is None else image),
    )
    if image is None:
        (images / name).unlink(missing_ok=True)
        return {}, damage
    if settings.images:
        write_picture(sample, image, label, images)
    return measured(image, label), ""


def _records(
    paths: ViewPaths,
    samples: Sequence[Sample],
    fingerprints: Fingerprints,
    task: Task,
    known: Scene | None,
    damage: Sequence[Sequence[FindingJson]],
) -> Recorded:
    """Write the script of a scene's records. damage: of files other than records, by frame."""
    reported = orjson.dumps([sorted(task.findings.items()), damage]).decode()
    stamp = fingerprints.of([layout.RECORD], reported, samples[0].split)
    path = paths.scene(task.scene)
    if known is not None and known.records.stamp == stamp and is_ours(path, f"scene:{task.scene}"):
        return known.records
    findings = {
        sample.frame: [*lines, *task.findings.get(sample.frame, ())]
        for sample, lines in zip(samples, damage, strict=True)
    }
    payload, recorded = read_scene(samples, findings, stamp)
    write(path, script(f"scene:{task.scene}", payload))
    return recorded


def _arrays(
    paths: ViewPaths, samples: Sequence[Sample], fingerprints: Fingerprints, known: Scene | None
) -> Packed:
    stamp = fingerprints.of(array_files(samples[0]))
    folder = paths.arrays / scene_name(samples[0].scene)
    files = [folder / frame_name(sample.frame, "js") for sample in samples]
    if known is not None and known.arrays.stamp == stamp:
        pairs = zip(files, samples, strict=True)
        if all(is_ours(file, arrays_name(sample)) for file, sample in pairs):
            return known.arrays
    make_folder(folder)
    damage = []
    for file, sample in zip(files, samples, strict=True):
        content, line = arrays_script(sample)
        write(file, content)
        damage.append(line)
    keep_only(folder, [file.name for file in files])
    return Packed(stamp, damage)


def is_ours(path: Path, name: str) -> bool:
    """Whether a script of a view can be kept. A view that came with a dataset may contain any
    script, and claim that nothing has changed."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return False
    return is_script(path.read_bytes(), name)


def _all_exist(folder: Path, samples: Sequence[Sample], suffix: str) -> bool:
    existing = names(folder)
    return all(frame_name(sample.frame, suffix) in existing for sample in samples)


class Fingerprints:
    """Digests of the state of a scene's files: their sizes and modification times, or, in object
    storage, the digests in the scene's marker."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._frames = [sample.frame for sample in samples]
        self._of = _of_files(samples[0].folder)

    def of(self, suffixes: Sequence[str], *more: str) -> str:
        """Return the digest of all frames' files with some suffixes, of the spec, and of further
        strings."""
        files = [frame_file(frame, suffix) for frame in self._frames for suffix in suffixes]
        parts = [_VERSION, *more, *(f"{name} {self._of(name)}" for name in (layout.SPEC, *files))]
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _of_files(folder: AnyPath) -> Callable[[str], str]:
    if remote.is_remote(folder):
        marker = Layout(folder.parent.parent).marker(int(folder.name))
        if remote.size(marker) < 0:  # not uploaded by simgen
            return lambda name: str(remote.size(folder / name))
        digests = _marked(marker)
        return lambda name: digests.get(name, "")
    return lambda name: _of_file(Path(str(folder)) / name)


def _marked(marker: AnyPath) -> dict[str, str]:
    """Return the SHA-256 of each file of a scene in object storage, by name."""
    try:
        described: dict[str, Any] = orjson.loads(remote.read_bytes(marker))["files"]
        return {name: str(file["sha256"]) for name, file in described.items()}
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise InputError(f"{marker}: damaged; expected a list of a scene's files") from error


def _of_file(path: Path) -> str:
    try:
        status = path.stat()
    except FileNotFoundError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"
