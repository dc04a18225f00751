"""Checks of WebDataset: samples in tar files. https://github.com/webdataset/webdataset"""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from simgen.dataset.remote import AnyPath
from simgen.formats.findings import At, Finding, finding
from simgen.formats.items import SUFFIXES
from simgen.formats.reading import images
from simgen.formats.reading.text_file import named
from simgen.formats.validate import pictures
from simgen.formats.validate.kind import Kind, Part, Work, files_to_check, local_files, subsample
from simgen.formats.validate.seen import Seen

_FOLDERS = ("", "*/")
_LARGEST_MEMBER = 512_000_000
_LARGEST_SHARD = 2_000_000_000


def looks_like(path: AnyPath) -> bool:
    return any(True for _ in local_files(path, ".tar", *_FOLDERS))


def work(path: AnyPath, sample: int) -> Work:
    root, shards = files_to_check(path, "shards", ".tar", *_FOLDERS)
    parts = [Part(check_shard, (root, shard)) for shard in subsample(shards, sample)]
    return Work(Seen(), parts, len(parts), _last)


def check_shard(root: Path, path: Path) -> Seen:
    name = named(path, root)
    seen = Seen()
    size = path.stat().st_size
    if size > _LARGEST_SHARD:
        at = At(name)
        seen.findings.append(at("webdataset/shard-size", f"{size / 1e9:.1f} GB", "at most 2 GB"))
    split = path.parent.name if path.parent != root else path.name.split("-")[0]
    samples: dict[str, set[str]] = {}
    last = ""
    try:
        with tarfile.open(path, "r|") as tar:
            for member in tar:
                if member.isdir():
                    continue
                wrong = _member(member)
                if wrong:
                    seen.findings.append(
                        finding("webdataset/member", name, member.name, wrong, "key.extension")
                    )
                    continue
                key, extension = _split(member.name)
                members = samples.setdefault(key, set())
                if extension in members or (members and key != last):
                    twice = extension in members
                    found = f"duplicate {extension}" if twice else "other keys in between"
                    wanted = "adjacent members of a sample"
                    seen.findings.append(
                        finding("webdataset/adjacent", name, member.name, found, wanted)
                    )
                members.add(extension)
                last = key
                file = tar.extractfile(member)
                content = file.read() if file is not None else b""
                seen.add(_content(content, name, member.name, split))
    except (tarfile.TarError, OSError, EOFError, ValueError, ArithmeticError) as problem:
        seen.findings.append(
            finding("webdataset/tar", name, "", f"{type(problem).__name__}: {problem}", "a tar")
        )
    seen.findings += _missing(name, samples)
    seen.images = len(samples)
    seen.facts.append((name, sorted(samples)))
    return seen


def _split(name: str) -> tuple[str, str]:
    folder, _, base = name.rpartition("/")
    key, _, extension = base.partition(".")
    return f"{folder}/{key}" if folder else key, extension


def _member(member: tarfile.TarInfo) -> str:
    """Return the defect of a member, or an empty text."""
    if not member.isfile():
        return "a link or device"
    if not images.inside(member.name):
        return "a name outside the folder"
    if not all(_split(member.name)):
        return "a name without key or extension"
    if member.size > _LARGEST_MEMBER:
        return f"{member.size} bytes"
    return ""


def _content(content: bytes, shard: str, name: str, split: str) -> Seen:
    seen = Seen()
    if name.endswith(".json"):
        try:
            json.loads(content)
        except (ValueError, RecursionError) as problem:
            seen.findings.append(finding("json/damaged", shard, name, str(problem), "JSON"))
    elif name.lower().endswith(SUFFIXES):
        found = pictures.look_at(content, f"{shard}/{name}", split)
        # `key.png` is the image; other names, such as `key.depth.png`, are labels.
        plain = "." not in _split(name)[1]
        return found if plain or not found.pictures else seen
    return seen


def _missing(name: str, samples: dict[str, set[str]]) -> Iterator[Finding]:
    counts = Counter(extension for members in samples.values() for extension in members)
    usual = {extension for extension, count in counts.items() if count >= 0.99 * len(samples)}
    # In a small shard, one percent of the samples is less than one sample.
    if 3 <= len(samples) < 100:
        usual = {e for e, count in counts.items() if count >= len(samples) - 1}
    for key, members in samples.items():
        for extension in sorted(usual - members):
            found = f"no {extension}"
            wanted = "the members of other samples"
            yield finding("webdataset/missing-member", name, key, found, wanted)


def _last(seen: Seen) -> list[Finding]:
    found = [*pictures.duplicates(seen.pictures)]
    shard_of: dict[str, str] = {}
    for name, keys in seen.facts:
        for key in keys:
            other = shard_of.setdefault(key, name)
            if other != name:
                at = At(name, key)
                found.append(at("webdataset/adjacent", f"a key also in {other}", "one shard"))
    return found


KIND = Kind("webdataset", looks_like, work)
