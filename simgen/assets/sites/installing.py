"""Puts downloaded textures and HDRIs into folders that runs can use, and records their origin."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simgen.assets import archives, hdris, installed, texture_sets
from simgen.assets.candidate import Candidate
from simgen.assets.image_folder import image_files
from simgen.assets.layouts.layout import candidate, plain_name
from simgen.assets.sites import ambientcg, polyhaven
from simgen.assets.sites.download import Client
from simgen.assets.sites.item import HDRI, LICENCE, MODEL, TEXTURE, SiteItem
from simgen.errors import AssetError, InputError
from simgen.resources import cache_dir

FOLDERS = {TEXTURE: "textures", HDRI: "hdris"}
"""Sub-folders of the target by kind; models become assets."""
_IMAGES = (".jpg", ".jpeg", ".png", ".exr")
_MOST_LISTED = 5000
_MAX_LIST_BYTES = 2**20


@dataclass(frozen=True)
class Site:
    """A site. api: the public address of its API."""

    api: str
    find: Callable[[Client, str, str], SiteItem]


SITES = {
    "polyhaven": Site(polyhaven.API, polyhaven.find),
    "ambientcg": Site(ambientcg.API, ambientcg.find),
}


def read_list(path: Path) -> list[str]:
    """Return the ids in a text file, one a line; `#` begins a comment. Raises `InputError`."""
    try:
        if path.stat().st_size > _MAX_LIST_BYTES:
            raise InputError(f"{path}: larger than {_MAX_LIST_BYTES // 2**20} MB")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: cannot be read as text; give a file with one id a line"
        ) from error
    found = [line.split("#", 1)[0].strip() for line in lines]
    ids = list(dict.fromkeys(line for line in found if line))
    if not 0 < len(ids) <= _MOST_LISTED:
        raise InputError(f"{path}: found {len(ids)} ids, expected 1 to {_MOST_LISTED}")
    return ids


def make_client(site: str, api: str | None) -> Client:
    """Return a client of a site, with the cache of this machine. api: another address of its API.

    Raises `InputError` for an address of another kind.
    """
    home = cache_dir()
    cache = Path(tempfile.gettempdir()) / "simgen" if home is None else home
    cache = cache / "downloads" / site
    cache.mkdir(parents=True, exist_ok=True)
    return Client(api or SITES[site].api, cache)


def known(target: Path, site: str, wanted: str) -> installed.Item | None:
    """Return an item that is installed with all of its files unchanged."""
    for name in FOLDERS.values():
        item = installed.read(target / name).get(wanted)
        if item is not None and item.site == site and _is_whole(target / name, item):
            return item
    return None


def _is_whole(folder: Path, item: installed.Item) -> bool:
    try:
        return all(_sha256(folder / name) == digest for name, digest in item.files.items())
    except OSError:
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def install(client: Client, target: Path, site: str, item: SiteItem) -> installed.Item:
    """Download a texture or an HDRI to a sub-folder of `target`, and record it.

    Raises `AssetError` if a file cannot be fetched or used.
    """
    folder = target / FOLDERS[item.kind]
    folder.mkdir(parents=True, exist_ok=True)
    with _fetched(client, item, folder) as work:
        names = _useful(work, item.kind)
        place = folder / item.id
        if place.exists():
            shutil.rmtree(place)
        digests = {}
        for name in names:
            kept = place / Path(name).name
            kept.parent.mkdir(exist_ok=True)
            os.replace(work / name, kept)
            digests[kept.relative_to(folder).as_posix()] = _sha256(kept)
    entry = installed.Item(
        id=item.id,
        site=site,
        kind=item.kind,
        licence=LICENCE,
        source=item.source,
        authors=item.authors,
        width=item.width,
        files=digests,
    )
    installed.write(folder, [*(installed.read(folder) | {item.id: entry}).values()])
    return entry


@contextmanager
def _fetched(client: Client, item: SiteItem, near: Path) -> Iterator[Path]:
    """Yield a temporary folder with the files of an item, archives unpacked. near: a folder of the
    file system in which it is made."""
    with tempfile.TemporaryDirectory(prefix=".new-", dir=near) as name:
        work = Path(name)
        for path, file in item.files.items():
            cached = client.fetch(file)
            if path.lower().endswith(".zip"):
                archives.extract(cached, work)
                continue
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(cached, work / path)
        yield work


def _useful(work: Path, kind: str) -> list[str]:
    """Return the images that are used: the maps of a set, or HDRIs. Raises `AssetError`."""
    if kind == HDRI:
        found = sorted(image_files(work, hdris.SUFFIXES))
        if not found:
            raise AssetError("its archive has no .exr or .hdr file")
        return found[:1]
    sets = texture_sets.group(image_files(work, _IMAGES))
    if len(sets) == 1:
        return [sets[0].color, *sets[0].maps.values()]
    raise AssetError(f"its archive has {len(sets)} texture sets, expected one")


@contextmanager
def model(client: Client, item: SiteItem, near: Path, of_class: str) -> Iterator[Candidate]:
    """Yield a model to import. of_class: its class; if empty, its id without a number."""
    assert item.kind == MODEL
    with _fetched(client, item, near) as work:
        (name,) = [name for name in item.files if "/" not in name and name.endswith(".gltf")]
        plain = of_class or plain_name(re.sub(r"[_-]?\d+$", "", item.id))
        yield candidate(
            work,
            work / name,
            plain,
            item.id,
            source=item.source,
            licence=LICENCE,
            author=", ".join(item.authors),
        )


def checked(names: Sequence[str]) -> list[str]:
    """Return ids without repetitions. Raises `InputError` if there are none."""
    if not names:
        raise InputError(
            "expected ids of items, as in the addresses of their pages, or --list FILE"
        )
    return list(dict.fromkeys(names))
