"""What kind of dataset lies at a path."""

from __future__ import annotations

import importlib

from simgen.errors import InputError
from simgen.formats.validate.kind import Kind
from simgen.store import remote
from simgen.store.remote import AnyPath

_KINDS = {
    "simgen": "native.check:SIMGEN",
    "voc": "voc.check:VOC",
    "cityscapes": "cityscapes.check:CITYSCAPES",
    "huggingface": "huggingface.check:HUGGINGFACE",
    "nerf": "nerf.check:NERF",
    "tapvid": "tapvid.check:TAPVID",
    "yolo": "yolo.check:YOLO",
    "kitti": "kitti.check:KITTI",
    "bop": "bop.check:BOP",
    "coco": "coco.check:COCO",
    "flow": "flow.check:FLOW",
    "webdataset": "webdataset.check:WEBDATASET",
}
"""In the order in which they are tried."""


def kind_names() -> tuple[str, ...]:
    return tuple(_KINDS)


def kind_of(name: str) -> Kind:
    """Raises `InputError` for a name that is not there."""
    if name not in _KINDS:
        raise InputError(f"--format {name}: expected one of {', '.join(_KINDS)}")
    module, attribute = _KINDS[name].split(":")
    found = getattr(importlib.import_module(f"simgen.formats.{module}"), attribute)
    assert isinstance(found, Kind)
    return found


def detect(path: AnyPath) -> Kind:
    """Raises `InputError` where nothing is that can be told."""
    if not remote.is_remote(path) and not path.exists():
        raise InputError(f"{path}: no such folder or file")
    for name in _KINDS:
        kind = kind_of(name)
        if kind.looks_like(path):
            return kind
    raise InputError(
        f"{path}: not a dataset of a known kind; say which with --format {'|'.join(_KINDS)}"
    )
